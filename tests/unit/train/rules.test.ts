import { expect, test } from "vitest";
import type { TrainingConfig } from "../../../schemas/training.ts";
import { trainingRules } from "../../../src/train/rules.ts";
import { training } from "../../../src/train/task.ts";
import { pointsInput, resolved } from "./toy.ts";

const text = {
  data: { kind: "spamAssassin", sequenceLength: 32 },
  tokenizer: { kind: "words" },
  model: {
    kind: "bert",
    numLayers: 1,
    hiddenSize: 8,
    numHeads: 2,
    feedForwardSize: 8,
    contextLength: 32,
  },
  optimizer: { kind: "adamw", learningRate: 0.1 },
  training: { numSteps: 10, batchSize: 8 },
};
const digits = {
  data: { kind: "mnist" },
  model: { kind: "mlp", hiddenSizes: [8] },
  optimizer: { kind: "sgd", learningRate: 0.1 },
  training: { numEpochs: 1, batchSize: 8 },
};

const delimited = { kind: "delimited", path: "reviews.tsv", sequenceLength: 8 };

const characters = {
  data: { kind: "characters", path: "a.txt", sequenceLength: 16 },
  model: {
    kind: "gpt",
    numLayers: 1,
    hiddenSize: 8,
    numHeads: 2,
    feedForwardSize: 16,
    contextLength: 16,
  },
  optimizer: digits.optimizer,
  training: digits.training,
  selection: { metric: "validation.bitsPerCharacter", direction: "min" },
  sampling: {},
} as const;

/** The claims that a config breaks. */
function broken(input: object, task: object = training): readonly string[] {
  const config = resolved<TrainingConfig>(input, task);
  return Object.entries(trainingRules).flatMap(([claim, check]) => (check(config) ? [] : [claim]));
}

test("sound configs break no rule", () => {
  expect(broken(text)).toEqual([]);
  expect(broken(digits)).toEqual([]);
  expect(broken(characters)).toEqual([]);
});

test("a user's data source is not judged by rules about built-in ones", async () => {
  const { toyTask } = await import("./toy.ts");
  expect(broken(pointsInput, toyTask)).toEqual([]);
});

test.each([
  ["a tokenizer is given for text data and for no other", { ...text, tokenizer: undefined }],
  ["a tokenizer is given for text data and for no other", { ...digits, tokenizer: text.tokenizer }],
  [
    "the model reads what the data gives: bert text, gpt characters, mlp and cnn numbers",
    { ...text, model: digits.model },
  ],
  [
    "the model reads what the data gives: bert text, gpt characters, mlp and cnn numbers",
    { ...digits, model: text.model },
  ],
  [
    "data.sequenceLength is at most model.contextLength",
    { ...text, data: { ...text.data, sequenceLength: 33 } },
  ],
  [
    "model.hiddenSize is a multiple of model.numHeads",
    { ...text, model: { ...text.model, numHeads: 3 } },
  ],
  [
    "data.split.validation and data.split.test leave examples to train on",
    { ...digits, data: { ...digits.data, split: { validation: 0.5, test: 0.5 } } },
  ],
  [
    "schedule.warmupSteps is at most training.numSteps",
    { ...text, schedule: { kind: "linear", warmupSteps: 11 } },
  ],
  [
    "training.exponentialMovingAverage.startStep is at most training.numSteps",
    {
      ...text,
      training: { ...text.training, exponentialMovingAverage: { decay: 0.9, startStep: 11 } },
    },
  ],
  [
    "training.gradientCheckpointing needs a model of equal layers: bert or gpt",
    { ...digits, training: { ...digits.training, gradientCheckpointing: true } },
  ],
  [
    "schedule.milestones rise, and the last comes before the last step",
    { ...text, schedule: { kind: "step", milestones: [4, 10] } },
  ],
  [
    "schedule.milestones rise, and the last comes before the last step",
    { ...digits, schedule: { kind: "step", milestones: [4, 4] } },
  ],
  ...[
    { metric: "validation.loss" },
    { metric: "validation.accuracy", direction: "min" },
    { direction: "min" },
    { metric: "validation.precision", direction: "min" },
    { metric: "validation.recall", direction: "min" },
    { metric: "validation.f1", direction: "min" },
    { metric: "validation.f1.loss", direction: "min" },
  ].map((selection): [string, object] => [
    'selection.direction is "min" for validation.loss, .perplexity and .bitsPerCharacter (lower is better), and "max" for accuracy, precision, recall and f1',
    { ...digits, selection },
  ]),
  [
    "selection.metric is validation.loss, .accuracy, .precision, .recall or .f1, or one of the last three with a class; of a text also .perplexity or .bitsPerCharacter",
    { ...digits, selection: { metric: "validation.acuracy" } },
  ],
  [
    'selection.direction is "min" for validation.loss, .perplexity and .bitsPerCharacter (lower is better), and "max" for accuracy, precision, recall and f1',
    { ...characters, selection: { metric: "validation.perplexity" } },
  ],
  [
    "the model reads what the data gives: bert text, gpt characters, mlp and cnn numbers",
    { ...characters, model: digits.model },
  ],
  [
    "the model reads what the data gives: bert text, gpt characters, mlp and cnn numbers",
    { ...digits, model: characters.model },
  ],
  [
    "a tokenizer is given for text data and for no other",
    { ...characters, tokenizer: text.tokenizer },
  ],
  ["sampling is for data.kind=characters and for no other", { ...digits, sampling: {} }],
  [
    "data.sequenceLength is at most model.contextLength",
    { ...characters, data: { ...characters.data, sequenceLength: 17 } },
  ],
  [
    "data.labels names each class once",
    { ...text, data: { ...delimited, labels: ["no", "yes", "yes"] } },
  ],
  [
    "data.columns names a column only where data.header is true",
    { ...text, data: { ...delimited, columns: { text: "review", label: 1 } } },
  ],
  [
    "optimizer.nesterov needs optimizer.momentum above 0",
    { ...digits, optimizer: { ...digits.optimizer, nesterov: true } },
  ],
])("%s (case %#)", (claim, input) => {
  expect(broken(input)).toEqual([claim]);
});

test("the limits themselves are allowed", () => {
  expect(broken({ ...text, schedule: { kind: "linear", warmupSteps: 10 } })).toEqual([]);
  const loss = { metric: "validation.loss", direction: "min" };
  expect(broken({ ...digits, selection: loss })).toEqual([]);
  expect(broken({ ...digits, selection: { metric: "validation.f1.spam" } })).toEqual([]);
  const optimizer = { ...digits.optimizer, nesterov: true, momentum: 0.9 };
  expect(broken({ ...digits, optimizer })).toEqual([]);
  const data = { ...digits.data, split: { validation: 0.5, test: 0.4 } };
  expect(broken({ ...digits, data })).toEqual([]);
});

/** Using what a run trained: the same figures and predictions, bit for bit, and clear words where things do not fit. */
import { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import type { TrainedModel } from "../../../src/core/trained-model.ts";
import { isExpError } from "../../../src/core/errors.ts";
import {
  eventsOf,
  pointsInput,
  resultOf,
  runToy,
  sentencesInput,
  type FinishedToy,
  type RunOptions,
} from "./toy.ts";

/** What a run left: its best checkpoint and its artifact. */
function trainedBy(run: FinishedToy): TrainedModel {
  const best = eventsOf(run, "checkpoint").findLast(({ names }) => names.includes("best"));
  const artifacts = eventsOf(run, "artifact").map(({ name, json }) => [name, json]);
  return {
    name: "1234abcd",
    tensors: best?.tensors ?? new Map(),
    step: best?.step,
    // As it is read from the file.
    artifacts: JSON.parse(JSON.stringify(Object.fromEntries(artifacts))) as never,
    artifactFolder: "/runs/1234abcd/model",
  };
}

function measure(input: object, options: RunOptions): Promise<FinishedToy> {
  return runToy({ mode: "evaluate", checkpoint: "1234abcd", ...input }, options);
}

/** Its batch norm has running statistics, which each of the two passes of a step moves. */
const imagesInput = {
  ...pointsInput,
  model: {
    kind: "cnn",
    image: { height: 1, width: 2 },
    stages: [{ channels: 3, pooling: "none" }],
  },
  training: { numEpochs: 2, batchSize: 4, gradientAccumulationSteps: 2 },
};

test.each([
  ["text", sentencesInput],
  ["numbers", pointsInput],
  ["images", imagesInput],
])("an evaluation of %s repeats what training said, bit for bit", async (_name, input) => {
  const run = await runToy(input, { backend: "wasm" });
  const trained = trainedBy(run);
  const before = memory().numTensors;
  const evaluation = await measure(input, { backend: "wasm", trained });
  expect(resultOf(evaluation).metrics).toEqual(resultOf(run).metrics);
  expect(eventsOf(evaluation, "predictions")).toEqual(eventsOf(run, "predictions"));
  expect(resultOf(evaluation).step).toBe(trained.step);
  expect(resultOf(evaluation).weightsDigest).toBeUndefined();
  expect(resultOf(evaluation).details["test"]).toEqual(resultOf(run).details["test"]);
  expect(memory().numTensors).toBe(before);
  // Another size of the batches is another computation of the same figures.
  const training = { numSteps: 1, batchSize: 5 };
  const other = await measure({ ...input, training }, { backend: "wasm", trained });
  expect(eventsOf(other, "predictions")).toEqual(eventsOf(run, "predictions"));
});

test("without a file of its own, a prediction takes the test part and measures nothing", async () => {
  const run = await runToy(sentencesInput);
  const trained = trainedBy(run);
  const prediction = await measure({ ...sentencesInput, mode: "predict" }, { trained });
  expect(eventsOf(prediction, "predictions")).toEqual(eventsOf(run, "predictions"));
  expect(resultOf(prediction).metrics).toEqual({});
});

test("the vocabulary and the classes are the checkpoint's, whatever the data would give", async () => {
  const run = await runToy(sentencesInput);
  const trained = trainedBy(run);
  const artifact = trained.artifacts["training"] ?? {};
  const input = artifact["input"] as { vocabulary: string[] };
  expect(input.vocabulary.slice(0, 3)).toEqual(["[PAD]", "[UNK]", "[CLS]"]);
  // More to train on, and nothing measured that was trained on: the vocabulary of this data would be a larger one.
  const data = { kind: "sentences", split: { validation: 0.1, test: 0.1, seed: 0 } };
  const evaluation = await measure({ ...sentencesInput, data }, { trained });
  const [ready] = eventsOf(evaluation, "ready");
  expect(ready?.facts["text"]).toMatchObject({ vocabSize: input.vocabulary.length });
});

test("what was trained on is never measured: the split's fields are named with both values", async () => {
  const trained = trainedBy(await runToy(sentencesInput));
  const data = { kind: "sentences", split: { validation: 0.25, test: 0.3, seed: 7 } };
  for (const mode of ["evaluate", "predict"]) {
    const { error } = await measure({ ...sentencesInput, data, mode }, { trained });
    if (!isExpError(error)) throw error;
    expect(error.message).toMatch(
      /^The checkpoint 1234abcd was trained on \d+ of \d+ validation examples and \d+ of \d+ test examples of this config\.$/u,
    );
    expect(error.issues).toEqual([
      {
        path: ["data", "split", "test"],
        message: "the checkpoint was trained with 0.25",
        value: "0.3",
      },
      { path: ["data", "split", "seed"], message: "the checkpoint was trained with 0", value: "7" },
    ]);
  }
});

test("a run that did not keep what it trained on cannot be measured", async () => {
  const trained = trainedBy(await runToy(pointsInput));
  const { trainedOn: _, ...training } = trained.artifacts["training"] ?? {};
  const { error } = await measure(pointsInput, {
    trained: { ...trained, artifacts: { training } },
  });
  expect(error).toMatchObject({ code: "data" });
  expect(String(error)).toContain("does not say which examples it was trained on");
});

test("a checkpoint of another model is refused with its first wrong tensor and the field that differs", async () => {
  const trained = trainedBy(await runToy(pointsInput));
  const model = { ...pointsInput.model, hiddenSizes: [5] };
  const { error } = await measure({ ...pointsInput, model }, { trained });
  if (!isExpError(error)) throw error;
  expect(error.code).toBe("config");
  expect(error.message).toBe(
    "The checkpoint 1234abcd is not one of this config's model. Its tensor layers.0.weight is F32 [4, 2]; " +
      "the config's model mlp has it as F32 [5, 2].",
  );
  expect(error.issues).toEqual([
    {
      path: ["model", "hiddenSizes"],
      message: "the checkpoint was trained with [4]",
      value: "[5]",
    },
  ]);
});

test("what the shapes do not show is refused by its field", async () => {
  const trained = trainedBy(await runToy(sentencesInput));
  const changes = {
    model: { ...sentencesInput.model, normalization: "pre" },
    tokenizer: { kind: "words", lowercase: false },
  };
  const { error } = await measure({ ...sentencesInput, ...changes }, { trained });
  if (!isExpError(error)) throw error;
  expect(error.issues.map(({ path }) => path.join("."))).toEqual([
    "model.normalization",
    "tokenizer.lowercase",
  ]);
});

test("a lost or strange tensor is named", async () => {
  const trained = trainedBy(await runToy(pointsInput));
  const lacking = new Map([...trained.tensors].filter(([name]) => name !== "layers.1.bias"));
  const { error } = await measure(pointsInput, { trained: { ...trained, tensors: lacking } });
  expect(String(error)).toContain("It has no tensor layers.1.bias; the config's model mlp has it");
  const values = new Float32Array(2);
  const more = new Map(trained.tensors).set("extra", { dtype: "F32", shape: [2], values });
  const second = await measure(pointsInput, { trained: { ...trained, tensors: more } });
  expect(String(second.error)).toContain("Its tensor extra, F32 [2], is unknown");
});

test.each([
  [{}, "lies without its run", "data"],
  [{ training: { format: "lockstep/model/2" } }, "its format is not lockstep/model/1", "store"],
  [{ training: { format: "lockstep/model/1", labels: ["a"] } }, "no list of names", "store"],
  [
    {
      training: {
        format: "lockstep/model/1",
        labels: ["a", "b"],
        model: {},
        input: { kind: "features", numFeatures: -1 },
      },
    },
    "its input is not that of a model",
    "store",
  ],
])("an artifact that is missing or damaged is told: %j", async (artifacts, message, code) => {
  const trained: TrainedModel = { ...trainedBy(await runToy(pointsInput)), artifacts };
  const { error } = await measure(pointsInput, { trained });
  expect(error).toMatchObject({ code });
  expect(String(error)).toContain(message);
});

test("a config without its model is refused before anything is loaded", async () => {
  const { error } = await measure(pointsInput, {});
  expect(error).toMatchObject({ code: "config", issues: [{ path: ["checkpoint"] }] });
});

test("an abort ends an evaluation between two pieces", async () => {
  const trained = trainedBy(await runToy(pointsInput));
  const controller = new AbortController();
  const onEvent = (event: { kind: string }): void => {
    if (event.kind === "progress") controller.abort();
  };
  const { error } = await measure(pointsInput, { trained, signal: controller.signal, onEvent });
  expect(error).toMatchObject({ code: "interrupted" });
});

/** Every option of a training changes what it is there to change, and nothing that comes before. */
import { expect, test } from "vitest";
import { createStreams } from "../../../src/random/streams.ts";
import { planBatches, wholeBatch } from "../../../src/train/batches.ts";
import { batchExamples } from "../../../src/train/data-order.ts";
import {
  eventsOf,
  metricsOf,
  pointsInput,
  resultOf,
  runToy,
  sentencesInput,
  traceOf,
  type FinishedToy,
} from "./toy.ts";

/** What two runs are compared by. "First" is the first step, which starts from equal weights unless they change. */
function aspectsOf(run: FinishedToy) {
  const result = resultOf(run); // throws what the run threw
  const [header] = eventsOf(run, "trace");
  const [firstRow] = traceOf(run);
  const names = (header?.row["tensors"] ?? []) as readonly string[];
  const checksums = (firstRow?.["checksums"] ?? []) as readonly string[];
  const firstOf = (isWanted: (name: string) => boolean): readonly string[] =>
    names.flatMap((name, index) => (isWanted(name) ? [`${name} ${checksums[index]}`] : []));
  const column = (name: string) => traceOf(run).map((row) => row[name]);
  return {
    tested: eventsOf(run, "predictions").flatMap(({ rows }) => rows.map((row) => row["example"])),
    batches: column("batch"),
    rates: column("learningRate"),
    firstLoss: firstRow?.["loss"],
    firstGradients: [
      firstRow?.["gradientNorm"],
      ...firstOf((name) => name.startsWith("gradient/")),
    ],
    firstWeights: firstOf((name) => !name.includes("/")),
    weights: result.weightsDigest,
    evaluations: eventsOf(run, "metrics").map(({ step }) => step),
    best: result.details["best"],
    end: [result.step, result.details["stoppedEarly"]],
    saved: eventsOf(run, "checkpoint").map(({ names: saved, keep }) => [saved, keep]),
    logged: eventsOf(run, "log").filter(({ text }) => text.startsWith("step ")).length,
  };
}

type Aspect = keyof ReturnType<typeof aspectsOf>;

/** A config with values put at dotted paths. */
function changed(input: object, values: Readonly<Record<string, unknown>>): object {
  const copy = structuredClone(input) as Record<string, unknown>;
  for (const [path, value] of Object.entries(values)) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let place = copy;
    for (const key of keys) place = (place[key] ??= {}) as Record<string, unknown>;
    if (value === undefined) delete place[last];
    else place[last] = value;
  }
  return copy;
}

const aspects = new Map<string, Promise<ReturnType<typeof aspectsOf>>>();

/** Of a config, run once. */
function aspectsOfInput(input: object): Promise<ReturnType<typeof aspectsOf>> {
  const key = JSON.stringify(input);
  const known = aspects.get(key);
  if (known !== undefined) return known;
  const made = runToy(input).then(aspectsOf);
  aspects.set(key, made);
  return made;
}

async function differences(input: object, values: Readonly<Record<string, unknown>>) {
  const [before, after] = [
    await aspectsOfInput(input),
    await aspectsOfInput(changed(input, values)),
  ];
  return (Object.keys(before) as Aspect[]).filter(
    (aspect) => JSON.stringify(before[aspect]) !== JSON.stringify(after[aspect]),
  );
}

/** Four epochs of five steps, each with an evaluation; the loss falls from one to the next. */
const mlp = changed(pointsInput, {
  optimizer: { kind: "sgd", learningRate: 0.1, momentum: 0.5 },
  "model.dropoutRate": 0.1,
  training: { numEpochs: 4, batchSize: 8 },
  selection: { metric: "validation.loss", direction: "min" },
});
const adamw = changed(mlp, { optimizer: { kind: "adamw", learningRate: 0.01, weightDecay: 0.1 } });
const adam = changed(mlp, { optimizer: { kind: "adam", learningRate: 0.01, l2Penalty: 0.1 } });
const lion = changed(mlp, { optimizer: { kind: "lion", learningRate: 0.01, weightDecay: 0.1 } });
const averaged = changed(mlp, { "training.exponentialMovingAverage": { decay: 0.5 } });
const cosine = changed(mlp, { schedule: { kind: "cosine" } });
/** No improvement is ever large enough. */
const patient = changed(mlp, { "training.earlyStopping": { patience: 2, minDelta: 10 } });
const numbered = changed(mlp, { "checkpointing.interval": 5 });
const texts = changed(sentencesInput, { "training.evaluationInterval": 1 });

/** What follows: the first update, what it is made of, and all that comes after. `best` moves by its value. */
const update: readonly Aspect[] = ["firstWeights", "weights", "best"];
const loss: readonly Aspect[] = ["firstLoss", "firstGradients", ...update];
const laterUpdates: readonly Aspect[] = ["weights", "best"];
const length: readonly Aspect[] = ["batches", "rates", "weights", "evaluations", "best", "end"];
const ofTexts: readonly Aspect[] = ["firstGradients", "firstWeights", "weights"]; // all evaluations guess alike
const split = { validation: 0.25, test: 0.25, seed: 0 };

type Case = readonly [
  input: object,
  values: Readonly<Record<string, unknown>>,
  expected: readonly Aspect[],
];

const cases: readonly Case[] = [
  [mlp, { "training.numEpochs": 3 }, [...length, "saved", "logged"]],
  [
    mlp,
    { "training.numEpochs": undefined, "training.numSteps": 7 },
    [...length, "saved", "logged"],
  ],
  [mlp, { "training.batchSize": 16 }, [...length, ...loss, "logged"]],
  [mlp, { "training.gradientAccumulationSteps": 2 }, [...length, ...loss, "logged"]],
  [mlp, { "training.maxGradNorm": 0.01 }, update], // gradients are traced as they were before
  [mlp, { "training.maxGradNorm": 1e6 }, []],
  [mlp, { "training.exponentialMovingAverage": { decay: 0.5 } }, ["weights", "best"]],
  [averaged, { "training.exponentialMovingAverage.decay": 0.9 }, ["weights", "best"]],
  [averaged, { "training.exponentialMovingAverage.startStep": 9 }, ["weights", "best"]],
  [mlp, { "training.labelSmoothing": 0.2 }, loss],
  [mlp, { "training.dropLastBatch": true }, [...length, "logged"]],
  [mlp, { "training.evaluationInterval": 4 }, ["evaluations", "saved"]],
  [patient, { "training.earlyStopping.patience": 1 }, [...length, "saved"]],
  [patient, { "training.earlyStopping.minDelta": 0 }, [...length, "saved", "logged"]],
  [mlp, { "selection.direction": "max" }, ["best", "saved"]],
  [mlp, { selection: { metric: "validation.accuracy", direction: "max" } }, ["best", "saved"]],
  [mlp, { schedule: { kind: "constant", warmupSteps: 3 } }, ["rates", ...update]],
  [mlp, { schedule: { kind: "constant", warmupFraction: 0.2 } }, ["rates", ...update]],
  [mlp, { schedule: { kind: "linear" } }, ["rates", ...laterUpdates]],
  [mlp, { schedule: { kind: "cosine" } }, ["rates", ...laterUpdates]],
  [cosine, { "schedule.numCycles": 1 }, ["rates", ...laterUpdates]],
  [cosine, { "schedule.minimumFraction": 0.5 }, ["rates", ...laterUpdates]],
  [mlp, { schedule: { kind: "cosineRestarts", numCycles: 2 } }, ["rates", ...laterUpdates]],
  [mlp, { schedule: { kind: "polynomial" } }, ["rates", ...laterUpdates]],
  [mlp, { schedule: { kind: "step", interval: 3 } }, ["rates", ...laterUpdates]],
  [mlp, { schedule: { kind: "step", milestones: [3, 9] } }, ["rates", ...laterUpdates]],
  [mlp, { schedule: { kind: "oneCycle" } }, ["rates", ...update]],
  [texts, { "training.gradientCheckpointing": true }, []],
  [mlp, { "optimizer.learningRate": 0.2 }, ["rates", ...update]],
  [mlp, { "optimizer.momentum": 0.9 }, laterUpdates],
  [mlp, { "optimizer.nesterov": true }, update],
  [mlp, { "optimizer.l2Penalty": 0.1 }, update],
  [adamw, { "optimizer.learningRate": 0.02 }, ["rates", ...update]],
  [adamw, { "optimizer.beta1": 0.8 }, laterUpdates], // the first step is free of both: its bias is corrected
  [adamw, { "optimizer.beta2": 0.9 }, update], // of this one but for the last bit: the square is rounded before it
  [adamw, { "optimizer.epsilon": 0.01 }, update],
  [adamw, { "optimizer.weightDecay": 0.5 }, update],
  [adam, { "optimizer.beta1": 0.8 }, laterUpdates],
  [adam, { "optimizer.beta2": 0.9 }, update],
  [adam, { "optimizer.epsilon": 0.01 }, update],
  [adam, { "optimizer.l2Penalty": 0 }, update],
  [lion, { "optimizer.learningRate": 0.02 }, ["rates", ...update]],
  [lion, { "optimizer.beta1": 0.5 }, laterUpdates],
  [lion, { "optimizer.beta2": 0.9 }, laterUpdates],
  [lion, { "optimizer.weightDecay": 0.5 }, update],
  [mlp, { "model.dropoutRate": 0.5 }, loss],
  [mlp, { "model.activation": "relu" }, loss],
  [mlp, { "model.hiddenSizes": [5] }, loss],
  [texts, { "model.dropoutRate": 0.5 }, ["firstLoss", ...ofTexts]],
  [texts, { "model.normalization": "pre" }, ["firstLoss", ...ofTexts]],
  [texts, { "model.pooling": "mean" }, ["firstLoss", ...ofTexts]],
  [texts, { "model.numHeads": 1 }, ofTexts],
  [texts, { "model.feedForwardSize": 16 }, ["firstLoss", ...ofTexts]],
  [texts, { "data.sequenceLength": 4 }, ["firstLoss", ...ofTexts]],
  [mlp, { seed: 1 }, ["batches", ...loss]],
  [mlp, { "seeds.dataOrder": 1 }, ["batches", ...loss]],
  [mlp, { "seeds.initialization": 1 }, loss],
  [mlp, { "seeds.dropout": 1 }, loss],
  [mlp, { "data.split": { ...split, seed: 1 } }, ["tested", ...length, ...loss, "logged"]],
  [mlp, { "data.split": { ...split, test: 0.4 } }, ["tested", ...length, ...loss, "logged"]],
  [mlp, { "data.split": { ...split, validation: 0.4 } }, [...length, ...loss, "logged"]],
  [mlp, { "logging.interval": 5 }, ["logged"]],
  [mlp, { "checkpointing.interval": 5 }, ["saved"]],
  [numbered, { "checkpointing.keep": 1 }, ["saved"]],
  [mlp, { ambientRandomness: "seeded" }, []],
];

test.each(cases.map((each) => [Object.keys(each[1]).join(" and "), each] as const))(
  "%s changes what it is there to change, and nothing else (case %#)",
  async (_names, [input, values, expected]) => {
    expect(new Set(await differences(input, values))).toEqual(new Set(expected));
  },
);

test.each(["max", "min"] as const)(
  "the best checkpoint has the %s of its metric",
  async (direction) => {
    const run = await runToy(changed(mlp, { "selection.direction": direction }));
    const losses = metricsOf(run).map((values) => values["validation.loss"] ?? NaN);
    expect(new Set(losses).size).toBe(4);
    expect(resultOf(run).details["best"]).toMatchObject({ value: Math[direction](...losses) });
  },
);

test("each epoch visits every example once, in an order of its own", () => {
  const plan = planBatches(
    { numEpochs: 4, batchSize: 10, gradientAccumulationSteps: 1, dropLastBatch: false },
    37,
  );
  const epochs = [0, 1, 2, 3].map((epoch) =>
    [1, 2, 3, 4].flatMap((batch) =>
      batchExamples(createStreams(0), plan, wholeBatch(plan, 4 * epoch + batch)),
    ),
  );
  for (const order of epochs) {
    expect(order.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 37 }, (_, index) => index),
    );
  }
  expect(new Set(epochs.map((order) => order.join())).size).toBe(4);
});

test.each([
  ["dropout", { "model.dropoutRate": 0.5 }],
  ["label smoothing", { "training.labelSmoothing": 0.3 }],
])(
  "%s acts in training and leaves what is measured of equal weights as it is",
  async (_what, values) => {
    // So small a rate changes no weight but the sign of a zero.
    const still = changed(sentencesInput, {
      "optimizer.learningRate": 1e-60,
      "optimizer.weightDecay": 0,
      "model.dropoutRate": 0,
    });
    const [plain, other] = [await runToy(still), await runToy(changed(still, values))];
    const measured = (run: FinishedToy) => [resultOf(run).metrics, eventsOf(run, "predictions")];
    expect(measured(other)).toEqual(measured(plain));
    expect(traceOf(other)[0]?.["loss"]).not.toBe(traceOf(plain)[0]?.["loss"]);
  },
);

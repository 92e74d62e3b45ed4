/** What a run yields: order and content of events, checkpoints, results. */
import { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { encodeSafetensors } from "../../../src/core/safetensors.ts";
import {
  bitsOf,
  eventsOf,
  metricsOf,
  pointsInput,
  resultOf,
  runToy,
  sentencesInput,
  traceOf,
} from "./toy.ts";

const loop = pointsInput.training;

test("a run says that it is ready, traces each step, evaluates after each epoch, and ends with the result", async () => {
  const run = await runToy({ ...pointsInput, logging: { interval: 5 } });
  const kinds = run.events.map(({ kind }) => kind).filter((kind) => kind !== "progress");
  const epoch = [...Array<string>(5).fill("trace"), "log", "metrics", "log", "checkpoint"];
  const opening = ["ready", "artifact", ...Array<string>(5).fill("log"), "trace"];
  expect(kinds).toEqual([...opening, ...epoch, ...epoch, "log", "predictions", "log", "result"]);
  const [ready] = eventsOf(run, "ready");
  expect(ready).toMatchObject({ numSteps: 10, numParameters: 22, facts: { kind: "points" } });
});

test("the log says what is trained and what came out", async () => {
  const run = await runToy({ ...pointsInput, logging: { interval: 10 } });
  const lines = eventsOf(run, "log").map(({ text }) => text);
  expect(lines.slice(0, 5)).toEqual([
    "model mlp: 22 parameters in 4 tensors",
    "data points: 35 training, 14 validation and 15 test examples; classes below the line, above",
    "to the model the same as a training example: 0 of 14 validation and 0 of 15 test examples",
    "plan: 10 steps of 8 examples, 5 steps an epoch",
    "optimizer adamw, learning rate 0.05, schedule constant; best by validation.accuracy (max)",
  ]);
  expect(lines[6]).toMatch(/^step 10\/10 epoch 2 loss 0\.\d+ learning rate 0\.05 gradient norm /);
  expect(lines[7]).toMatch(/^evaluation at step 10: train\.loss 0\.\d+, validation\.loss 0\.\d+, /);
  expect(lines[8]).toMatch(/^test with the parameters of step \d+: accuracy 0\.\d+, loss 0\.\d+$/);
});

test("progress is told after each step and during evaluation", async () => {
  const run = await runToy(pointsInput);
  const told = eventsOf(run, "progress").map(({ phase, step, epoch }) => [phase, step, epoch]);
  const steps = (first: number, epoch: number) =>
    [0, 1, 2, 3, 4].map((offset) => ["training", first + offset, epoch]);
  const evaluation = (step: number, epoch: number) =>
    Array.from({ length: 2 }, () => ["evaluation", step, epoch]);
  expect(told.slice(0, 14)).toEqual([
    ...steps(1, 1),
    ...evaluation(5, 1),
    ...steps(6, 2),
    ...evaluation(10, 2),
  ]);
});

test("train.loss is the mean over the examples since the last evaluation", async () => {
  const run = await runToy(pointsInput);
  const losses = eventsOf(run, "progress").filter(({ phase }) => phase === "training");
  const sizes = [8, 8, 8, 8, 3]; // 35 examples
  const sum = losses
    .slice(0, 5)
    .reduce((total, { loss }, i) => total + (loss ?? NaN) * (sizes[i] ?? 0), 0);
  expect(metricsOf(run)[0]?.["train.loss"]).toBeCloseTo(sum / 35, 12);
});

test("a dense row has one checksum for each tensor of the header", async () => {
  const run = await runToy(pointsInput);
  const [header] = eventsOf(run, "trace");
  const tensors = header?.row["tensors"] as string[];
  expect(tensors).toHaveLength(16); // 4 parameters, 4 gradients, AdamW's 2 slots of each
  const rows = traceOf(run);
  expect(rows.map((row) => (row["checksums"] as string[] | undefined)?.length)).toEqual([
    16,
    16,
    ...Array<undefined>(8).fill(undefined),
  ]);
});

test("a checkpoint holds parameters, slots and what the next step depends on", async () => {
  const run = await runToy(pointsInput);
  const [first, second] = eventsOf(run, "checkpoint");
  expect(first).toMatchObject({ names: ["last", "best"], step: 5 });
  expect(second?.names[0]).toBe("last");
  expect([...(first?.tensors.keys() ?? [])].slice(3, 6)).toEqual([
    "layers.1.bias",
    "optimizer/m/layers.0.weight",
    "optimizer/m/layers.0.bias",
  ]);
  expect(first?.state).toEqual({
    step: 5,
    epoch: 1,
    positionInEpoch: 35,
    microStep: 0,
    accumulatedLoss: 0,
    isEvaluationDue: false,
    optimizer: "adamw",
    earlyStopping: {
      reference: metricsOf(run)[0]?.["validation.accuracy"],
      numWithoutImprovement: 0,
    },
    best: {
      step: 5,
      value: metricsOf(run)[0]?.["validation.accuracy"],
      figures: {
        kind: "classes",
        loss: metricsOf(run)[0]?.["validation.loss"],
        confusionMatrix: [
          [4, 2],
          [0, 8],
        ],
      },
    },
    trainLoss: { total: 0, numExamples: 0 },
    ambientState: null,
  });
});

test("a checkpoint is a copy: later steps do not change it", async () => {
  let kept: Record<string, string> | undefined;
  const run = await runToy(pointsInput, {
    onEvent: (event) => {
      if (event.kind === "checkpoint") kept ??= bitsOf(event.tensors);
    },
  });
  const [first, second] = eventsOf(run, "checkpoint");
  expect(first && bitsOf(first.tensors)).toEqual(kept);
  expect(second && bitsOf(second.tensors)).not.toEqual(kept);
});

test("numbered checkpoints come at their interval, with the number that is kept", async () => {
  const checkpointing = { interval: 3, keep: 1 };
  // The largest validation loss is the first one, so that only the first evaluation is the best.
  const selection = { metric: "validation.loss", direction: "max" };
  const training = { numSteps: 6, batchSize: 8 };
  const run = await runToy({ ...pointsInput, training, selection, checkpointing });
  expect(eventsOf(run, "checkpoint").map(({ names, keep }) => [names, keep])).toEqual([
    [["step-000003"], 1],
    [["last", "best"], undefined],
    [["last", "step-000006"], 1],
  ]);
  const [numbered] = eventsOf(run, "checkpoint");
  expect(numbered?.state).toMatchObject({ trainLoss: { numExamples: 24 }, positionInEpoch: 24 });
});

test("weightsDigest is the SHA-256 of the last parameters as safetensors", async () => {
  const run = await runToy(pointsInput);
  const last = eventsOf(run, "checkpoint").at(-1)?.tensors ?? new Map();
  const parameters = new Map([...last].filter(([name]) => !name.includes("/")));
  expect(parameters.size).toBe(4);
  expect(resultOf(run).weightsDigest).toBe(sha256(encodeSafetensors(parameters)));
});

test("the test part is measured on the best checkpoint, not on the last", async () => {
  // The largest validation loss is the first one, so that the best lies before the end.
  const selection = { metric: "validation.loss", direction: "max" };
  const long = await runToy({ ...pointsInput, selection, training: { ...loop, numEpochs: 4 } });
  const short = await runToy({ ...pointsInput, selection, training: { ...loop, numEpochs: 1 } });
  expect(resultOf(long)).toMatchObject({ step: 20, details: { best: { step: 5 } } });
  expect(resultOf(long).metrics).toEqual(resultOf(short).metrics);
  expect(resultOf(long).weightsDigest).not.toBe(resultOf(short).weightsDigest);
  expect(eventsOf(long, "predictions")).toEqual(eventsOf(short, "predictions"));
});

test("of equal evaluations the earlier one is the best", async () => {
  const optimizer = { kind: "sgd", learningRate: 1e-9 };
  const run = await runToy({ ...pointsInput, optimizer, training: { ...loop, numEpochs: 3 } });
  expect(eventsOf(run, "checkpoint").map(({ names }) => names)).toEqual([
    ["last", "best"],
    ["last"],
    ["last"],
  ]);
  expect(resultOf(run).details["best"]).toMatchObject({ step: 5 });
});

test("the result repeats the metrics of the best evaluation and counts every test example", async () => {
  const run = await runToy(pointsInput);
  const { metrics, details } = resultOf(run);
  const best = (details["best"] as { step: number }).step;
  const measured = eventsOf(run, "metrics").find(({ step }) => step === best);
  expect({ "train.loss": measured?.values["train.loss"], ...metrics }).toMatchObject(
    measured?.values ?? { never: "measured" },
  );
  const { confusionMatrix, numExamples, classes } = details["test"] as {
    confusionMatrix: number[][];
    numExamples: number;
    classes: { label: string; support: number }[];
  };
  expect(numExamples).toBe(15);
  expect(confusionMatrix.flat().reduce((sum, count) => sum + count)).toBe(15);
  expect(classes.map(({ label, support }) => [label, support])).toEqual([
    ["below the line", 9],
    ["above", 6],
  ]);
  expect(metrics["test.f1.below_the_line"]).toBeGreaterThan(0);
});

test("predictions name example, label, prediction and probabilities that say so", async () => {
  const run = await runToy(pointsInput);
  const rows = eventsOf(run, "predictions")[0]?.rows ?? [];
  expect(rows).toHaveLength(15);
  let numCorrect = 0;
  for (const [position, row] of rows.entries()) {
    expect(row["index"]).toBe(position);
    expect(row["example"]).toMatch(/^[0-9a-f]{64}$/);
    const probabilities = row["probabilities"] as number[];
    expect(probabilities.reduce((sum, value) => sum + value)).toBeCloseTo(1, 6);
    const likeliest = probabilities.indexOf(Math.max(...probabilities));
    expect(row["predicted"]).toBe(["below the line", "above"][likeliest]);
    if (row["predicted"] === row["label"]) numCorrect++;
  }
  expect(numCorrect / 15).toBe(resultOf(run).metrics["test.accuracy"]);
});

test("without a test part there are no test metrics", async () => {
  const data = { kind: "points", split: { validation: 0.25, test: 0, seed: 0 } };
  const run = await runToy({ ...pointsInput, data });
  const names = Object.keys(resultOf(run).metrics);
  expect(names.filter((name) => name.startsWith("test."))).toEqual([]);
  expect(names).toContain("validation.accuracy");
  expect(eventsOf(run, "predictions")).toEqual([]);
});

test.each(["cpu", "wasm"])("no tensor stays between two events on %s", async (backend) => {
  const counts = new Set<number>();
  const before = memory().numTensors;
  const onEvent = () => counts.add(memory().numTensors);
  const run = await runToy({ ...sentencesInput }, { backend, onEvent });
  expect(resultOf(run).step).toBe(3);
  expect([...counts]).toEqual([before]);
});

test("the toy is learned: a tiny BERT finds the word that decides", async () => {
  const training = { numEpochs: 12, batchSize: 8 };
  const model = { ...sentencesInput.model, dropoutRate: 0 };
  const run = await runToy({ ...sentencesInput, model, training }, { backend: "wasm" });
  expect(resultOf(run).metrics["test.accuracy"]).toBeGreaterThan(0.9);
});

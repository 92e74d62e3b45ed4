/** What a training config is identified by, in each mode. */
import { expect, test } from "vitest";
import { definitionData, taskData } from "../../../src/config/definition.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { identityOf } from "../../../src/resolve/identity.ts";
import { createSchemaView } from "../../../src/resolve/schema-view.ts";
import { defineConfig } from "../../../src/train/language.ts";
import { training } from "../../../src/train/task.ts";

const tiny = {
  seed: 1,
  data: {
    kind: "delimited",
    path: "../reviews.tsv",
    sequenceLength: 8,
    split: { validation: 0.2, test: 0.2 },
  },
  tokenizer: { kind: "words", vocabSize: 200 },
  model: {
    kind: "bert",
    numLayers: 1,
    hiddenSize: 16,
    numHeads: 2,
    feedForwardSize: 32,
    contextLength: 16,
    pooling: "mean",
  },
  optimizer: { kind: "adamw", learningRate: 1e-2 },
  schedule: { kind: "linear", warmupFraction: 0.1 },
  training: { numEpochs: 4, batchSize: 16, maxGradNorm: 1 },
} as const;

function identity(changes: object = {}): ReturnType<typeof identityOf> {
  const task = taskData(training);
  if (task === undefined) throw new Error("no task");
  const config = task.schema.parse({ ...tiny, ...changes }) as JsonObject;
  return identityOf({ task, config, view: createSchemaView(task.schema) });
}

/** Old: a change here orphans every stored run, and needs another format version. */
test("a training keeps its identity", () => {
  expect(definitionData(defineConfig(tiny))?.task.name).toBe("training");
  expect(identity().configHash).toBe(
    "b6ef369fc6a9d805c0ec06fb221d16a212a8728061d5f734dcb5cb42ae9dc99d",
  );
});

test("gradient checkpointing computes the same bits, and is none of a training's identity", () => {
  const training = { ...tiny.training, gradientCheckpointing: true };
  expect(identity({ training }).configHash).toBe(identity().configHash);
});

test("how a model learns says nothing in an evaluation; what it is and what it reads does", () => {
  const use = { mode: "evaluate", checkpoint: "95bcb82c" };
  const same = [
    { optimizer: { kind: "sgd", learningRate: 3 } },
    { schedule: { kind: "constant" } },
    { training: { numSteps: 7, batchSize: 16, labelSmoothing: 0.5, dropLastBatch: true } },
    { selection: { metric: "validation.loss", direction: "min" } },
    { tokenizer: { kind: "words", vocabSize: 9, minFrequency: 3 } },
    { checkpoint: "runs/0123456789abcdef" }, // its bytes count in the data hash
    { data: { ...tiny.data, path: "elsewhere.tsv", predict: "new.tsv" } },
  ];
  const { configHash } = identity(use);
  for (const changes of same) {
    expect(identity({ ...use, ...changes }).configHash).toBe(configHash);
    const isAboutPlaces = "checkpoint" in changes || "data" in changes;
    expect(identity(changes).configHash === identity().configHash).toBe(isAboutPlaces);
  }
  const others = [
    { mode: "predict" },
    { seed: 2 },
    { model: { ...tiny.model, normalization: "pre" } },
    { tokenizer: { kind: "words", lowercase: false } },
    { data: { ...tiny.data, maxSamples: 5 } },
    { training: { numEpochs: 4, batchSize: 8 } },
  ];
  for (const changes of others) {
    expect(identity({ ...use, ...changes }).configHash).not.toBe(configHash);
  }
});

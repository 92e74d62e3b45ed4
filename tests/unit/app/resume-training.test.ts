/** A training run that is cut anywhere, as often as one likes, comes to the manifest of one that was left alone. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import { singleEvents } from "../../../src/core/single-events.ts";
import type { Manifest } from "../../../src/store/manifest.ts";
import {
  execute,
  smallModels,
  temporaryStore,
  type Cut,
  type Execution,
} from "./resumed-training.ts";

async function whole(input: JsonObject): Promise<Execution> {
  const { store, remove } = temporaryStore();
  try {
    const execution = await execute(store, input);
    if (execution.manifest === undefined) throw execution.error;
    return execution;
  } finally {
    remove();
  }
}

/** Executes until a manifest is there; the cuts hit one execution each, which may be of several numbers of threads. */
async function cutAndGoOn(
  input: JsonObject,
  cuts: readonly Cut[],
  maxThreads = 1,
): Promise<Manifest> {
  const { store, remove } = temporaryStore();
  try {
    for (const [index, cut] of [...cuts, undefined].entries()) {
      const threads = 1 + (index % maxThreads);
      const { manifest, error } = await execute(store, { ...input, threads }, cut);
      if (manifest !== undefined) return manifest;
      if (cut === undefined) throw error;
    }
    throw new Error("a run without a cut did not end");
  } finally {
    remove();
  }
}

const everything: JsonObject = {
  ...smallModels["mlp"],
  backend: "wasm",
  ambientRandomness: "seeded",
  model: { kind: "noisy", isAmbient: true },
  optimizer: { kind: "adamw", learningRate: 0.05 },
  schedule: { kind: "cosine", warmupSteps: 3 },
  training: {
    numSteps: 5,
    batchSize: 4,
    gradientAccumulationSteps: 3,
    maxGradNorm: 1,
    evaluationInterval: 2,
    exponentialMovingAverage: { decay: 0.9, startStep: 2 },
  },
  selection: { metric: "validation.loss", direction: "min" }, // the last is the best: its names are part of its bytes
  checkpointing: { interval: 1 },
};

test("cut after any event or in any pause, a run goes on to the same manifest", async () => {
  const { manifest, events, numPauses } = await whole(everything);
  expect(events.filter(({ kind }) => kind === "checkpoint").length).toBeGreaterThan(4);
  expect(numPauses).toBeGreaterThan(20);
  const kinds = ["kill", "stop", "tear"] as const;
  const cuts: Cut[] = [
    ...events.slice(1).map((_, at) => ({ kind: kinds[at % 3] ?? "kill", at })),
    ...Array.from({ length: numPauses }, (_, at) => ({ kind: "pause", at }) as const),
  ];
  for (const cut of cuts) {
    expect(await cutAndGoOn(everything, [cut]), `cut ${JSON.stringify(cut)}`).toEqual(manifest);
  }
}, 300_000);

test("a run that was stopped between two passes of a step does not do them again", async () => {
  const { store, remove } = temporaryStore();
  try {
    const { error, attempt } = await execute(store, everything, { kind: "pause", at: 2 });
    expect(error).toMatchObject({
      message: "Stopped after step 0 of 5 and 2 of the passes of the next, as asked.",
    });
    expect(attempt.number).toBe(1);
    const { events, numPauses, manifest } = await execute(store, everything);
    const rows = events.flatMap(singleEvents).filter(({ kind }) => kind === "trace");
    expect(rows).toHaveLength(5);
    expect(numPauses).toBeLessThan((await whole(everything)).numPauses);
    expect(manifest).toBeDefined();
  } finally {
    remove();
  }
});

const cuts = fc.array(
  fc.record({ kind: fc.constantFrom("kill", "stop", "tear", "pause"), at: fc.nat({ max: 40 }) }),
  {
    minLength: 1,
    maxLength: 3,
  },
);
const optimizers = fc.constantFrom<JsonObject>(
  { kind: "adam", learningRate: 0.02 },
  { kind: "adamw", learningRate: 0.02 },
  { kind: "lion", learningRate: 0.005 },
  { kind: "sgd", learningRate: 0.1, momentum: 0.9, nesterov: true },
  { kind: "signs", learningRate: 0.01 }, // a user's, without slots
);
const loops = fc.record({
  numSteps: fc.integer({ min: 3, max: 9 }),
  batchSize: fc.constantFrom(5, 16),
  gradientAccumulationSteps: fc.constantFrom(1, 2),
  evaluationInterval: fc.constantFrom(null, 2, 3),
  exponentialMovingAverage: fc.constantFrom(null, { decay: 0.8, startStep: 1 }),
  earlyStopping: fc.constantFrom(null, { patience: 1 }),
});

test.each(Object.entries(smallModels))(
  "%s, with any optimizer, average and early stopping, cut again and again on 1 and 2 threads",
  async (_, model) => {
    const inputs = fc.record({
      optimizer: optimizers,
      training: loops,
      interval: fc.constantFrom(null, 2),
    });
    await fc.assert(
      fc.asyncProperty(inputs, cuts, async ({ interval, ...fields }, chain) => {
        const input = { ...model, backend: "wasm", ...fields, checkpointing: { interval } };
        const { manifest } = await whole(input);
        expect(await cutAndGoOn(input, chain, 2)).toEqual(manifest);
      }),
      { numRuns: 6 },
    );
  },
  300_000,
);

test.each(Object.entries(smallModels))(
  "%s, stopped between two passes of a step, comes to the same manifest",
  async (_, model) => {
    const training = { numSteps: 3, batchSize: 4, gradientAccumulationSteps: 3 };
    const optimizer = { kind: "adamw", learningRate: 0.02 };
    const input = { ...model, backend: "wasm", optimizer, training };
    const { store, remove } = temporaryStore();
    try {
      const { error } = await execute(store, input, { kind: "pause", at: 2 });
      expect(error).toMatchObject({
        message: "Stopped after step 0 of 3 and 2 of the passes of the next, as asked.",
      });
      expect((await execute(store, input)).manifest).toEqual((await whole(input)).manifest);
    } finally {
      remove();
    }
  },
);

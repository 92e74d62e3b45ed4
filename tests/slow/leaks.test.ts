/**
 * Nothing is left behind by a step, an evaluation or a checkpoint: over 2,000 steps the tensors, the memory of the backend
 * and that of JavaScript stay what they were after the first ones. `make leaks`.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { engine } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import type { TrainingConfig } from "../../schemas/training.ts";
import { prepareBackend } from "../../src/backend/prepare.ts";
import { currentBackend } from "../../src/backend/wasm/current.ts";
import { trainWith } from "../../src/train/run-training.ts";
import { quartiles } from "../bench/table.ts";
import { pointsInput, resolved, sentencesInput, toyMembers } from "../unit/train/toy.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const numSteps = 2_000;
const interval = 40;

/** What is alive between two steps. */
interface Alive {
  readonly numTensors: number;
  readonly numTensorBytes: number;
  /** Of the backend: parameters and slots, and what a step computes. */
  readonly numLastingBytes: number;
  readonly numPassingBytes: number;
  readonly numPeakBytes: number;
  readonly numMemoryBytes: number;
}

function alive(): Alive {
  const backend = currentBackend();
  if (backend === undefined) throw new Error("the backend is not wasm");
  const { numTensors, numBytes: numTensorBytes } = engine().memory();
  const numMemoryBytes = backend.parts.memory.wasm.buffer.byteLength;
  return { numTensors, numTensorBytes, ...backend.heapFacts(), numMemoryBytes };
}

function javaScriptBytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

interface Sample {
  readonly alive: Alive;
  readonly numJavaScriptBytes: number;
}

/** Trains, and samples what is alive after each checkpoint. */
async function samplesOf(input: object): Promise<readonly Sample[]> {
  const config = resolved<TrainingConfig>({
    ...input,
    backend: "wasm",
    training: { numSteps, batchSize: 8, evaluationInterval: interval, maxGradNorm: 1 },
    checkpointing: { interval, keep: 2 },
  });
  const { signal } = new AbortController();
  const context = { config, projectDirectory: "/", backend: "wasm", signal };
  const samples: Sample[] = [];
  for await (const { kind } of trainWith(toyMembers, context)) {
    if (kind !== "checkpoint") continue;
    samples.push({ alive: alive(), numJavaScriptBytes: javaScriptBytes() });
  }
  return samples;
}

/** Evaluations before caches are full. */
const numWarmUp = 5;
/** Under a kilobyte a step; what is collected late makes a few hundred of them come and go. */
const maxGrowthBytes = 2 ** 20;

const cases = [
  ["bert", sentencesInput],
  ["mlp", pointsInput],
] as const;

test.each(cases)("%s: 2,000 steps leave nothing behind", async (_, input) => {
  await prepareBackend("wasm");
  const { numPeakBytes: _before, ...before } = alive();
  const samples = await samplesOf(input);
  expect(samples.length).toBe(numSteps / interval);
  const warm = samples[numWarmUp];
  for (const sample of samples.slice(numWarmUp)) expect(sample.alive).toEqual(warm?.alive);
  expect(warm?.alive.numLastingBytes).toBeGreaterThan(before.numLastingBytes);
  expect(alive()).toMatchObject(before);
  const bytes = samples.map(({ numJavaScriptBytes }) => numJavaScriptBytes);
  const growth = quartiles(bytes.slice(-10))[1] - quartiles(bytes.slice(numWarmUp, 15))[1];
  expect(growth).toBeLessThan(maxGrowthBytes);
});

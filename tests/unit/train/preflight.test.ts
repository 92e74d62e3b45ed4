import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { z } from "zod";
import type { TrainingConfig } from "../../../schemas/training.ts";
import type { PreflightReport } from "../../../src/core/task.ts";
import { preflightTraining } from "../../../src/train/preflight.ts";
import { residentBytes } from "../../../src/backend/host-limits.ts";
import { defineDataSource } from "../../../src/data/data-source.ts";
import { training } from "../../../src/train/task.ts";
import {
  eventsOf,
  points,
  pointsInput,
  resolved,
  runToy,
  sentencesInput,
  toyMembers,
} from "./toy.ts";

function check(input: unknown, shared = new Map<string, unknown>()): Promise<PreflightReport> {
  const config = resolved<TrainingConfig>(input);
  return preflightTraining(toyMembers, { config, projectDirectory: "/", backend: "cpu", shared });
}

function finding(report: PreflightReport, topic: string): string {
  return report.findings.find((one) => one.topic === topic)?.text ?? "";
}

test("the loss of the first batch is that of the run's first step", async () => {
  const report = await check(sentencesInput);
  const run = await runToy(sentencesInput);
  const [first] = eventsOf(run, "progress").filter(({ phase }) => phase === "training");
  expect(finding(report, "first batch")).toContain(`loss ${first?.loss?.toFixed(4)},`);
});

test("parameters, steps and examples are counted", async () => {
  const report = await check(pointsInput);
  expect(finding(report, "model")).toBe("mlp: 22 parameters"); // 2 × 4 + 4 + 4 × 2 + 2
  expect(finding(report, "data")).toMatch(
    /^points: \d+ train, \d+ validation, \d+ test examples, 2 classes$/u,
  );
  expect(finding(report, "steps")).toMatch(/^\d+ of 8 examples, \d+ an epoch$/u);
});

test("an average of the weights is in the estimate of the disk, once more for each value", async () => {
  const training = { ...pointsInput.training, exponentialMovingAverage: { decay: 0.9 } };
  const [plain, averaged] = [await check(pointsInput), await check({ ...pointsInput, training })];
  const numWeights = 2 * 4 + 4 + 4 * 2 + 2;
  expect((averaged.numDiskBytes ?? 0) - (plain.numDiskBytes ?? 0)).toBe(2 * 4 * numWeights); // best and last
});

test("gradient checkpointing is in the estimate of the memory, also beside a run without", async () => {
  const shared = new Map<string, unknown>();
  const { training, ...others } = sentencesInput;
  const model = { ...sentencesInput.model, numLayers: 6 };
  const memory = async (gradientCheckpointing: boolean): Promise<number> => {
    const input = { ...others, model, training: { ...training, gradientCheckpointing } };
    return (await check(input, shared)).numMemoryBytes ?? NaN;
  };
  const [plain, checkpointed] = [await memory(false), await memory(true)];
  expect(checkpointed).toBeLessThan(0.8 * plain);
});

test("a checkpoint's size is in the estimate of the disk: AdamW holds four values a parameter", async () => {
  const wide = (width: number) => ({
    ...pointsInput,
    model: { ...pointsInput.model, hiddenSizes: [width] },
  });
  const [small, large] = [await check(wide(10)), await check(wide(1010))];
  const added = 1000 * (2 + 1 + 2); // parameters
  const perCheckpoint = added * 4 * 4; // and the best ones so far
  expect((large.numDiskBytes ?? 0) - (small.numDiskBytes ?? 0)).toBe(2 * perCheckpoint);
});

/** A few points, for which reading takes 300 MB that are given back at once. */
const wasteful = defineDataSource({
  kind: "wasteful",
  schema: z.strictObject({ kind: z.literal("wasteful") }),
  listFiles: async () => [],
  read: async (request) => {
    const numBytesBefore = residentBytes();
    new Uint8Array(300e6).fill(1);
    while (residentBytes() > numBytesBefore + 30e6) await collectGarbage();
    const config = { kind: "points", numExamples: 64, spoiled: false, split: halves } as const;
    return points.read({ ...request, config });
  },
});

const halves = { validation: 0.25, test: 0.25, seed: 0 };

/** Memory of arrays is given back by another thread, a moment later. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  await setTimeout(10);
}

test("what reading takes for a moment is in the estimate of the memory", async () => {
  const members = { dataSources: [points, wasteful] };
  const input = { ...pointsInput, data: { kind: "wasteful" } };
  const config = resolved<TrainingConfig>(input, training.with(members));
  const context = { config, projectDirectory: "/", backend: "cpu", shared: new Map() };
  const { numMemoryBytes } = await preflightTraining(members, context);
  expect(numMemoryBytes).toBeGreaterThan(290e6);
  expect(numMemoryBytes).toBeLessThan(400e6);
});

test("the data set is loaded once for runs that read it alike", async () => {
  const shared = new Map<string, unknown>();
  await check(pointsInput, shared);
  const first = shared.get("dataset");
  await check({ ...pointsInput, seed: 5 }, shared);
  expect(shared.get("dataset")).toBe(first);
  await check({ ...pointsInput, data: { kind: "points", numExamples: 40 } }, shared);
  expect(shared.get("dataset")).not.toBe(first);
});

test("a first batch that is not finite is refused before the run", async () => {
  const spoiled = { ...pointsInput, data: { kind: "points", spoiled: true } };
  await expect(check(spoiled)).rejects.toMatchObject({
    code: "config",
    message: "On the first batch, before any update, the loss is NaN.",
  });
});

test("what does not fit together is refused as the run would", async () => {
  const wrong = { ...pointsInput, selection: { metric: "validation.acuracy" } };
  await expect(check(wrong)).rejects.toMatchObject({
    issues: [expect.objectContaining({ suggestion: "validation.accuracy" })],
  });
});

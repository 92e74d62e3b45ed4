import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  learningRateAt,
  numWarmupSteps,
  type ScheduleConfig,
} from "../../../src/optim/schedule.ts";

function rates(schedule: ScheduleConfig, numSteps: number): number[] {
  return Array.from({ length: numSteps }, (_, index) =>
    learningRateAt(schedule, 8, { step: index + 1, numSteps }),
  );
}

const minimumFraction = 0;

test("constant is the full rate at every step", () => {
  expect(rates({ kind: "constant" }, 3)).toEqual([8, 8, 8]);
});

test("linear falls in equal steps and still learns at the last one", () => {
  expect(rates({ kind: "linear", minimumFraction }, 4)).toEqual([8, 6, 4, 2]);
});

test("warm-up rises to the full rate at its last step, and the schedule starts from there", () => {
  expect(rates({ kind: "linear", minimumFraction, warmupSteps: 2 }, 6)).toEqual([4, 8, 8, 6, 4, 2]);
  expect(rates({ kind: "constant", warmupSteps: 4 }, 5)).toEqual([2, 4, 6, 8, 8]);
});

test("a half cycle of cosine falls from the full rate towards 0", () => {
  const [first, second, third, fourth] = rates(
    { kind: "cosine", numCycles: 0.5, minimumFraction },
    4,
  );
  expect(first).toBe(8);
  expect(second).toBeCloseTo(4 + 4 * Math.SQRT1_2, 12);
  expect(third).toBeCloseTo(4, 12);
  expect(fourth).toBeCloseTo(4 - 4 * Math.SQRT1_2, 12);
});

test("a whole cycle of cosine falls and rises again", () => {
  const values = rates({ kind: "cosine", numCycles: 1, minimumFraction }, 4);
  expect(values.map((value) => Math.round(value * 1e9) / 1e9)).toEqual([8, 4, 0, 4]);
});

test("a warm-up that is longer than the run only rises", () => {
  expect(rates({ kind: "cosine", numCycles: 0.5, minimumFraction, warmupSteps: 10 }, 3)).toEqual(
    [1, 2, 3].map((step) => (8 * step) / 10),
  );
});

describe("warm-up as a share of all steps", () => {
  test("is rounded up", () => {
    expect(numWarmupSteps({ kind: "constant", warmupFraction: 0.1 }, 25)).toBe(3);
    expect(numWarmupSteps({ kind: "constant", warmupFraction: 0 }, 25)).toBe(0);
    expect(numWarmupSteps({ kind: "constant", warmupFraction: 1 }, 25)).toBe(25);
  });

  test("is exact in decimal: 0.07 of 100 steps are 7, although 0.07 · 100 > 7 in binary", () => {
    expect(0.07 * 100).toBeGreaterThan(7);
    expect(numWarmupSteps({ kind: "constant", warmupFraction: 0.07 }, 100)).toBe(7);
  });

  test("is the same as that number of steps", () => {
    expect(rates({ kind: "linear", minimumFraction, warmupFraction: 0.5 }, 6)).toEqual(
      rates({ kind: "linear", minimumFraction, warmupSteps: 3 }, 6),
    );
  });
});

/** A schedule of every kind. */
const everyKind: readonly ScheduleConfig[] = [
  { kind: "constant" },
  { kind: "linear", minimumFraction: 0 },
  { kind: "linear", minimumFraction: 0.25 },
  { kind: "cosine", numCycles: 0.5, minimumFraction: 0.1 },
  { kind: "cosineRestarts", numCycles: 3, cycleGrowth: 1, minimumFraction: 0 },
  { kind: "cosineRestarts", numCycles: 3, cycleGrowth: 1.7, minimumFraction: 0 },
  { kind: "polynomial", power: 1.5, minimumFraction: 0 },
  { kind: "step", interval: 7, factor: 0.5 },
  { kind: "step", milestones: [3, 90], factor: 0.5 },
  { kind: "oneCycle", initialFraction: 0.04, minimumFraction: 4e-6, annealing: "cosine" },
  { kind: "oneCycle", initialFraction: 0.5, minimumFraction: 0.01, annealing: "linear" },
];

test("no schedule leaves [0, base rate], and none is 0 before the end but where a cosine touches it", () => {
  const runs = fc.record({
    schedule: fc.constantFrom(...everyKind),
    numSteps: fc.integer({ min: 1, max: 300 }),
    warmupSteps: fc.option(fc.nat(400), { nil: undefined }),
  });
  fc.assert(
    fc.property(runs, ({ schedule, numSteps, warmupSteps }) => {
      const warmup = warmupSteps === undefined ? {} : { warmupSteps };
      for (const rate of rates({ ...schedule, ...warmup }, numSteps)) {
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(8);
      }
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("after a warm-up a schedule is that of a run without the warm-up's steps", () => {
  const relative = everyKind.filter((one) => one.kind !== "oneCycle" && !("milestones" in one));
  expect(relative).toHaveLength(8);
  for (const schedule of relative) {
    expect(rates({ ...schedule, warmupSteps: 5 }, 47).slice(5)).toEqual(rates(schedule, 42));
  }
});

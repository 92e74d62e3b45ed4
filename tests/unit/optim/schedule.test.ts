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

test("constant is the full rate at every step", () => {
  expect(rates({ kind: "constant" }, 3)).toEqual([8, 8, 8]);
});

test("linear falls in equal steps and still learns at the last one", () => {
  expect(rates({ kind: "linear" }, 4)).toEqual([8, 6, 4, 2]);
});

test("warm-up rises to the full rate at its last step, and the schedule starts from there", () => {
  expect(rates({ kind: "linear", warmupSteps: 2 }, 6)).toEqual([4, 8, 8, 6, 4, 2]);
  expect(rates({ kind: "constant", warmupSteps: 4 }, 5)).toEqual([2, 4, 6, 8, 8]);
});

test("a half cycle of cosine falls from the full rate towards 0", () => {
  const [first, second, third, fourth] = rates({ kind: "cosine", numCycles: 0.5 }, 4);
  expect(first).toBe(8);
  expect(second).toBeCloseTo(4 + 4 * Math.SQRT1_2, 12);
  expect(third).toBeCloseTo(4, 12);
  expect(fourth).toBeCloseTo(4 - 4 * Math.SQRT1_2, 12);
});

test("a whole cycle of cosine falls and rises again", () => {
  const values = rates({ kind: "cosine", numCycles: 1 }, 4);
  expect(values.map((value) => Math.round(value * 1e9) / 1e9)).toEqual([8, 4, 0, 4]);
});

test("a warm-up that is longer than the run only rises", () => {
  expect(rates({ kind: "cosine", numCycles: 0.5, warmupSteps: 10 }, 3)).toEqual(
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
    expect(rates({ kind: "linear", warmupFraction: 0.5 }, 6)).toEqual(
      rates({ kind: "linear", warmupSteps: 3 }, 6),
    );
  });
});

test("no schedule leaves [0, base rate], and none is 0 before the end but where a cosine touches it", () => {
  const kinds = fc.constantFrom("constant" as const, "linear" as const);
  const runs = fc.record({
    kind: kinds,
    numSteps: fc.integer({ min: 1, max: 500 }),
    warmupSteps: fc.nat(600),
  });
  fc.assert(
    fc.property(runs, ({ kind, numSteps, warmupSteps }) => {
      for (const rate of rates({ kind, warmupSteps }, numSteps)) {
        expect(rate).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(8);
      }
    }),
    { numRuns: 50, seed: 1 },
  );
});

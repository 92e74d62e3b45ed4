import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  linspaceValues,
  logRangeValues,
  spacingProblem,
} from "../../../src/config/spaced-values.ts";

test("linspace has both ends and is exact in decimal", () => {
  expect(linspaceValues({ start: 0, stop: 0.5, count: 6 })).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  expect(linspaceValues({ start: -0.1, stop: 0.2, count: 4 })).toEqual([-0.1, 0, 0.1, 0.2]);
  expect(linspaceValues({ start: 1, stop: 0, count: 4 })).toEqual([1, 2 / 3, 1 / 3, 0]);
  expect(linspaceValues({ start: -1.7e308, stop: 1.7e308, count: 3 })[1]).toBe(0);
});

test("logRange has both ends and twelve significant digits", () => {
  expect(logRangeValues({ start: 1e-5, stop: 1e-1, count: 5 })).toEqual([
    1e-5, 1e-4, 1e-3, 1e-2, 1e-1,
  ]);
  expect(logRangeValues({ start: 1e-4, stop: 1e-3, count: 3 })).toEqual([
    1e-4, 0.000316227766017, 1e-3,
  ]);
  expect(logRangeValues({ start: -1, stop: -4, count: 3 })).toEqual([-1, -2, -4]);
  expect(logRangeValues({ start: 1 / 3, stop: 7, count: 2 })).toEqual([1 / 3, 7]);
});

const end = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

test("values rise or fall without a turn, and their number is as asked for", () => {
  fc.assert(
    fc.property(end, end, fc.integer({ min: 2, max: 30 }), (start, stop, count) => {
      fc.pre(Math.abs(start / stop - 1) > 0.01);
      for (const values of [linspaceValues, logRangeValues]) {
        const found = values({ start, stop, count });
        expect(found).toHaveLength(count);
        expect([found[0], found.at(-1)]).toEqual([start, stop]);
        const sorted = found.toSorted((first, second) => (first - second) * (stop - start));
        expect(found).toEqual(sorted);
      }
    }),
    { numRuns: 50 },
  );
});

test.each([
  ["linspace", { start: 0, stop: Infinity, count: 2 }, "must be finite numbers"],
  ["linspace", { start: 0, stop: 1, count: 0 }, "must be an integer from 1"],
  ["linspace", { start: 0, stop: 1, count: 2.5 }, "must be an integer from 1"],
  ["linspace", { start: 0, stop: 1, count: 2e6 }, "at most 1000000 are allowed"],
  ["linspace", { start: 0, stop: 1, count: 1 }, "one value cannot be both start and stop"],
  ["linspace", { start: 1, stop: 1 + 2e-16, count: 9 }, "too near to tell so many values apart"],
  ["logRange", { start: 0, stop: 1, count: 2 }, "must both be above 0, or both below"],
  ["logRange", { start: -1, stop: 1, count: 2 }, "must both be above 0, or both below"],
  ["logRange", { start: 1, stop: 1 + 1e-12, count: 9 }, "too near to tell so many values apart"],
] as const)("%s %o is refused", (name, spacing, message) => {
  expect(spacingProblem(name, spacing)).toContain(message);
});

test("one value that is start and stop is a spacing", () => {
  expect(spacingProblem("linspace", { start: 3, stop: 3, count: 1 })).toBeUndefined();
  expect(logRangeValues({ start: 3, stop: 3, count: 1 })).toEqual([3]);
});

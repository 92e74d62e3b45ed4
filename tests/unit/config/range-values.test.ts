import * as fc from "fast-check";
import { expect, test } from "vitest";
import { rangeProblem, rangeValues } from "../../../src/config/range-values.ts";

test.each([
  [1, 4, 1, [1, 2, 3]],
  [0, 0.5, 0.1, [0, 0.1, 0.2, 0.3, 0.4]],
  [0, 0.35, 0.1, [0, 0.1, 0.2, 0.3]],
  [1, 0, -0.25, [1, 0.75, 0.5, 0.25]],
  [3, -3, -2, [3, 1, -1]],
  [-0.3, 0.1, 0.1, [-0.3, -0.2, -0.1, 0]],
  [1e-4, 4e-4, 1e-4, [1e-4, 2e-4, 3e-4]],
  [1e21, 3e21, 1e21, [1e21, 2e21]],
  [5, 6, 10, [5]],
  [0, 1.5e-323, 5e-324, [0, 5e-324, 1e-323]],
])("range(%d, %d, %d)", (...[start, stop, step, values]) => {
  expect(rangeValues(start, stop, step)).toEqual(values);
});

test("no value of a range in tenths carries a rounding error", () => {
  const values = rangeValues(0, 100, 0.1);
  expect(values).toHaveLength(1000);
  expect(values.every((value) => /^\d+(\.\d)?$/.test(String(value)))).toBe(true);
});

test.each([
  [0, 1, 0, "range(0, 1, 0): the step must not be 0."],
  [NaN, 1, 1, "range(NaN, 1, 1): start, stop and step must be finite numbers."],
  [0, Infinity, 1, "range(0, Infinity, 1): start, stop and step must be finite numbers."],
  [4, 1, 1, "range(4, 1, 1) has no values: with this step, stop must lie above start."],
  [1, 4, -1, "range(1, 4, -1) has no values: with this step, stop must lie below start."],
  [1, 1, 1, "range(1, 1, 1) has no values: with this step, stop must lie above start."],
  [0, 1000001, 1, "range(0, 1000001, 1) has 1000001 values; at most 1000000 are allowed."],
  [
    1e16,
    1e16 + 10,
    0.5,
    "range(10000000000000000, 10000000000000010, 0.5): the step is too small to tell its values apart.",
  ],
])("range(%d, %d, %d) is refused", (...[start, stop, step, problem]) => {
  expect(rangeProblem(start, stop, step)).toBe(problem);
  expect(() => rangeValues(start, stop, step)).toThrow(problem);
});

test("a million values are allowed", () => {
  expect(rangeValues(0, 1e6, 1)).toHaveLength(1e6);
});

test("values start at start, stay before stop, rise strictly, and one more would not", () => {
  const tenth = fc.integer({ min: -10_000, max: 10_000 }).map((value) => value / 10);
  const size = fc.integer({ min: 1, max: 1000 }).map((value) => value / 10);
  fc.assert(
    fc.property(tenth, size, size, (start, span, step) => {
      const stop = (Math.round(start * 10) + Math.round(span * 10)) / 10;
      const values = rangeValues(start, stop, step);
      expect(values[0]).toBe(start);
      expect(values.every((value, index) => index === 0 || value > Number(values[index - 1]))).toBe(
        true,
      );
      expect(Number(values.at(-1))).toBeLessThan(stop);
      const next = (Math.round(Number(values.at(-1)) * 10) + Math.round(step * 10)) / 10;
      expect(next).toBeGreaterThanOrEqual(stop);
    }),
    { seed: 1 },
  );
});

/** Marks of an axis: round, inside, few, and told apart by their texts. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createScale } from "../../../../src/report/plot/scale.ts";
import { rounded, tickTexts, ticksOf } from "../../../../src/report/plot/ticks.ts";

function texts(min: number, max: number, isLog = false): readonly string[] {
  return tickTexts(ticksOf(createScale({ min, max }, isLog), 6), isLog);
}

test.each([
  [0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]],
  [0.1, 0.3, ["0.10", "0.15", "0.20", "0.25", "0.30"]],
  [-3, 4, ["-3", "-2", "-1", "0", "1", "2", "3", "4"]],
  [0, 450, ["0", "100", "200", "300", "400"]],
  [0, 100_000, ["0", "20000", "40000", "60000", "80000", "100000"]],
  [
    1_000_000,
    1_000_001,
    ["1000000.0", "1000000.2", "1000000.4", "1000000.6", "1000000.8", "1000001.0"],
  ],
  [0, 2e-9, ["0", "5e-10", "1e-9", "1.5e-9", "2e-9"]],
  [2e8, 4e8, ["2e8", "2.5e8", "3e8", "3.5e8", "4e8"]],
])("a linear axis from %d to %d", (min, max, expected) => {
  expect(texts(min, max)).toEqual(expected);
});

test.each([
  [1e-3, 1e3, ["0.001", "0.01", "0.1", "1", "10", "100", "1000"]],
  [0.02, 0.7, ["0.02", "0.05", "0.1", "0.2", "0.5"]],
  [1e-12, 1, ["1e-12", "1e-10", "1e-8", "1e-6", "1e-4", "1e-2", "1"]],
])("a logarithmic axis from %d to %d", (min, max, expected) => {
  expect(texts(min, max, true)).toEqual(
    expected.map((text) => (min < 1e-4 && text === "1" ? "1e0" : text)),
  );
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

test("marks of any axis are rising, inside it, at most three times as many as asked for, and no two read the same", () => {
  const positive = finite.map((value) => Math.abs(value)).filter((value) => value > 0);
  const little = fc.double({ min: 1e-15, max: 1e-8, noNaN: true });
  const beside = (value: number, share: number): number =>
    Math.max(-Number.MAX_VALUE, Math.min(value * (1 + share), Number.MAX_VALUE));
  const axes = fc.oneof(
    fc.tuple(finite, finite, fc.constant(false)),
    fc.tuple(positive, positive, fc.constant(true)),
    fc.tuple(finite, little).map(([one, share]) => [one, beside(one, share), false] as const),
    fc.tuple(positive, little).map(([one, share]) => [one, beside(one, share), true] as const),
  );
  fc.assert(
    fc.property(axes, fc.integer({ min: 2, max: 8 }), ([one, other, isLog], most) => {
      const scale = createScale({ min: Math.min(one, other), max: Math.max(one, other) }, isLog);
      const ticks = ticksOf(scale, most);
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThanOrEqual(3 * most);
      expect(ticks).toEqual([...new Set(ticks)].toSorted((a, b) => a - b));
      for (const tick of ticks) {
        expect(scale.share(tick)).toBeGreaterThan(-1e-6);
        expect(scale.share(tick)).toBeLessThan(1 + 1e-6);
      }
      const written = tickTexts(ticks, isLog);
      expect(new Set(written).size).toBe(ticks.length);
    }),
    { numRuns: 2000 },
  );
});

test("one value alone has room to both sides, and a range in the last bits counts as one", () => {
  expect(createScale({ min: 5, max: 5 }, false)).toMatchObject({ min: 4.5, max: 5.5 });
  expect(createScale({ min: 0, max: 0 }, false)).toMatchObject({ min: -1, max: 1 });
  expect(createScale({ min: 1, max: 1 + 2 ** -52 }, false).min).toBeCloseTo(0.9, 12);
  expect(createScale({ min: 2e-323, max: 2e-323 }, false).share(2e-323)).toBe(0.5);
  expect(createScale({ min: 8, max: 8 }, true)).toMatchObject({ min: 4, max: 16 });
  expect(createScale({ min: -1.7e308, max: 1.7e308 }, false).share(0)).toBe(0.5);
});

test("a rounded range begins and ends with a mark, and holds what it was made of", () => {
  expect(rounded({ min: 0.03, max: 0.97 }, 6)).toEqual({ min: 0, max: 1 });
  expect(rounded({ min: 0, max: 1 }, 6)).toEqual({ min: 0, max: 1 });
  fc.assert(
    fc.property(finite, finite, (one, other) => {
      const range = { min: Math.min(one, other), max: Math.max(one, other) };
      const { min, max } = rounded(range, 5);
      expect(min).toBeLessThanOrEqual(range.min);
      expect(max).toBeGreaterThanOrEqual(range.max);
    }),
  );
});

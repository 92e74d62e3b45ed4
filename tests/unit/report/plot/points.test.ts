/** Curves taken apart at what cannot be drawn, and thinned without losing a spike. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { drawnCurve, thinned, type Point } from "../../../../src/report/plot/points.ts";

test("a value that cannot be drawn ends a line, and is told with the place of the first one", () => {
  const values = [1, Number.NaN, 2, 3, Infinity, Number.NaN, -Infinity, 4];
  const curve = { xs: [10, 20, 30, 40, 50, 60, 70, 80], values };
  expect(drawnCurve(curve, false)).toEqual({
    lines: [
      [{ x: 10, y: 1 }],
      [
        { x: 30, y: 2 },
        { x: 40, y: 3 },
      ],
      [{ x: 80, y: 4 }],
    ],
    leftOut: [
      { kind: "NaN", count: 2, firstX: 20 },
      { kind: "Infinity", count: 1, firstX: 50 },
      { kind: "-Infinity", count: 1, firstX: 70 },
    ],
  });
});

test("zero and below are left out on a logarithmic scale alone", () => {
  const curve = { xs: [1, 2, 3], values: [0, 5, -1] };
  expect(drawnCurve(curve, false).leftOut).toEqual([]);
  const { lines, leftOut } = drawnCurve(curve, true);
  expect(lines).toEqual([[{ x: 2, y: 5 }]]);
  expect(leftOut).toEqual([{ kind: "not positive", count: 2, firstX: 1 }]);
});

const rising = fc
  .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 300 })
  .map((values) => values.map((y, x): Point => ({ x, y })));

test("each column keeps its first, smallest, largest and last value, in their order", () => {
  fc.assert(
    fc.property(rising, fc.integer({ min: 1, max: 50 }), (line, perColumn) => {
      const columnOf = (x: number): number => Math.floor(x / perColumn);
      const kept = thinned(line, columnOf);
      expect(kept.map(({ x }) => x)).toEqual(kept.map(({ x }) => x).toSorted((a, b) => a - b));
      for (let column = 0; column <= columnOf(line.length - 1); column++) {
        const inside = (points: readonly Point[]): readonly Point[] =>
          points.filter(({ x }) => columnOf(x) === column);
        const [all, few] = [inside(line), inside(kept)];
        expect(few.length).toBeLessThanOrEqual(4);
        expect([few[0], few.at(-1)]).toEqual([all[0], all.at(-1)]);
        const ends = (points: readonly Point[]): readonly number[] => {
          const ys = points.map(({ y }) => y);
          return [Math.min(...ys), Math.max(...ys)];
        };
        expect(ends(few)).toEqual(ends(all));
      }
    }),
    { numRuns: 200 },
  );
});

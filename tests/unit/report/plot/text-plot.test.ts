/** Pictures in text, as they are seen. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { drawnCurve, type PlotCurve } from "../../../../src/report/plot/points.ts";
import { textPlotLines } from "../../../../src/report/plot/text-plot.ts";

interface Form {
  readonly columns?: number;
  readonly numRows?: number;
  readonly isLog?: boolean;
  readonly paint?: (curve: number, text: string) => string;
}

function picture(curves: readonly PlotCurve[], form: Form = {}): readonly string[] {
  const { columns = 40, numRows = 6, isLog = false, paint = (_, text) => text } = form;
  const marked = curves.map((curve, index) => ({
    ...drawnCurve(curve, isLog),
    mark: "abcdefgh"[index] ?? "",
  }));
  return textPlotLines({ curves: marked, columns, numRows, isLog, paint });
}

function curve(values: readonly number[], first = 1): PlotCurve {
  return { xs: values.map((_, index) => first + index), values };
}

const steps = Array.from({ length: 40 }, (_, index) => index);

test("a falling and a rising curve, each with its letter", () => {
  expect(picture([curve(steps.map((step) => 40 - step)), curve(steps)])).toEqual([
    "40 ┤ ⠑⠒a⠤⣀⡀                       ⢀⣀⡠⠤⠒b",
    "   │      ⠈⠑⠒⠢⠤⣀⣀           ⢀⣀⠤⠤⠒⠒⠁",
    "20 ┤             ⠉⠒a⠤⢄⣀⣀⠤b⠒⠊⠁",
    "   │             ⣀⠤⠔⠒⠊⠁⠉⠒⠒⠤⢄⡀",
    "   │      ⢀⡠⠤b⠒⠉⠉           ⠈⠉⠒a⠤⠤⡀",
    " 0 ┤ ⡠⠤⠒⠒⠉⠁                       ⠈⠉⠑⠒⠤a",
    "   └┬─────────────────┬────────────────┬",
    "    0                20               40",
  ]);
});

test("what one curve drew is painted as its own, and the first curve lies over the others", () => {
  const paint = (index: number, text: string): string => `<${index}:${text}>`;
  const form = { numRows: 3, columns: 24, paint };
  expect(picture([curve([1, 2, 3]), curve([2, 2, 2])], form)).toEqual([
    "3 ┤             <0:⢀⣀⡠⠤⠔⠒⠊a>",
    "2 ┤<1:⠒⠒⠒⠒⠒⠒><0:⢒⣒⠶⠶><1:b><0:⠚⠛⠓><1:⠒⠒⠒⠒⠒⠒b>",
    "1 ┤<0:⣀⠤⠤⠒⠊⠉⠁>",
    "  └┬─────────┬─────────┬",
    "   1         2         3",
  ]);
});

test("a gap stays a gap, and a constant lies in the middle", () => {
  const values = steps.map((step) => (step >= 10 && step < 20 ? Number.NaN : 2));
  expect(picture([curve(values)], { numRows: 3 })).toEqual([
    "2.2 ┤",
    "2.0 ┤ ⠤⠤⠤⠤⠤⠤⠤⠤         ⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤⠤",
    "1.8 ┤",
    "    └┬────────────────┬────────────────┬",
    "     0               20               40",
  ]);
});

test("one point alone can be seen, and has its step in the middle", () => {
  const lines = picture([curve([7])]);
  expect(lines[2]).toBe("7 ┤                  ●");
  expect(lines.at(-1)).toBe("   0                 1                 2");
});

test("equal ratios are equal lengths on a logarithmic scale", () => {
  const lines = picture([curve(steps.map((step) => 10 ** (-step / 10)))], { isLog: true });
  expect(lines.slice(0, 4)).toEqual([
    "   1 ┤ ⠑⠒⠤⢄⡀",
    "     │     ⠈⠉⠒⠒⠤⢄⡀",
    "     │           ⠈⠉⠒⠢⢄⣀⡀",
    "0.01 ┤                 ⠈⠉⠒⠤⢄⣀",
  ]);
});

test("one spike in 100,000 points is drawn up to its top", () => {
  const values = Array.from({ length: 100_000 }, (_, index) => (index === 54_321 ? 100 : 0));
  const lines = picture([curve(values)], { columns: 60, numRows: 12 });
  const column = (lines[0] ?? "").search(/[⠁-⣿]/u);
  expect(lines[0]).toMatch(/^100 ┤ +[⠁-⣿]$/u);
  expect(column).toBe(5 + Math.floor((0.54322 * 109) / 2));
  for (const line of lines.slice(1, 11)) expect(line).toHaveLength(column + 1);
});

test("nothing that can be drawn gives no lines", () => {
  expect(picture([])).toEqual([]);
  expect(picture([curve([Number.NaN]), curve([])])).toEqual([]);
  expect(picture([curve([-1, 0])], { isLog: true })).toEqual([]);
});

test("whatever was logged, the picture is as large as was asked for", () => {
  const values = fc.array(fc.double(), { maxLength: 40 });
  const form = fc.record({
    columns: fc.integer({ min: 24, max: 200 }),
    numRows: fc.integer({ min: 3, max: 40 }),
    isLog: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(values, { maxLength: 4 }), form, (curves, size) => {
      const lines = picture(
        curves.map((one) => curve(one)),
        size,
      );
      if (lines.length === 0) return;
      expect(lines).toHaveLength(size.numRows + 2);
      for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(size.columns);
      expect(lines.slice(0, -2).some((line) => /[⠁-⣿●a-h]/u.test(line))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

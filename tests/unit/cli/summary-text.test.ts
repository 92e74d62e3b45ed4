import { expect, test } from "vitest";
import { summaryLines } from "../../../src/cli/summary-text.ts";
import { createTerminal } from "../../../src/cli/terminal.ts";
import { ExpError } from "../../../src/core/errors.ts";
import { outcome, plannedRun } from "./outcomes.ts";

const options = {
  terminal: createTerminal({ write: () => undefined }, {}),
  displayPath: (directory: string): string => directory.replace("/project/", ""),
};

test("runs are ranked by the selection metric, failed ones last", () => {
  const lines = summaryLines(
    [
      outcome(plannedRun(0, { lr: 0.1 }), { accuracy: 0.8 }),
      outcome(plannedRun(1, { lr: 0.2 }), {
        status: "failed",
        error: new ExpError("diverged", "the loss is NaN at step 3"),
      }),
      outcome(plannedRun(2, { lr: 0.3 }), { accuracy: 0.9, isReused: true }),
    ],
    options,
  );
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "rank   lr  validation.accuracy  test.accuracy  status           time  run
       1  0.3               0.9000         0.8900  finished before  1:01  runs/a200000000000000
       2  0.1               0.8000         0.7900  finished         1:01  runs/a000000000000000
       -  0.2                                      failed           1:01  runs/a100000000000000
    Ranked by validation.accuracy (max)."
  `);
});

test("a run that was executed once more and came out as before is told so", () => {
  const lines = summaryLines([outcome(plannedRun(0, {}), { isRepeated: true })], options);
  expect(lines.join("\n")).toContain("repeated, equal");
});

test("groups of seeds show mean ± sample standard deviation above their runs", () => {
  const lines = summaryLines(
    [
      outcome(plannedRun(0, { lr: 0.1, seed: 1 }, 0), { accuracy: 0.8 }),
      outcome(plannedRun(1, { lr: 0.1, seed: 2 }, 0), { accuracy: 0.9 }),
      outcome(plannedRun(2, { lr: 0.3, seed: 1 }, 1), { accuracy: 0.7 }),
      outcome(plannedRun(3, { lr: 0.3, seed: 2 }, 1), { accuracy: 0.72 }),
    ],
    options,
  );
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "rank   lr  seed  validation.accuracy    test.accuracy  status       time  run
       1  0.1            0.8500 ± 0.0707  0.8400 ± 0.0707  2 of 2 runs
          0.1     2               0.9000           0.8900  finished     1:01  runs/a100000000000000
          0.1     1               0.8000           0.7900  finished     1:01  runs/a000000000000000
       2  0.3            0.7100 ± 0.0141  0.7000 ± 0.0141  2 of 2 runs
          0.3     2               0.7200           0.7100  finished     1:01  runs/a300000000000000
          0.3     1               0.7000           0.6900  finished     1:01  runs/a200000000000000
    Ranked by validation.accuracy (max).
    Groups of seeds: mean ± sample standard deviation."
  `);
});

test("no outcomes give no table", () => {
  expect(summaryLines([], options)).toEqual([]);
});

import { expect, test } from "vitest";
import { selectionOf, summarise } from "../../../src/app/summary.ts";
import { outcome, plannedRun } from "../cli/outcomes.ts";

const accuracy = { metric: "validation.accuracy", direction: "max" } as const;

test("groups are ranked by the mean over their seeds, best first", () => {
  const groups = summarise(
    [
      outcome(plannedRun(0, {}, 0), { accuracy: 0.9 }),
      outcome(plannedRun(1, {}, 0), { accuracy: 0.5 }),
      outcome(plannedRun(2, {}, 1), { accuracy: 0.8 }),
    ],
    accuracy,
  );
  expect(groups.map((group) => group.outcomes.map(({ run }) => run.index))).toEqual([[2], [0, 1]]);
  expect(groups[1]?.metrics["validation.accuracy"]).toEqual({
    mean: 0.7,
    standardDeviation: expect.closeTo(0.28284271247461906, 12) as number, // √(2 · 0.2²) with n − 1 = 1
    count: 2,
  });
});

test("equal values have no spread at all", () => {
  const value = 0.9488926746166951; // three of these, added up and divided, are not quite this
  const outcomes = [0, 1, 2].map((index) => outcome(plannedRun(index, {}, 0), { accuracy: value }));
  const [group] = summarise(outcomes, accuracy);
  expect(group?.metrics["validation.accuracy"]).toEqual({
    mean: value,
    standardDeviation: 0,
    count: 3,
  });
});

test("a metric to be minimised turns the order round", () => {
  const outcomes = [
    outcome(plannedRun(0, {}), { accuracy: 0.9 }),
    outcome(plannedRun(1, {}), { accuracy: 0.5 }),
  ];
  const [best] = summarise(outcomes, { ...accuracy, direction: "min" });
  expect(best?.outcomes[0]?.run.index).toBe(1);
});

test("failed runs and values that are not numbers come last, in the order of the plan", () => {
  const groups = summarise(
    [
      outcome(plannedRun(0, {}), { status: "failed" }),
      outcome(plannedRun(1, {}), { accuracy: Number.NaN }),
      outcome(plannedRun(2, {}), { accuracy: 0.1 }),
    ],
    accuracy,
  );
  expect(groups.map((group) => group.outcomes[0]?.run.index)).toEqual([2, 0, 1]);
});

test("a failed seed counts in no mean", () => {
  const [group] = summarise(
    [
      outcome(plannedRun(0, {}, 0), { accuracy: 0.9 }),
      outcome(plannedRun(1, {}, 0), { status: "failed" }),
    ],
    accuracy,
  );
  expect(group?.metrics["validation.accuracy"]).toEqual({ mean: 0.9, count: 1 });
});

test("a task without a selection keeps the order of the plan", () => {
  expect(selectionOf({ seed: 1 })).toBeUndefined();
  expect(selectionOf({ selection: { metric: "validation.f1", direction: "min" } })).toEqual({
    metric: "validation.f1",
    direction: "min",
  });
  const outcomes = [
    outcome(plannedRun(0, {}), { accuracy: 0.1 }),
    outcome(plannedRun(1, {}), { accuracy: 0.9 }),
  ];
  const groups = summarise(outcomes, undefined);
  expect(groups.map((group) => group.outcomes[0]?.run.index)).toEqual([0, 1]);
});

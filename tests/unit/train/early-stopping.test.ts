import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  initialEarlyStopping,
  isBetter,
  observeEvaluation,
  shouldStop,
  type BestSoFar,
  type Direction,
} from "../../../src/train/early-stopping.ts";

function best(values: readonly number[], direction: Direction): BestSoFar | undefined {
  let found: BestSoFar | undefined;
  values.forEach((value, index) => {
    if (found === undefined || isBetter(value, found.value, { direction })) {
      found = { step: index + 1, value };
    }
  });
  return found;
}

/** The number of the evaluation at which the run ends, or `undefined`. */
function stopsAt(
  values: readonly number[],
  rule: { patience: number; minDelta: number; direction: Direction },
): number | undefined {
  let state = initialEarlyStopping;
  for (const [index, value] of values.entries()) {
    state = observeEvaluation(state, value, rule);
    if (shouldStop(state, rule.patience)) return index + 1;
  }
  return undefined;
}

test("of equal evaluations the earlier stays the best", () => {
  expect(best([0.5, 0.9, 0.9, 0.8], "max")).toEqual({ step: 2, value: 0.9 });
  expect(best([0.5, 0.2, 0.2], "min")).toEqual({ step: 2, value: 0.2 });
});

test("the best is never worse than any evaluation, and the first of its value", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1 }), (values) => {
      const value = Math.max(...values);
      expect(best(values, "max")).toEqual({ step: values.indexOf(value) + 1, value });
      const least = Math.min(...values);
      expect(best(values, "min")).toEqual({ step: values.indexOf(least) + 1, value: least });
    }),
  );
});

test("patience counts evaluations in a row without an improvement", () => {
  const rule = { patience: 2, minDelta: 0, direction: "max" } as const;
  expect(stopsAt([0.1, 0.2, 0.2, 0.3, 0.2, 0.3], rule)).toBe(6); // equal is no improvement
  expect(stopsAt([0.1, 0.2, 0.1, 0.3, 0.1, 0.4], rule)).toBeUndefined();
  expect(stopsAt([3, 2, 2.5, 2.5], { ...rule, direction: "min" })).toBe(4);
});

test("an improvement of at most minDelta does not count, but many small ones add up", () => {
  const rule = { patience: 2, minDelta: 0.25, direction: "max" } as const;
  expect(stopsAt([0, 0.25, 0.25], rule)).toBe(3);
  expect(stopsAt([0, 0.2, 0.4, 0.6, 0.8], rule)).toBeUndefined(); // 0.4 and 0.8 improve on 0 and 0.4
});

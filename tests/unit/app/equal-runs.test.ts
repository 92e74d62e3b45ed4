import { expect, test } from "vitest";
import { equalConfigNotes, leftOutNotes } from "../../../src/app/equal-runs.ts";

const first = { number: 1, config: { seed: 1, logging: { interval: 1 } } };

test("a plan says which run each one that is left out equals, and what it has other than that", () => {
  expect(leftOutNotes([], 3)).toEqual([]);
  expect(leftOutNotes([{ config: { seed: 1, logging: { interval: 2 } }, first }], 2)).toEqual([
    "1 of 2 runs is left out: an earlier one has its run key (run 1 with logging.interval 1 → 2).",
  ]);
  const configs = [2, 3, 4, 5, 6].map((interval) => ({ seed: 1, logging: { interval } }));
  const many = configs.map((config) => ({ config, first }));
  expect(leftOutNotes(many, 6)).toEqual([
    "5 of 6 runs are left out: an earlier one has their run key (run 1 with logging.interval 1 → 2; run 1 with logging.interval 1 → 3; run 1 with logging.interval 1 → 4; and 2 more).",
  ]);
});

test("resolving names runs of equal configHash, which only data and environment may tell apart", () => {
  const one = { configHash: "a", config: { seed: 1, path: "x" } };
  const other = { configHash: "b", config: { seed: 2, path: "x" } };
  expect(equalConfigNotes([one, other])).toEqual([]);
  expect(
    equalConfigNotes([one, other, { configHash: "a", config: { seed: 1, path: "y" } }]),
  ).toEqual([
    '1 run has the configHash of an earlier one (run 3 is run 1 with path "x" → "y"). A plan has the first of them alone, unless data or environment differ.',
  ]);
});

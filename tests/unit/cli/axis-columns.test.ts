import { expect, test } from "vitest";
import { axisColumns } from "../../../src/cli/axis-columns.ts";

test("an axis that only some runs have stands behind the one before it, not behind all", () => {
  const runs = [
    { axisValues: { rate: 1, size: "small", seed: 0 } },
    { axisValues: { rate: 1, size: "large", width: 8, heads: 4, seed: 0 } },
    { axisValues: { rate: 1, size: "large", width: 8, momentum: 0, seed: 0 } },
    { axisValues: {} },
    { axisValues: { first: 1, rate: 1 } },
  ];
  expect(axisColumns(runs)).toEqual([
    "first",
    "rate",
    "size",
    "width",
    "momentum",
    "heads",
    "seed",
  ]);
});

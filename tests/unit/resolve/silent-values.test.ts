import { expect, test } from "vitest";
import { z } from "zod";
import { choice } from "../../../src/config/axes.ts";
import { defineTask } from "../../../src/config/define-task.ts";
import { field } from "../../../src/core/marks.ts";
import { linesOf } from "./support/runs.ts";
import { resolveWith } from "./support/small-task.ts";

const learning = field({ onlyInModes: ["train"] });
const member = (kind: string): z.ZodObject =>
  z.strictObject({ kind: z.literal(kind), rate: z.number().default(0.1) });
const { defineConfig, extend, variants } = defineTask({
  name: "modes",
  schema: z.strictObject({
    seed: z.int().default(0),
    mode: z.enum(["train", "evaluate"]).default("train"),
    optimizer: z
      .discriminatedUnion("kind", [member("one"), member("other")])
      .prefault({ kind: "one" })
      .meta(learning),
    steps: z.int().default(1).meta(learning),
  }),
  run: async function* run() {},
});
const grid = extend(defineConfig({}), {
  steps: choice(1, 2),
  optimizer: { rate: choice(0.1, 0.2) },
});

test("an axis that says nothing in the mode is no column of it", () => {
  expect(linesOf(grid, ["mode=evaluate", "seed=1,2"])).toEqual(["seed=1", "seed=2"]);
  expect(resolveWith(grid, ["mode=evaluate"]).runs).toHaveLength(1);
});

test("where the mode itself varies, runs that train keep what counts for them", () => {
  const lines = linesOf(grid, ["mode=train,evaluate", "steps=3"]);
  expect(lines).toEqual([
    "optimizer.rate=0.1 mode=train",
    "mode=evaluate",
    "optimizer.rate=0.2 mode=train",
  ]);
});

test("names of variants stay: they say more than one field", () => {
  const named = extend(
    grid,
    { steps: 1 },
    variants("size", { small: { seed: 1 }, big: { seed: 2 } }),
  );
  expect(linesOf(named, ["mode=evaluate"])).toEqual(["size=small", "size=big"]);
});

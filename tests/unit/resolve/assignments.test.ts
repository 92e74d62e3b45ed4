/** Which assignments a value comes from: what merging made of them, not the order alone. */
import { expect, test } from "vitest";
import { choice } from "../../../src/config/axes.ts";
import { append, prepend } from "../../../src/config/changes.ts";
import { parsePath } from "../../../src/core/path.ts";
import { writtenText } from "../../../src/resolve/written-text.ts";
import { base, resolveWith, smallTask } from "./support/small-task.ts";

const { extend } = smallTask;

/** What the value of a path in one run comes from: path and text of each assignment, in order. */
function holders(
  definition: object,
  overrides: readonly string[],
  [path, index = 0]: readonly [string, number?],
): readonly string[] {
  const { assignments } = resolveWith(definition, overrides).runs[index] ?? {};
  const found = assignments?.holders(parsePath(path) ?? []) ?? [];
  return found.map((one) => `${one.path.join(".")} ${writtenText(one.value)}`);
}

test("a list comes from all who wrote, lengthened, shortened or changed it", () => {
  const listed = extend(base, { hiddenSizes: [1, 2] }, { hiddenSizes: append(3) });
  expect(holders(listed, ["hiddenSizes[0]=9"], ["hiddenSizes"])).toEqual([
    "hiddenSizes [1, 2]",
    "hiddenSizes append(3)",
    "hiddenSizes.0 9",
  ]);
  expect(holders(listed, ["~hiddenSizes[1]"], ["hiddenSizes"]).at(-1)).toBe(
    "hiddenSizes.1 remove()",
  );
  expect(holders(base, [], ["hiddenSizes"])).toEqual([]);
});

test("an item of a list is followed to where it stood when it was written", () => {
  const moved = extend(base, { hiddenSizes: [1, 2] }, { hiddenSizes: prepend(7, 8) });
  expect(holders(moved, [], ["hiddenSizes[0]"])).toEqual(["hiddenSizes prepend(7, 8)"]);
  expect(holders(moved, [], ["hiddenSizes[2]"])).toEqual(["hiddenSizes [1, 2]"]);
  expect(holders(moved, ["hiddenSizes[2]=5"], ["hiddenSizes[2]"])).toEqual(["hiddenSizes.2 5"]);
});

test("of an axis over objects, each run has what its own value writes", () => {
  const swept = extend(base, {
    optimizer: choice({ kind: "adamw", learningRate: 1 }, { kind: "sgd", learningRate: 2 }),
  });
  expect(holders(swept, [], ["optimizer.learningRate"])).toEqual(["optimizer.learningRate 1"]);
  expect(holders(swept, [], ["optimizer.learningRate", 1])).toEqual(["optimizer.learningRate 2"]);
  expect(holders(swept, [], ["optimizer.momentum", 1])).toEqual([]);
});

test("what was taken away comes from nobody, and what became empty from who took the last", () => {
  const seeds = extend(base, { seeds: { data: 1 } });
  expect(holders(seeds, ["~seeds.data"], ["seeds"])).toEqual(["seeds.data remove()"]);
  expect(holders(seeds, ["~seeds"], ["seeds"])).toEqual([]);
});

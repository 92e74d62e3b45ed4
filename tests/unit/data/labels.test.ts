import { expect, test } from "vitest";
import { chooseLabels } from "../../../src/data/labels.ts";
import { errorOf } from "./helpers.ts";

const parts = { train: ["b", "a", "b"], validation: ["a"], test: ["b"] };

test("undeclared classes stand in code-unit order, declared ones as written", () => {
  expect(chooseLabels(undefined, { ...parts, train: ["b", "a", "Z", "é"] })).toEqual([
    "Z",
    "a",
    "b",
    "é",
  ]);
  expect(chooseLabels(["b", "a"], parts)).toEqual(["b", "a"]);
});

test.each([
  [
    "a declared class without example",
    ["a", "b", "c"],
    parts,
    'The class "c" has no example in the part train.',
  ],
  [
    "several of them",
    ["a", "b", "c", "d"],
    parts,
    'The classes "c", "d" have no example in the part train.',
  ],
  [
    "a class that only another part has",
    undefined,
    { ...parts, test: ["c"] },
    'The class "c" has no example in the part train, but test has some.',
  ],
  [
    "an example of an undeclared class",
    ["a", "b"],
    { ...parts, validation: ["B"] },
    'An example of the part validation has the class "B", which is not declared.',
  ],
  ["a class declared twice", ["a", "b", "a"], parts, 'data.labels names the class "a" twice.'],
  [
    "one class only",
    undefined,
    { train: ["a", "a"], validation: ["a"], test: ["a"] },
    'All 2 examples of the part train have the class "a"; at least two classes are needed.',
  ],
] as const)("%s is refused", async (...[, declared, found, message]) => {
  const error = await errorOf(() => chooseLabels(declared, found));
  expect(error).toMatchObject({ code: "data", message });
});

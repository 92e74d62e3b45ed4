import { expect, test } from "vitest";
import { choice } from "../../../src/config/axes.ts";
import { describeValue, misuse } from "../../../src/config/misuse.ts";
import { sum } from "./sum-task.ts";

class Scaler {
  readonly factor = 2;
}

test.each<[unknown, string]>([
  [undefined, "undefined"],
  [null, "null"],
  [3, "3"],
  [true, "true"],
  ["abc", 'the string "abc"'],
  ["x".repeat(50), `the string "${"x".repeat(39)}…"`],
  [() => 1, "a function"],
  [Symbol("x"), "a symbol"],
  [[], "an empty list"],
  [[1], "a list"],
  [{}, "an object"],
  [Object.create(null), "an object"],
  [new Scaler(), "an object of class Scaler"],
  [choice(1), "the marker choice()"],
  [sum, "a task"],
  [sum.defineConfig({ training: { numSteps: 1 } }), "a definition"],
  [sum.fragment({}), "a fragment"],
  [sum.rule("x", () => true), "what rule() gave back"],
  [sum.alias("x", "seed"), "what alias() gave back"],
])("%# is described", (value, text) => {
  expect(describeValue(value)).toBe(text);
});

test("the place stands first, and the hint is kept apart", () => {
  const call = { file: "/lab/a.ts", line: 2, column: 3 };
  expect(misuse(call, "that is wrong.", "Do this.")).toMatchObject({
    code: "config",
    message: "/lab/a.ts:2:3: that is wrong.",
    hint: "Do this.",
  });
  expect(misuse(call, "that is wrong.").hint).toBeUndefined();
});

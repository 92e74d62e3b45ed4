import { expect, test } from "vitest";
import { isExpError } from "../../../src/core/errors.ts";
import { thrownMessage, thrownStack, thrownText } from "../../../src/core/thrown.ts";

const bomb = (): never => {
  throw new Error("looked at");
};

test.each([
  [new TypeError("no"), "TypeError: no"],
  [new Error(""), "Error"],
  ["text", "text"],
  [undefined, "undefined"],
  [null, "null"],
  [{ a: 1 }, '{"a":1}'],
  [Symbol("s"), "Symbol(s)"],
  [Object.create(null), "something that cannot be shown"],
  [
    Object.defineProperty(new Error("x"), "message", { get: bomb }),
    "something that cannot be shown",
  ],
  [Object.assign(new Error("x"), { name: { toString: bomb } }), "something that cannot be shown"],
  [new Proxy({}, { getPrototypeOf: bomb, get: bomb }), "something that cannot be shown"],
] as const)("%# is put into words", (thrown, words) => {
  expect(thrownText(thrown)).toBe(words);
  expect(thrownMessage(thrown)).not.toContain("looked at");
  expect(isExpError(thrown)).toBe(false);
});

test("a stack is read where it is a text", () => {
  expect(thrownStack(new Error("x"))).toContain("thrown.test.ts");
  expect(thrownStack("x")).toBeUndefined();
  expect(
    thrownStack(Object.defineProperty(new Error("x"), "stack", { get: bomb })),
  ).toBeUndefined();
});

test("an object that only looks like an error of Lockstep is none", () => {
  expect(isExpError(Object.assign(new Error("x"), { name: "ExpError", code: "config" }))).toBe(
    false,
  );
});

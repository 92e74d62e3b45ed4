import { expect, test } from "vitest";
import { isPlainObject } from "../../../src/core/json.ts";

test.each<[string, unknown, boolean]>([
  ["an object literal", {}, true],
  ["an object without a prototype", Object.create(null), true],
  ["a list", [], false],
  ["null", null, false],
  ["an instance", new Date(0), false],
  ["a function", () => 1, false],
  ["an object that inherits", Object.create({}), false],
])("%s", (_name, value, expected) => {
  expect(isPlainObject(value)).toBe(expected);
});

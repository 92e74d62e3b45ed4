import { expect, test } from "vitest";
import { isPlainObject, parseJson } from "../../../src/core/json.ts";

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

test("JSON that is nested too deeply to be walked through is none; brackets in texts do not count", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  expect(parseJson(nested(200))).toBeInstanceOf(Array);
  expect(parseJson(nested(201))).toBeUndefined();
  expect(parseJson(`{"a":${nested(100_000)}}`)).toBeUndefined();
  expect(parseJson(JSON.stringify(["[".repeat(1_000), '\\"{'.repeat(1_000)]))).toHaveLength(2);
  expect(parseJson(`[${"[],".repeat(1_000)}{}]`)).toHaveLength(1_001);
});

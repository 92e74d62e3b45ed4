import { expect, test } from "vitest";
import { repeatedKey } from "../../../src/core/repeated-key.ts";

test.each([
  ['{"a": 1, "b": {"a": 2}, "c": [{"a": 1}, {"a": 2}]}', undefined],
  ['{"a": ":", "b": "a\\": {"}', undefined],
  ['{"a": 1,\n"b": 2,\n"\\u0061": 3}', { key: "a", line: 3 }],
  ['[{"x": {}, "y": [1],\r\n "x" : 0}]', { key: "x", line: 2 }],
  ['"a"', undefined],
])("the first key that stands twice in %j is %j", (json, expected) => {
  expect(repeatedKey(json)).toEqual(expected);
});

/** Texts and numbers of other tools that JSON cannot say. */
import { expect, test } from "vitest";
import { storableRun } from "../../../../src/app/import-foreign/storable.ts";
import { canonicalJson } from "../../../../src/core/canonical-json.ts";
import type { JsonObject } from "../../../../src/core/json.ts";

function nested(depth: number): JsonObject {
  return depth === 0 ? { end: 1 } : { a: nested(depth - 1) };
}

test("halves of pairs, infinities, deep values, a prototype as key, and steps that are none", () => {
  const run = storableRun({
    id: "a\ud800",
    name: "\udfff😀",
    experiment: "e",
    tags: ["\ud83d"],
    config: JSON.parse('{"__proto__": {"x": 1e999}, "k\\ud800": ["\\udc00"]}') as JsonObject,
    rows: [
      { step: Number.NaN, values: new Map([["f1", 1]]) },
      { step: 1.5, values: new Map([["__proto__", Number.NaN]]) },
    ],
    results: new Map([["f\udc00", Infinity]]),
  });
  expect(run).toMatchObject({ id: "a\ufffd", name: "\ufffd😀", tags: ["\ufffd"] });
  expect(canonicalJson(run.config)).toBe('{"_proto_":{"x":"Infinity"},"k\ufffd":["\ufffd"]}');
  expect(run.rows).toEqual([{ step: 1.5, values: new Map([["_proto_", Number.NaN]]) }]);
  expect([...run.results]).toEqual([["f\ufffd", Infinity]]);
  const deep = storableRun({ ...run, config: nested(180) });
  expect(canonicalJson(deep.config)).toContain('\\"end\\":1');
});

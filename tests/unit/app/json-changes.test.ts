import * as fc from "fast-check";
import { expect, test } from "vitest";
import { applyChanges, changesBetween } from "../../../src/app/json-changes.ts";
import type { JsonObject } from "../../../src/core/json.ts";

/** Few keys and values, so that documents share parts, with the keys that are special to JavaScript. */
const { document } = fc.letrec<{ document: JsonObject; value: JsonObject[string] }>((tie) => ({
  document: fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__", "1"), tie("value"), {
    noNullPrototype: true,
  }),
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(0, 1, "x", null, true),
    fc.array(fc.nat(1), { maxLength: 2 }),
    tie("document"),
  ),
}));

test("changes lead from any document to any other, in the same order of keys", () => {
  fc.assert(
    fc.property(document, document, (from, to) => {
      const before = JSON.stringify(from);
      const changes = JSON.parse(JSON.stringify(changesBetween(from, to))) as ReturnType<
        typeof changesBetween
      >;
      const reached = applyChanges(from, changes);
      expect(reached).toEqual(to);
      expect(JSON.stringify(sorted(reached))).toBe(JSON.stringify(sorted(to)));
      expect(JSON.stringify(from)).toBe(before);
    }),
    { numRuns: 300 },
  );
});

/** Fields of the document itself are those of a run, always in one order; below, the order is kept. */
function sorted(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

test("equal documents need no change, and what is equal is shared", () => {
  const from = { same: { deep: [1, 2] }, other: { value: 1, kept: {} } };
  expect(changesBetween(from, structuredClone(from))).toEqual([]);
  const to = applyChanges(from, [[["other", "value"], 2]]);
  expect(to).toEqual({ same: { deep: [1, 2] }, other: { value: 2, kept: {} } });
  expect(to["same"]).toBe(from.same);
});

test("a list is replaced as a whole, a field taken away", () => {
  expect(changesBetween({ a: [1, 2], b: 1 }, { a: [1, 3] })).toEqual([[["b"]], [["a"], [1, 3]]]);
});

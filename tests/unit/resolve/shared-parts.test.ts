import * as fc from "fast-check";
import { expect, test } from "vitest";
import { deepFreeze } from "../../../src/core/freeze.ts";
import type { Draft } from "../../../src/resolve/build.ts";
import { shareParts } from "../../../src/resolve/shared-parts.ts";

const { document } = fc.letrec<{ document: Draft; value: unknown }>((tie) => ({
  document: fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(0, 1, "x", null, true),
    fc.array(tie("value"), { maxLength: 2 }),
    tie("document"),
  ),
}));

test("sharing changes no value and no order of keys", () => {
  fc.assert(
    fc.property(document, document, (draft, earlier) => {
      const text = JSON.stringify(draft);
      shareParts(draft, deepFreeze(earlier));
      expect(JSON.stringify(draft)).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test("equal parts are one object, also beside others that differ", () => {
  const earlier = deepFreeze({
    same: { deep: [1, { x: 2 }] },
    other: { value: 1, kept: { y: 3 } },
  });
  const draft: Draft = { same: { deep: [1, { x: 2 }] }, other: { value: 2, kept: { y: 3 } } };
  shareParts(draft, earlier);
  expect(draft["same"]).toBe(earlier.same);
  expect(draft["other"]).not.toBe(earlier.other);
  expect(draft["other"]).toEqual({ value: 2, kept: { y: 3 } });
  expect((draft["other"] as Draft)["kept"]).toBe(earlier.other.kept);
});

test("another order of keys is another part: a task may go through them", () => {
  const earlier = deepFreeze({ part: { a: 1, b: 2 } });
  const draft: Draft = { part: { b: 2, a: 1 } };
  shareParts(draft, earlier);
  expect(JSON.stringify(draft)).toBe('{"part":{"b":2,"a":1}}');
});

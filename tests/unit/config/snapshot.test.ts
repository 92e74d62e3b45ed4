import * as fc from "fast-check";
import { expect, test } from "vitest";
import { required } from "../../../src/config/deferred.ts";
import { snapshot } from "../../../src/config/snapshot.ts";
import { misuseOf, sum } from "./sum-task.ts";

const call = { file: "/lab/a.ts", line: 2, column: 3 };

test("a copy equals what was written, and shares no object with it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const copy = snapshot({ value }, call) as { readonly value: unknown };
      expect(JSON.stringify(copy)).toBe(JSON.stringify({ value }));
      const isLeaf = typeof value !== "object" || value === null;
      expect(isLeaf || (copy.value !== value && Object.isFrozen(copy.value))).toBe(true);
    }),
    { seed: 1 },
  );
});

test("later changes of a shared literal do not reach the copy", () => {
  const shared = { list: [{ size: 1 }] };
  const copy = snapshot({ shared }, call);
  shared.list[0] = { size: 2 };
  expect(copy).toEqual({ shared: { list: [{ size: 1 }] } });
});

test("markers stay themselves", () => {
  const marker = required();
  expect(snapshot({ a: marker }, call)).toEqual({ a: marker });
});

test("objects without a prototype are plain data too", () => {
  expect(snapshot(Object.assign(Object.create(null) as object, { a: 1 }), call)).toEqual({ a: 1 });
});

const circular: { self?: unknown } = {};
circular.self = circular;

test.each([
  [undefined],
  [() => 1],
  [Symbol("x")],
  [10n],
  [new Date(0)],
  [new Map()],
  [new Float32Array(1)],
  [Number.NaN],
])("%# stays as it is: a resolver can say what is wrong, and where", (value: unknown) => {
  expect(snapshot({ a: [value] }, call)).toEqual({ a: [value] });
});

test("a hole in a list is undefined", () => {
  // eslint-disable-next-line no-sparse-arrays -- that is the case
  expect(Object.keys(snapshot([1, , 3], call) as object)).toEqual(["0", "1", "2"]);
});

test.each([
  [{ a: { [Symbol("x")]: 1 } }, "a has the key Symbol(x)"],
  [JSON.parse('{"a":{"__proto__":1}}'), "a has the key __proto__"],
  [
    {
      a: {
        get b() {
          return 1;
        },
      },
    },
    "a.b is an accessor",
  ],
  [{ a: sum.fragment({ seed: 1 }) }, "a is a fragment, which no config can hold.\nHand fragments"],
  [{ a: sum }, "a is a task"],
  [circular, "self.self.self holds itself."],
])("%# is refused with its path", (value: unknown, message) => {
  const error = misuseOf(() => snapshot(value, call));
  expect(error).toContain(`/lab/a.ts:2:3: ${message}`);
});

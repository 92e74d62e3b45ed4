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
  [{ a: undefined }, "a is undefined, which no config can hold.\nLeave the key out"],
  [{ a: [1, , 3] }, "a[1] is undefined"], // eslint-disable-line no-sparse-arrays -- that is the case
  [{ a: () => 1 }, "a is a function, which no config can hold.\nCompute a value with derived"],
  [{ a: Symbol("x") }, "a is a symbol"],
  [{ a: 10n }, "a is 10, which"],
  [{ a: new Date(0) }, "a is an object of class Date"],
  [{ a: new Map() }, "a is an object of class Map"],
  [{ "a b": [new Float32Array(1)] }, '["a b"][0] is an object of class Float32Array'],
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
  [circular, "self.self.self is nested too deeply, or holds itself."],
])("%# is refused with its path", (value: unknown, message) => {
  const error = misuseOf(() => snapshot(value, call));
  expect(error).toContain(`/lab/a.ts:2:3: ${message}`);
});

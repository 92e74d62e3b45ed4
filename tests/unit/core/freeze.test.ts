import { expect, test } from "vitest";
import { deepFreeze } from "../../../src/core/freeze.ts";

test("every list and plain object is frozen, and the same value comes back", () => {
  const value = { a: [{ b: 1 }], c: Object.assign(Object.create(null) as object, { d: [] }) };
  expect(deepFreeze(value)).toBe(value);
  expect([value, value.a, value.a[0], value.c].every((part) => Object.isFrozen(part))).toBe(true);
  expect(() => value.a.push({ b: 2 })).toThrowError(TypeError);
});

test("children of an already frozen object are frozen too", () => {
  const value = Object.freeze({ inner: { a: 1 } });
  deepFreeze(value);
  expect(Object.isFrozen(value.inner)).toBe(true);
});

test("data that contains itself does not loop", () => {
  const value: { self?: unknown } = {};
  value.self = value;
  expect(Object.isFrozen(deepFreeze(value))).toBe(true);
});

test("typed arrays, instances and primitives stay as they are", () => {
  const value = { weights: new Float32Array(2), when: new Date(0), none: null };
  deepFreeze(value);
  expect(Object.isFrozen(value.when)).toBe(false);
  value.weights[0] = 1;
  expect(value.weights[0]).toBe(1);
  expect(deepFreeze(7)).toBe(7);
});

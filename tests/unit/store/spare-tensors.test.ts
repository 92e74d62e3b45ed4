/** Copies are written over only when they were given back, and only by tensors of their size. */
import { expect, test } from "vitest";
import type { HostTensors } from "../../../src/core/run-events.ts";
import { createTensorCopies } from "../../../src/store/spare-tensors.ts";

function tensors(...values: readonly number[]): HostTensors {
  const all = Float32Array.from(values);
  return new Map([["w", { dtype: "F32" as const, shape: [all.length], values: all }]]);
}

function valuesOf(copies: HostTensors): Float32Array | Int32Array | undefined {
  return copies.get("w")?.values;
}

test("a copy lies in the memory of one that was given back, and in no other", () => {
  const copies = createTensorCopies();
  const [first, second] = [copies.copy(tensors(1, 2)), copies.copy(tensors(3, 4))];
  copies.giveBack(first);
  const whole = new Map([
    ["w", { dtype: "I32", shape: [2], values: Int32Array.of(5, 6) }],
  ] as const);
  expect(valuesOf(copies.copy(whole))).toEqual(Int32Array.of(5, 6));
  expect(valuesOf(copies.copy(tensors(7)))).toEqual(Float32Array.of(7));
  const third = copies.copy(tensors(8, 9));
  expect(valuesOf(third)).toBe(valuesOf(first));
  expect([valuesOf(second), valuesOf(third)]).toEqual([
    Float32Array.of(3, 4),
    Float32Array.of(8, 9),
  ]);
  expect(valuesOf(copies.copy(tensors(0, 0)))).not.toBe(valuesOf(third));
});

test("no more than 32 MiB are kept", () => {
  const copies = createTensorCopies();
  const few = tensors(1, 2, 3);
  const many = new Map([
    ["w", { dtype: "F32" as const, shape: [9e6], values: new Float32Array(9e6) }],
  ]);
  const [one, two] = [copies.copy(many), copies.copy(few)];
  copies.giveBack(one);
  copies.giveBack(two);
  expect(valuesOf(copies.copy(many)) === valuesOf(one)).toBe(false); // by themselves they would be printed
  expect(valuesOf(copies.copy(few)) === valuesOf(two)).toBe(true);
});

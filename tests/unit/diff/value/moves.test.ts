import * as fc from "fast-check";
import { expect, test } from "vitest";
import { movesBetween } from "../../../../src/diff/value/moves.ts";

const permutation = fc.integer({ min: 0, max: 40 }).chain((length) =>
  fc.shuffledSubarray(
    Array.from({ length }, (_, index) => index),
    { minLength: length },
  ),
);

/** By the definition, in quadratic time. */
function longestRisingLength(numbers: readonly number[]): number {
  const lengths: number[] = [];
  for (const [at, number] of numbers.entries()) {
    const earlier = lengths.filter((_, index) => (numbers[index] ?? 0) < number);
    lengths[at] = 1 + Math.max(0, ...earlier);
  }
  return Math.max(0, ...lengths);
}

test("the moves, one after the other, lead to the order, each really moves, and none could be spared", () => {
  fc.assert(
    fc.property(permutation, (order) => {
      const after = order.map(String);
      const current = after.toSorted((one, other) => Number(one) - Number(other));
      const moves = movesBetween(current, after);
      for (const { name, from, to } of moves) {
        expect(from).not.toBe(to);
        expect(current.splice(from, 1)).toEqual([name]);
        current.splice(to, 0, name);
      }
      expect(current).toEqual(after);
      expect(moves.length).toBe(order.length - longestRisingLength(order));
    }),
    { numRuns: 500 },
  );
});

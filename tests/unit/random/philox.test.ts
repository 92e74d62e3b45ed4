import * as fc from "fast-check";
import { expect, test } from "vitest";
import { philox4x32, type Words4 } from "../../../src/random/philox.ts";

function blockOf(counter: Words4, key: readonly [number, number]): number[] {
  const out = new Uint32Array(4);
  philox4x32(counter, key, out);
  return [...out];
}

const ones = 0xffff_ffff;

// Random123's known-answer vectors for philox4x32 with 10 rounds: zeros, ones, digits of π.
test.each<[Words4, readonly [number, number], number[]]>([
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [ones, ones, ones, ones],
    [ones, ones],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
])("the published block of counter %j under key %j", (counter, key, expected) => {
  expect(blockOf(counter, key)).toEqual(expected);
});

test("every block is that of the definition with 64-bit products", () => {
  const word = fc.nat(ones);
  const counters = fc.tuple(word, word, word, word);
  fc.assert(
    fc.property(counters, fc.tuple(word, word), (counter, key) => {
      expect(blockOf(counter, key)).toEqual(definition(counter, key));
    }),
  );
});

/** The definition in exact integers, with names and order of the paper. */
function definition(counter: Words4, key: readonly [number, number]): number[] {
  const mask = 0xffff_ffffn;
  let [a, b, c, d] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const [p0, p1] = [a * 0xd2511f53n, c * 0xcd9e8d57n];
    [a, b, c, d] = [(p1 >> 32n) ^ b ^ k0, p1 & mask, (p0 >> 32n) ^ d ^ k1, p0 & mask];
    [k0, k1] = [(k0 + 0x9e3779b9n) & mask, (k1 + 0xbb67ae85n) & mask];
  }
  return [a, b, c, d].map(Number);
}

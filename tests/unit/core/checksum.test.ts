import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checksum64, murmurHash3 } from "../../../src/core/checksum.ts";

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer);
}

// Published values of MurmurHash3_x86_32 for inputs of whole words (SMHasher's author and the known test lists).
test.each<[string, number[], number, string]>([
  ["nothing", [], 0x00000000, "00000000"],
  ["nothing", [], 0x00000001, "514e28b7"],
  ["nothing", [], 0xffffffff, "81f16f39"],
  ["ff ff ff ff", [0xff, 0xff, 0xff, 0xff], 0, "76293b50"],
  ["21 43 65 87", [0x21, 0x43, 0x65, 0x87], 0, "f55b516b"],
  ["21 43 65 87", [0x21, 0x43, 0x65, 0x87], 0x5082edee, "2362f9de"],
  ["00 00 00 00", [0, 0, 0, 0], 0, "2362f9de"],
  ["test", [...Buffer.from("test")], 0, "ba6bd213"],
  ["test", [...Buffer.from("test")], 0x9747b28c, "704b81dc"],
  ["aaaa", [...Buffer.from("aaaa")], 0x9747b28c, "5a97808a"],
  ["abcd", [...Buffer.from("abcd")], 0x9747b28c, "f0478627"],
])("MurmurHash3 of %s is as published", (...[, bytes, seed, expected]) => {
  const hash = murmurHash3(wordsOf(Uint8Array.from(bytes)), seed);
  expect(hash.toString(16).padStart(8, "0")).toBe(expected);
});

test("a checksum is the two MurmurHash3 halves of the bytes", () => {
  fc.assert(
    fc.property(fc.float32Array({ maxLength: 40 }), (values) => {
      const words = new Uint32Array(values.slice().buffer);
      const halves = [0x6a09e667, 0xbb67ae85].map((seed) => murmurHash3(words, seed));
      expect(checksum64(values)).toBe(
        halves.map((half) => half.toString(16).padStart(8, "0")).join(""),
      );
    }),
  );
});

test("a checksum is pinned", () => {
  expect(checksum64(Float32Array.of(1, -2.5, 0))).toMatchInlineSnapshot(`"79d611c79b2f2314"`);
  expect(checksum64(new Int32Array(0))).toMatchInlineSnapshot(`"09f45f69adcf6676"`);
});

test("a view counts only its own elements", () => {
  const whole = Float32Array.of(9, 1, 2, 9);
  expect(checksum64(whole.subarray(1, 3))).toBe(checksum64(Float32Array.of(1, 2)));
});

test("one changed bit anywhere changes the checksum", () => {
  fc.assert(
    fc.property(fc.int32Array({ minLength: 1 }), fc.nat(), fc.nat(31), (values, place, bit) => {
      const changed = values.slice();
      const index = place % values.length;
      changed[index] = (values[index] ?? 0) ^ (1 << bit);
      expect(checksum64(changed)).not.toBe(checksum64(values));
    }),
  );
  expect(checksum64(Float32Array.of(0))).not.toBe(checksum64(Float32Array.of(-0)));
});

// The limit that the module's documentation names: differences made on purpose vanish under every seed.
test("flipping mixed bits 18 and 31 of neighbouring words is not seen", () => {
  const mixed = (value: number): number => {
    const scaled = Math.imul(value, 0xcc9e2d51);
    return Math.imul((scaled << 15) | (scaled >>> 17), 0x1b873593);
  };
  const inverse = (factor: number): number => {
    let result = factor; // Newton's iteration modulo 2³²: each round doubles the bits that are right
    for (let round = 0; round < 5; round++) {
      result = Math.imul(result, 2 - Math.imul(factor, result));
    }
    return result;
  };
  const unmixed = (block: number): number => {
    const rotated = Math.imul(block, inverse(0x1b873593));
    return Math.imul((rotated >>> 15) | (rotated << 17), inverse(0xcc9e2d51));
  };
  const words = Int32Array.of(7, 123_456_789, -5, 99);
  const flipped = words.slice();
  flipped[1] = unmixed(mixed(words[1] ?? 0) ^ (1 << 18));
  flipped[2] = unmixed(mixed(words[2] ?? 0) ^ (1 << 31));
  expect(flipped).not.toEqual(words);
  expect(checksum64(flipped)).toBe(checksum64(words));
});

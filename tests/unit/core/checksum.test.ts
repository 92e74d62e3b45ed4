import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checksum64, xxHash32 } from "../../../src/core/checksum.ts";

function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.slice().buffer);
}

// What the package xxhash 4.1.0 for Python gives, which holds the reference implementation (xxHash 0.8.4).
test.each<[string, number[], number, string]>([
  ["nothing", [], 0x00000000, "02cc5d05"],
  ["nothing", [], 0x9747b28c, "8d3b42d8"],
  ["abcd", [...Buffer.from("abcd")], 0x00000000, "a3643705"],
  ["abcd", [...Buffer.from("abcd")], 0x9747b28c, "9475e7f2"],
  ["ff ff ff ff", [0xff, 0xff, 0xff, 0xff], 0x6a09e667, "115d29c9"],
  ["16 bytes", Array.from({ length: 16 }, (_, at) => at), 0x00000000, "b72837f4"],
  ["16 bytes", Array.from({ length: 16 }, (_, at) => at), 0x9747b28c, "91507297"],
  ["20 bytes", Array.from({ length: 20 }, (_, at) => at), 0x00000001, "b6517192"],
  ["28 bytes", Array.from({ length: 28 }, (_, at) => at), 0x9747b28c, "12e86067"],
  ["44 bytes", Array.from({ length: 44 }, (_, at) => at), 0x6a09e667, "42b126ab"],
])("xxHash32 of %s is that of the reference implementation", (...[, bytes, seed, expected]) => {
  const hash = xxHash32(wordsOf(Uint8Array.from(bytes)), seed);
  expect(hash.toString(16).padStart(8, "0")).toBe(expected);
});

test("a checksum is the two halves by xxHash32 of the bytes", () => {
  fc.assert(
    fc.property(fc.float32Array({ maxLength: 40 }), (values) => {
      const words = new Int32Array(values.slice().buffer);
      const halves = [0x6a09e667, 0xbb67ae85].map((seed) => xxHash32(words, seed));
      expect(checksum64(values)).toBe(
        halves.map((half) => half.toString(16).padStart(8, "0")).join(""),
      );
    }),
  );
});

test("a checksum is pinned", () => {
  expect(checksum64(Float32Array.of(1, -2.5, 0))).toMatchInlineSnapshot(`"4f4f614e2700a375"`);
  expect(checksum64(new Int32Array(0))).toMatchInlineSnapshot(`"7b76f1ae890faa20"`);
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

test("two values that changed places change the checksum", () => {
  const values = Float32Array.from({ length: 23 }, (_, index) => index);
  const seen = new Set([checksum64(values)]);
  for (let first = 0; first < values.length; first++) {
    for (let second = first + 1; second < values.length; second++) {
      const swapped = values.slice();
      [swapped[first], swapped[second]] = [second, first];
      seen.add(checksum64(swapped));
    }
  }
  expect(seen.size).toBe(1 + (23 * 22) / 2);
});

// The limit that the module's documentation names: differences made on purpose vanish under both seeds.
test("a flipped sign can be taken back by the next word of the lane", () => {
  const inverse = (factor: number): number => {
    let result = factor; // Newton's iteration modulo 2³²: each round doubles the bits that are right
    for (let round = 0; round < 5; round++) {
      result = Math.imul(result, 2 - Math.imul(factor, result));
    }
    return result;
  };
  const change = Math.imul(Math.imul(1 << 12, 0x9e3779b1), inverse(0x85ebca77));
  const same = Array.from({ length: 64 }, (_, index) => {
    const words = Int32Array.from({ length: 8 }, (__, at) => 1_000_003 * (index + 1) * (at + 1));
    const flipped = words.slice();
    flipped[0] = (words[0] ?? 0) ^ (1 << 31);
    flipped[4] = (words[4] ?? 0) + change;
    return checksum64(flipped) === checksum64(words);
  });
  expect(same).toContain(true);
  expect(same).toContain(false);
});

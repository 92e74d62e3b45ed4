import { expect, test } from "vitest";
import { nextSerial, sharedProduct } from "../../../../src/backend/native/pieces.ts";

const places = { left: 64, right: 128, result: 192 };
const gpt = { rows: 768, inner: 128, columns: 512 };
const large = { rows: 2_048, inner: 256, columns: 1_024 };

test.each([
  [gpt, 2],
  [gpt, 3],
  [large, 16],
  [{ rows: 7, inner: 9_000, columns: 9_000 }, 4],
  [{ rows: 17, inner: 1, columns: 1 }, 2],
])("pieces of %j for %i threads cover each row once, in whole tiles", (sizes, threads) => {
  const { numPieces, integers } = sharedProduct({ ...places, ...sizes }, threads);
  const each = integers[7] ?? 0;
  expect(each % 12).toBe(0);
  expect(numPieces).toBeLessThanOrEqual(threads * 4);
  expect((numPieces - 1) * each).toBeLessThan(sizes.rows);
  expect(numPieces * each).toBeGreaterThanOrEqual(sizes.rows);
});

test("a product has some pieces for each thread, and one where it is small", () => {
  const piecesOf = (sizes: typeof gpt, threads: number): number =>
    sharedProduct({ ...places, ...sizes }, threads).numPieces;
  expect([2, 4].map((threads) => piecesOf(gpt, threads))).toEqual([8, 16]);
  expect(piecesOf({ rows: 32, inner: 784, columns: 256 }, 64)).toBe(3);
  expect(piecesOf({ rows: 32, inner: 128, columns: 128 }, 64)).toBe(1);
});

test("no two products have one serial number, and none has 0", () => {
  const numbers = Array.from({ length: 100 }, nextSerial);
  expect(new Set(numbers).size).toBe(100);
  expect(numbers).not.toContain(0);
});

import { expect, test } from "vitest";
import { numPartsOf, numPiecesOf, sharedProduct } from "../../../../src/backend/native/pieces.ts";

const places = { left: 64, right: 128, result: 192 };
const gpt = { rows: 768, inner: 128, columns: 512 };
const large = { rows: 2_048, inner: 256, columns: 1_024 };

test.each([
  [gpt, 1],
  [gpt, 2],
  [gpt, 3],
  [large, 16],
  [{ rows: 7, inner: 9_000, columns: 9_000 }, 4],
  [{ rows: 17, inner: 1, columns: 1 }, 2],
])("pieces of %j cover each row once, and begin at multiples of 16", (sizes, most) => {
  const { numPieces, integers } = sharedProduct({ ...places, ...sizes }, most);
  const each = integers[7] ?? 0;
  expect(each % 16).toBe(0);
  expect(numPieces).toBeLessThanOrEqual(most);
  expect((numPieces - 1) * each).toBeLessThan(sizes.rows);
  expect(numPieces * each).toBeGreaterThanOrEqual(sizes.rows);
});

test("a product is a piece for each thread, more where results are large, and one where it is small", () => {
  expect([1, 2, 4].map((threads) => numPiecesOf(gpt, threads))).toEqual([1, 2, 4]);
  expect(numPiecesOf({ ...large, columns: 4_096 }, 2)).toBe(4);
  expect(numPiecesOf({ rows: 32, inner: 784, columns: 256 }, 64)).toBe(1);
});

test("beside the gradient of the input, two threads compute that of the weight without parts", () => {
  const product = { ...places, rows: 512, inner: 768, columns: 128, transposed: "left" as const };
  expect([2, 3, 4].map((threads) => numPartsOf(product, threads, true))).toEqual([1, 3, 2]);
  expect([2, 3, 4].map((threads) => numPartsOf(product, threads, false))).toEqual([2, 3, 4]);
  expect(numPartsOf({ ...product, inner: 32 }, 8, false)).toBe(1);
  expect(numPartsOf({ ...product, inner: 40, columns: 9_000 }, 8, false)).toBe(3); // of 16, 16 and 8 rows
});

import { expect, test } from "vitest";
import { nextSerial, sharedProduct } from "../../../../src/backend/native/pieces.ts";

const places = { left: 64, right: 128, result: 192 };
const gpt = { rows: 768, inner: 128, columns: 512 };
const large = { rows: 2_048, inner: 256, columns: 1_024 };

test.each([
  [gpt, 2],
  [gpt, 3],
  [large, 16],
  [{ rows: 17, inner: 1, columns: 1 }, 2],
])("pieces of %j for %i threads cover each row once, in whole tiles", (sizes, threads) => {
  const { numPieces, integers } = sharedProduct({ ...places, ...sizes }, threads);
  const each = integers[7] ?? 0;
  expect(integers[6]).toBe(0);
  expect(each % 12).toBe(0);
  expect(numPieces).toBeLessThanOrEqual(threads * 4);
  expect((numPieces - 1) * each).toBeLessThan(sizes.rows);
  expect(numPieces * each).toBeGreaterThanOrEqual(sizes.rows);
});

test.each([
  [{ rows: 7, inner: 9_000, columns: 9_000 }, 4],
  [{ rows: 768, inner: 128, columns: 50_257 }, 2],
  [{ rows: 1, inner: 20_000, columns: 130 }, 2],
])(
  "pieces of %j for %i threads have columns, so that each part is packed once",
  (sizes, threads) => {
    const { numPieces, integers } = sharedProduct(
      { ...places, ...sizes, transposed: "right" },
      threads,
    );
    const each = integers[7] ?? 0;
    expect(integers[6]).toBe(2 + 4);
    expect(each % 64).toBe(0);
    expect(numPieces).toBeGreaterThanOrEqual(threads);
    expect(numPieces).toBeLessThanOrEqual(threads * 4);
    expect((numPieces - 1) * each).toBeLessThan(sizes.columns);
    expect(numPieces * each).toBeGreaterThanOrEqual(sizes.columns);
  },
);

test("a large right operand without columns enough for all threads is shared out by rows", () => {
  const sizes = { rows: 24, inner: 3_000_000, columns: 100 };
  expect(sharedProduct({ ...places, ...sizes }, 2).integers[6]).toBe(0);
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

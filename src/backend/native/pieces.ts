/** How a product is shared out: by its sizes and the number of threads alone, so that its bits follow from these. */
import type { Address } from "../wasm/memory.ts";

/** result [rows, columns] = left · right, each lying in row-major order in one piece. */
export interface Product {
  readonly left: Address;
  readonly right: Address;
  readonly result: Address;
  readonly rows: number;
  /** Products in a sum. */
  readonly inner: number;
  readonly columns: number;
  /**
   * Which of them lies as its transpose. Where it is the left one, the pieces are parts of the sums, and `result` has room for
   * a result of each.
   */
  readonly transposed?: "left" | "right";
}

/** Rows at which pieces begin: multiples of this lie at multiples of 64 bytes, whatever the width. */
const rowStep = 16;

/** Multiplications of a piece at least: some 40 µs, where what surrounds a call of the library takes 15. */
const leastWork = 4_000_000;

/**
 * Bytes of a piece's result at most, which lies in the library's memory until it is copied. Smaller pieces would lie in a cache,
 * but each of them packs the right operand anew, which costs more.
 */
const mostResultBytes = 8 * 1024 * 1024;

const flags = { none: 0, left: 1, right: 2 };

/** A product as the kernel takes it, and the number of its pieces. */
export interface SharedProduct {
  readonly numPieces: number;
  /** For the arguments of `libraryProduct`. */
  readonly integers: readonly number[];
}

/** Shares a product out to at most so many pieces. */
export function sharedProduct(product: Product, most: number): SharedProduct {
  const { left, right, result, rows, inner, columns, transposed = "none" } = product;
  const length = transposed === "left" ? inner : rows;
  const each = rowStep * Math.ceil(length / rowStep / most);
  return {
    numPieces: Math.ceil(length / each),
    integers: [left, right, result, rows, inner, columns, flags[transposed], each],
  };
}

type Sizes = Pick<Product, "rows" | "inner" | "columns">;

/** Pieces of a product whose result is shared out by rows: the same number for each thread. */
export function numPiecesOf(sizes: Sizes, numThreads: number): number {
  const { rows, inner, columns } = sizes;
  const enough = Math.floor((rows * inner * columns) / leastWork);
  const rounds = Math.ceil((rows * columns * 4) / (numThreads * mostResultBytes));
  return Math.max(1, Math.min(enough, numThreads * rounds));
}

/**
 * Parts of the sums in the gradient of a weight. Beside the gradient of the input, which takes as long, half of the threads
 * compute it: two threads one of them each, without parts that have to be added up.
 */
export function numPartsOf(product: Product, numThreads: number, isBeside: boolean): number {
  const { rows, inner, columns } = product;
  const enough = Math.floor((rows * inner * columns) / leastWork);
  const wanted = isBeside && numThreads % 2 === 0 ? numThreads / 2 : numThreads;
  return sharedProduct(product, Math.max(1, Math.min(enough, wanted))).numPieces;
}

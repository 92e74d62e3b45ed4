/** How a product is shared out: in pieces of rows or columns, by its sizes and the number of threads. No bit depends on it. */
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
  /** Which of them lies as its transpose. */
  readonly transposed?: "left" | "right";
}

/** Rows of a tile at most: pieces of whole tiles. */
const rowStep = 12;

/** Multiplications of a piece at least: some 20 µs, where what surrounds a call takes 1. */
const leastWork = 1_000_000;

/** Pieces for each thread, so that all are busy to the end. */
const piecesAThread = 4;

/** Elements of a right operand that every thread packs for itself; of a larger one each part is packed in one piece alone. */
const mostPacked = 2 ** 21;

/** Columns that a piece has a multiple of: whole panels, of every set of instructions. */
const columnStep = 64;

const flags = { none: 0, left: 1, right: 2, byColumns: 4 };

/** A product as the kernel takes it, and the number of its pieces. */
export interface SharedProduct {
  readonly numPieces: number;
  /** For the arguments of `libraryProduct`. */
  readonly integers: readonly number[];
}

/** Shares a product out. */
export function sharedProduct(product: Product, numThreads: number): SharedProduct {
  const { left, right, result, rows, inner, columns, transposed = "none" } = product;
  const isByColumns = inner * columns > mostPacked && columns >= columnStep * numThreads;
  const [length, step] = isByColumns ? [columns, columnStep] : [rows, rowStep];
  const least = Math.ceil((leastWork * length) / (step * rows * inner * columns));
  const wanted = Math.ceil(length / (step * numThreads * piecesAThread));
  const each = step * Math.max(least, wanted);
  const flag = flags[transposed] + (isByColumns ? flags.byColumns : 0);
  return {
    numPieces: Math.ceil(length / each),
    integers: [left, right, result, rows, inner, columns, flag, each],
  };
}

let lastSerial = 0;

/** A number that no other product has: by it a thread knows that it has packed the right operand already. */
export function nextSerial(): number {
  lastSerial = lastSerial === 0x7fff_ffff ? 1 : lastSerial + 1;
  return lastSerial;
}

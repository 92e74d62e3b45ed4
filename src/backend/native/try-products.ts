/** Whether our own products, as a compiler made them, compute what they are known to compute. */
import { ExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { pieceFunction, type ThreadLibrary } from "../wasm/thread-library.ts";
import { createMemory } from "../wasm/web-assembly.ts";

/**
 * Of the product below, with a product and a sum rounded once, and where the processor cannot do that. Those of g++ 12 and
 * clang 14, which agree.
 */
const known: readonly string[] = [
  "73b3400b28673bcf8c1269569c87b8ec9eaaf1848c4a3bc9ebc35ac9ffa82b20",
  "6084d7920c13e003f495e60a78fc6670ff49587f0084141b9b63c23ba2e3db90",
];

/** Sums longer than a block, edges of tiles and panels, and GELU. */
const [rows, inner, columns] = [37, 300, 53];

/**
 * The digest of a product with GELU that they compute in this process.
 * @throws {Error} when they do not load.
 */
function productsDigest({ file, source }: ThreadLibrary): string {
  const memory = createMemory({ initial: 4, maximum: 4, shared: false });
  let end = 1_024;
  const place = (length: number): number => {
    const address = end;
    end += 4 * length;
    const values = new Float32Array(memory.buffer, address, length);
    for (let index = 0; index < length; index++)
      values[index] = ((index * 7919) % 1_009) / 1_009 - 0.5;
    return address;
  };
  const [left, right, bias] = [place(rows * inner), place(inner * columns), place(columns)];
  const [result, value] = [place(rows * columns), place(rows * columns)];
  const product = [left, right, result, rows, inner, columns, 0, rows];
  // One piece, and GELU after it; see `assembly/library.ts`.
  const words = [1, ...product, ...Array<number>(8).fill(0), bias, 2, value, 0];
  new Uint32Array(memory.buffer, 0, words.length).set(words);
  pieceFunction({ file, source }, memory)(0, 0, 0);
  return sha256(new Uint8Array(memory.buffer, result, end - result));
}

/**
 * Refuses products that compute something else: the class of an environment stands for their bits.
 * @throws {ExpError} `environment`.
 */
export function tryProducts(library: ThreadLibrary): void {
  const digest = productsDigest(library);
  if (known.includes(digest)) return;
  throw new ExpError(
    "environment",
    `Our own products compute other bits than they should (${digest.slice(0, 16)}): the compiler changed their sums.`,
    { hint: "Compile them with g++: CXX=g++ exp backend install native --rebuild." },
  );
}

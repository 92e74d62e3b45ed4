/** Whether our own products, as a compiler made them, compute what they are known to compute. */
import { createRequire } from "node:module";
import { ExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { pieceFunction } from "../wasm/thread-library.ts";
import { createMemory } from "../wasm/web-assembly.ts";
import { productSourceOf } from "./product-source.ts";
import { productLevels, type Level } from "./products-levels.ts";

/**
 * Of the product below, by how often a product and a sum are rounded. Those of g++ 12 and clang 14, which agree; a processor's
 * best set of instructions has one of them, and the class of an environment tells which.
 */
const known: Readonly<Record<Level["rounded"], string>> = {
  once: "73b3400b28673bcf8c1269569c87b8ec9eaaf1848c4a3bc9ebc35ac9ffa82b20",
  twice: "6084d7920c13e003f495e60a78fc6670ff49587f0084141b9b63c23ba2e3db90",
};

/** Sums longer than a block, edges of tiles and panels, and GELU. */
const [rows, inner, columns] = [37, 300, 53];

/**
 * The digest of a product with GELU that they compute in this process by one of its sets of instructions.
 * @throws {Error} when they do not load.
 */
function productsDigest(file: string, level: number): string {
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
  pieceFunction({ file, source: productSourceOf(level) }, memory)(0, 0, 0);
  return sha256(new Uint8Array(memory.buffer, result, end - result));
}

/**
 * Names of the sets of instructions for which products are compiled and which this processor has, the best first.
 * @param file - The compiled products.
 * @throws {Error} when they do not load.
 */
export function levelsOf(file: string): readonly string[] {
  const { levels } = createRequire(file)(file) as { readonly levels: readonly string[] }; // `products-glue.ts`
  return levels;
}

/**
 * Refuses products that compute something else by one of the sets of instructions that this processor has: the class of an
 * environment stands for their bits. To be called before a thread of this process computes with them.
 * @param file - The compiled products.
 * @throws {ExpError} `environment`.
 */
export function tryProducts(file: string): void {
  // The best comes last: it is the one that goes on to be taken.
  const levels = [...levelsOf(file).entries()].reverse();
  for (const [number, name] of levels) refuseOtherBits(name, productsDigest(file, number));
}

/**
 * Refuses a digest that is not that of a set of instructions. Those of another set are other bits too: on one machine they
 * would stand under one class beside the right ones.
 * @param arch - As `process.arch` says it.
 * @throws {ExpError} `environment`.
 */
export function refuseOtherBits(name: string, digest: string, arch: string = process.arch): void {
  const level = productLevels(arch).find((one) => one.name === name);
  if (level !== undefined && digest === known[level.rounded]) return;
  throw new ExpError(
    "environment",
    `Our own products compute other bits than they should (${name}: ${digest.slice(0, 16)}): the compiler changed their sums.`,
    { hint: "Compile them with g++: CXX=g++ exp backend install native --rebuild." },
  );
}

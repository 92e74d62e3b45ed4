/**
 * A keyed permutation of the indices of a data set that is never stored; every place in any epoch can be computed on
 * its own, so a run that is resumed needs no generator state and no list in memory.
 * @see Black, Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002, sections 3 and 5: a Feistel network over
 *   the next power of two, walked until it lands inside. Halves may differ in width by one bit here, so that a walk
 *   takes fewer than two steps on average.
 */
import { InternalError } from "../core/errors.ts";
import { stepWords } from "./counter.ts";
import { philox4x32 } from "./philox.ts";
import type { RandomStream } from "./streams.ts";

/** An order of 0 to size - 1. */
export interface Permutation {
  /** The value at a place; both are 0 to size - 1, and no two places have the same. */
  readonly at: (index: number) => number;
}

const numRounds = 10;

/**
 * A network of fewer bits is not even after ten rounds: of 3 bits, it prefers some orders of five elements to others.
 * Small sizes walk longer instead, up to 256 steps for a single element.
 */
const minBits = 8;

/**
 * The order of one epoch.
 * @param size - Number of elements, 0 to 2^31.
 * @param epoch - An integer from 0 on; each has an order of its own.
 * @throws {InternalError} for a size, an epoch, or later an index out of range.
 */
export function createPermutation(stream: RandomStream, size: number, epoch: number): Permutation {
  if (!Number.isSafeInteger(size) || size < 0 || size > 2 ** 31) {
    throw new InternalError(`${size} is no size of a permutation`);
  }
  const network = createNetwork(stream, Math.max(minBits, 32 - Math.clz32(size - 1)), epoch);
  return {
    at: (index) => {
      if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
        throw new InternalError(`index ${index} lies outside a permutation of ${size}`);
      }
      let value = index;
      do value = network(value);
      while (value >= size);
      return value;
    },
  };
}

/** A permutation of 0 to 2^numBits - 1. Even rounds change the left half by the right one, odd rounds the reverse. */
function createNetwork(
  stream: RandomStream,
  numBits: number,
  epoch: number,
): (value: number) => number {
  const numRightBits = Math.ceil(numBits / 2);
  const rightMask = 2 ** numRightBits - 1;
  const leftMask = 2 ** (numBits - numRightBits) - 1;
  const [word2, word3] = stepWords("permutation", epoch);
  const words = new Uint32Array(4);
  return (value) => {
    let left = value >>> numRightBits;
    let right = value & rightMask;
    for (let round = 0; round < numRounds; round++) {
      const isEven = round % 2 === 0;
      philox4x32([isEven ? right : left, round, word2, word3], stream.key, words);
      const word = words[0] ?? 0;
      if (isEven) left ^= word & leftMask;
      else right ^= word & rightMask;
    }
    return ((left << numRightBits) | right) >>> 0;
  };
}

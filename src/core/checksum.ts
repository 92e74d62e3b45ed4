/**
 * A fast 64-bit checksum of a tensor for dense trace rows: it is there to find the first tensor that differs by accident,
 * not to withstand forgery (identities use SHA-256, which takes several times as long).
 *
 * Two seeds do not make 64 independent bits: some differences vanish under both. Of a word and the next one of its lane,
 * flip the sign of the first: what that changes in the lane is one bit, which is added or taken away by the state it finds.
 * Subtract from the second what takes that back, and it is gone under each seed that found the same. Rounding does not make
 * such pairs, but they can be made at will.
 */

/** Seeds of the two halves: the fractional bits of √2 and √3, so that neither is a special value. */
export const checksumSeeds = [0x6a09e667, 0xbb67ae85] as const;

// The primes of xxHash32, by the numbers that they have there; signed, so that V8 multiplies them as they are.
const prime1 = 0x9e3779b1 | 0;
const prime2 = 0x85ebca77 | 0;
const prime3 = 0xc2b2ae3d | 0;
const prime4 = 0x27d4eb2f;
const prime5 = 0x165667b1;

/**
 * 16 hex digits: xxHash32 of the tensor's little-endian bytes under seed 6a09e667, then under bb67ae85. Bits count, so 0
 * and -0 differ.
 */
export function checksum64(values: Float32Array | Int32Array): string {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  const [first, second] = checksumSeeds;
  return checksumText(xxHash32(words, first), xxHash32(words, second));
}

/** Both halves as 16 hex digits. @param second - As `first`, a whole number from 0 to below 2³². */
export function checksumText(first: number, second: number): string {
  return hex(first) + hex(second);
}

/**
 * xxHash32 of whole 32-bit words, from 0 to below 2³²: four sums that do not wait for each other, so that a vector unit
 * does them at once. Exported so that its published values can be checked.
 * @see Collet, xxHash fast digest algorithm, version 0.1.1, XXH32.
 */
export function xxHash32(words: Int32Array, seed: number): number {
  let first = (seed + prime1 + prime2) | 0;
  let second = (seed + prime2) | 0;
  let third = seed | 0;
  let fourth = (seed - prime1) | 0;
  const numQuadruples = words.length & ~3;
  for (let at = 0; at < numQuadruples; at += 4) {
    first = added(first, words[at] ?? 0);
    second = added(second, words[at + 1] ?? 0);
    third = added(third, words[at + 2] ?? 0);
    fourth = added(fourth, words[at + 3] ?? 0);
  }
  const joined = rotated(first, 1) + rotated(second, 7) + rotated(third, 12) + rotated(fourth, 18);
  const hash = numQuadruples === 0 ? seed + prime5 : joined;
  return finished((hash + words.byteLength) | 0, words.subarray(numQuadruples));
}

function added(sum: number, word: number): number {
  return Math.imul(rotated((sum + Math.imul(word, prime2)) | 0, 13), prime1);
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function finished(hash: number, rest: Int32Array): number {
  let mixed = hash;
  for (const word of rest) {
    mixed = Math.imul(rotated((mixed + Math.imul(word, prime3)) | 0, 17), prime4);
  }
  mixed = Math.imul(mixed ^ (mixed >>> 15), prime2);
  mixed = Math.imul(mixed ^ (mixed >>> 13), prime3);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}

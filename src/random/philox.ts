/**
 * Philox 4x32-10: a block of four random words as a pure function of a key and a counter. Nothing is remembered
 * between calls, so a sample depends on what it is for and never on what was drawn before it.
 * @see Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 3.3.
 */

/** Four 32-bit words, each 0 to 2^32 - 1. */
export type Words4 = readonly [number, number, number, number];

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const numRounds = 10;

/**
 * Writes the block of `counter` under `key` to `out`; allocates nothing. Long rows of samples are made by the same
 * function in WebAssembly (`samples.ts`), which is several times faster.
 * @param counter - Four 32-bit words.
 * @param key - Two 32-bit words.
 * @param out - At least four elements; the first four are overwritten.
 */
export function philox4x32(
  counter: Words4,
  key: readonly [number, number],
  out: Uint32Array,
): void {
  // By index: destructuring runs an iterator, which costs more than the ten rounds.
  let counter0 = counter[0];
  let counter1 = counter[1];
  let counter2 = counter[2];
  let counter3 = counter[3];
  let key0 = key[0];
  let key1 = key[1];
  for (let round = 0; round < numRounds; round++) {
    const low0 = Math.imul(counter0, multiplier0);
    const low1 = Math.imul(counter2, multiplier1);
    const high0 = multiplyHigh(counter0, multiplier0);
    const high1 = multiplyHigh(counter2, multiplier1);
    counter0 = high1 ^ counter1 ^ key0;
    counter1 = low1;
    counter2 = high0 ^ counter3 ^ key1;
    counter3 = low0;
    key0 = (key0 + weyl0) | 0;
    key1 = (key1 + weyl1) | 0;
  }
  out[0] = counter0;
  out[1] = counter1;
  out[2] = counter2;
  out[3] = counter3;
}

/** The upper 32 bits of the 64-bit product, by halves: a float64 holds only 53 bits of it. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = Math.imul(aLow, bLow) >>> 0;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (low >>> 16); // below 2^32
  const carry = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

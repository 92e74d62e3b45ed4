/**
 * AssemblyScript, compiled to WebAssembly: Philox 4x32-10 and the samples made from it, written to a buffer that the
 * caller copies out. A 64-bit product is one instruction here and about ten in JavaScript.
 */

/** Floats that fit the buffer; a multiple of 4, so that a long row can be cut between blocks. */
export const capacity: i32 = 65536;
export const buffer: usize = memory.data(4 * 65536);
const block: usize = memory.data(16);
const nextBlock: usize = memory.data(16);

const two24: f32 = 5.9604644775390625e-8; // 2^-24
const two32: f64 = 2.3283064365386962890625e-10; // 2^-32
const fullTurn: f64 = 6.283185307179586; // 2π

// What all rows of one call share: the last two words of the counter, and the key.
let stepLow: u32 = 0;
let useAndStepHigh: u32 = 0;
let keyFirst: u32 = 0;
let keySecond: u32 = 0;

export function select(counter2: u32, counter3: u32, key0: u32, key1: u32): void {
  stepLow = counter2;
  useAndStepHigh = counter3;
  keyFirst = key0;
  keySecond = key1;
}

/** Uniforms in [0, 1) of 24 bits: `numRows` rows of `length`, from element 4 * firstBlock of each position on. */
export function fillUniform(firstBlock: u32, firstPosition: u32, numRows: i32, length: i32): void {
  let out = buffer;
  for (let row = 0; row < numRows; row++) {
    let element = 0;
    for (; element + 4 <= length; element += 4) {
      philox(firstBlock + (element >> 2), firstPosition + row, 0, out);
      toUniform(out, out);
      toUniform(out + 4, out + 4);
      toUniform(out + 8, out + 8);
      toUniform(out + 12, out + 12);
      out += 16;
    }
    if (element == length) continue;
    philox(firstBlock + (element >> 2), firstPosition + row, 0, block);
    for (let word = block; element < length; element++, word += 4, out += 4) toUniform(word, out);
  }
}

/** Twenty-four of the 32 bits, as many as a float32 holds. */
function toUniform(word: usize, out: usize): void {
  f32.store(out, f32(load<u32>(word) >>> 8) * two24);
}

/** Standard normals, laid out as in `fillUniform`; one beyond ±limit is drawn again. */
export function fillNormal(
  firstBlock: u32,
  firstPosition: u32,
  numRows: i32,
  length: i32,
  limit: f64,
): void {
  let out = buffer;
  for (let row = 0; row < numRows; row++) {
    for (let element = 0; element < length; element++) {
      const index = firstBlock + (element >> 2);
      const lane = element & 3;
      if (lane == 0) philox(index, firstPosition + row, 0, block);
      let value = normal(block, lane);
      // Drawn from the same lane of the next attempt, so that no other sample moves. 4.6 % lie beyond ±2, so that
      // 128 attempts are never used up.
      for (let attempt: u32 = 1; attempt < 128 && abs(value) > limit; attempt++) {
        philox(index, firstPosition + row, attempt, nextBlock);
        value = normal(nextBlock, lane);
      }
      f32.store(out, f32(value));
      out += 4;
    }
  }
}

/**
 * The normal of one lane by the method of Box and Muller: lanes 0 and 1 are cosine and sine from the first two words
 * of the block, lanes 2 and 3 from the others. The first word of a pair gives the radius and is never taken as 0.
 */
function normal(words: usize, lane: i32): f64 {
  const pair = words + ((lane & 2) << 2);
  const radius = sqrt(-2.0 * NativeMath.log((f64(load<u32>(pair)) + 1.0) * two32));
  const angle = fullTurn * (f64(load<u32>(pair, 4)) * two32);
  return radius * (lane & 1 ? NativeMath.sin(angle) : NativeMath.cos(angle));
}

/** Writes the four words of one block to `out`. */
function philox(index: u32, position: u32, attempt: u32, out: usize): void {
  let counter0: u32 = index;
  let counter1: u32 = position;
  let counter2: u32 = stepLow;
  let counter3: u32 = useAndStepHigh | (attempt << 21);
  let key0: u32 = keyFirst;
  let key1: u32 = keySecond;
  for (let round = 0; round < 10; round++) {
    const product0 = u64(counter0) * 0xd2511f53;
    const product1 = u64(counter2) * 0xcd9e8d57;
    counter0 = u32(product1 >>> 32) ^ counter1 ^ key0;
    counter1 = u32(product1);
    counter2 = u32(product0 >>> 32) ^ counter3 ^ key1;
    counter3 = u32(product0);
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  store<u32>(out, counter0);
  store<u32>(out, counter1, 4);
  store<u32>(out, counter2, 8);
  store<u32>(out, counter3, 12);
}

/**
 * AssemblyScript: dropout whose mask comes from Philox 4x32-10, with the numbers of `src/random`: element e of an example
 * takes word e % 4 of block e / 4. Four blocks are computed side by side, one a lane.
 * @see Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011.
 */
import { loadPart, storePart } from "./functions";

/**
 * 0 examples  4 elements an example  8 elements a piece, a multiple of 16  12 pieces an example
 * 16 input or 0  20 result or 0  24 mask or 0  28 position of the first example  32 … 44 words 2 and 3 of the counter and
 * the key  48 elements whose 24 bits are below it become 0  52 factor of the others (float32)
 */
export function dropout(args: usize, piece: i32): void {
  const perExample = load<i32>(args, 4);
  const example = piece / load<i32>(args, 12);
  const first = (piece % load<i32>(args, 12)) * load<i32>(args, 8);
  const end = min(perExample, first + load<i32>(args, 8));
  const base = usize(example) * usize(perExample);
  const position = load<u32>(args, 28) + u32(example);
  for (let element = first; element < end; element += 16) {
    let c0 = i32x4.add(i32x4.splat(element >> 2), i32x4(0, 1, 2, 3));
    let c1 = i32x4.splat(position);
    let c2 = i32x4.splat(load<u32>(args, 32));
    let c3 = i32x4.splat(load<u32>(args, 36));
    let key0 = load<u32>(args, 40);
    let key1 = load<u32>(args, 44);
    for (let round = 0; round < 10; round++) {
      const even0 = i64x2.extmul_low_i32x4_u(c0, i32x4.splat(0xd2511f53));
      const odd0 = i64x2.extmul_high_i32x4_u(c0, i32x4.splat(0xd2511f53));
      const even1 = i64x2.extmul_low_i32x4_u(c2, i32x4.splat(0xcd9e8d57));
      const odd1 = i64x2.extmul_high_i32x4_u(c2, i32x4.splat(0xcd9e8d57));
      const high0 = v128.shuffle<i32>(even0, odd0, 1, 3, 5, 7);
      const high1 = v128.shuffle<i32>(even1, odd1, 1, 3, 5, 7);
      c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(key0));
      c1 = v128.shuffle<i32>(even1, odd1, 0, 2, 4, 6);
      c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(key1));
      c3 = v128.shuffle<i32>(even0, odd0, 0, 2, 4, 6);
      key0 += 0x9e3779b9;
      key1 += 0xbb67ae85;
    }
    // From one block a lane to one block a vector.
    const ab0 = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
    const ab1 = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
    const cd0 = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
    const cd1 = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
    const at = (base + usize(element)) << 2;
    const left = end - element;
    if (left >= 16) {
      apply4(args, at, v128.shuffle<i32>(ab0, cd0, 0, 1, 4, 5));
      apply4(args, at + 16, v128.shuffle<i32>(ab0, cd0, 2, 3, 6, 7));
      apply4(args, at + 32, v128.shuffle<i32>(ab1, cd1, 0, 1, 4, 5));
      apply4(args, at + 48, v128.shuffle<i32>(ab1, cd1, 2, 3, 6, 7));
      continue;
    }
    apply(args, at, v128.shuffle<i32>(ab0, cd0, 0, 1, 4, 5), left);
    if (left > 4) apply(args, at + 16, v128.shuffle<i32>(ab0, cd0, 2, 3, 6, 7), left - 4);
    if (left > 8) apply(args, at + 32, v128.shuffle<i32>(ab1, cd1, 0, 1, 4, 5), left - 8);
    if (left > 12) apply(args, at + 48, v128.shuffle<i32>(ab1, cd1, 2, 3, 6, 7), left - 12);
  }
}

/** Four elements with the words that decide over them. */
@inline
function apply4(args: usize, at: usize, words: v128): void {
  const isOff = i32x4.lt_s(i32x4.shr_u(words, 8), v128.load32_splat(args + 48));
  const mask = v128.andnot(v128.load32_splat(args + 52), isOff);
  const result = usize(load<u32>(args, 20));
  const masks = usize(load<u32>(args, 24));
  if (result != 0) {
    v128.store(result + at, f32x4.mul(v128.load(usize(load<u32>(args, 16)) + at), mask));
  }
  if (masks != 0) v128.store(masks + at, mask);
}

/** The same of fewer than four, at the end of an example. */
@inline
function apply(args: usize, at: usize, words: v128, left: i32): void {
  const isOff = i32x4.lt_s(i32x4.shr_u(words, 8), i32x4.splat(load<i32>(args, 48)));
  const mask = v128.andnot(v128.load32_splat(args + 52), isOff);
  const input = usize(load<u32>(args, 16));
  const result = usize(load<u32>(args, 20));
  const masks = usize(load<u32>(args, 24));
  if (result != 0) storePart(result + at, f32x4.mul(loadPart(input + at, left), mask), left);
  if (masks != 0) storePart(masks + at, mask, left);
}

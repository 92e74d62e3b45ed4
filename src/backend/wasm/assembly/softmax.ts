/** AssemblyScript: the softmax of attention over the keys that count, and its gradient. */
import { exp4, laneSum, loadPart, storePart } from "./functions";

/**
 * The weights of scores times a factor. A query sees the keys before its example's length and, where it is causal, none
 * after itself; the others get the weight 0, and their scores may be anything. Sums of a row run in four lanes.
 * 0 rows (queries of all heads of all examples)  4 keys  8 rows a piece  12 scores  16 weights  20 lengths, or 0
 * 24 queries a head  28 heads  32 causal  36 factor (float32)
 */
export function maskedSoftmax(args: usize, piece: i32): void {
  const keys = load<i32>(args, 4);
  const lengths = usize(load<u32>(args, 20));
  const queries = load<i32>(args, 24);
  const heads = load<i32>(args, 28);
  const isCausal = load<i32>(args, 32) != 0;
  const factor = v128.load32_splat(args + 36);
  const first = piece * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  for (let row = first; row < end; row++) {
    const from = usize(load<u32>(args, 12)) + (usize(row * keys) << 2);
    const to = usize(load<u32>(args, 16)) + (usize(row * keys) << 2);
    let count = keys;
    if (lengths != 0) count = load<i32>(lengths + (usize(row / (queries * heads)) << 2));
    if (isCausal) count = min(count, (row % queries) + 1);
    softmaxRow(from, to, count, factor);
    memory.fill(to + (usize(count) << 2), 0, usize(keys - count) << 2);
  }
}

function softmaxRow(from: usize, to: usize, count: i32, factor: v128): void {
  const whole = usize(count & ~3) << 2;
  const end = usize(count) << 2;
  // NaN is passed over here and comes out of the exponential.
  let largest = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < whole; at += 16) {
    largest = f32x4.pmax(largest, v128.load(from + at));
  }
  for (let at = whole; at < end; at += 4) {
    largest = f32x4.pmax(largest, v128.load32_splat(from + at));
  }
  largest = f32x4.splat(largestLane(largest));
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < whole; at += 16) {
    const weight = exp4(f32x4.mul(f32x4.sub(v128.load(from + at), largest), factor));
    sums = f32x4.add(sums, weight);
    v128.store(to + at, weight);
  }
  if (whole < end) {
    const shifted = f32x4.sub(loadPart(from + whole, count & 3), largest);
    const weight = firstLanes(exp4(f32x4.mul(shifted, factor)), count & 3);
    sums = f32x4.add(sums, weight);
    storePart(to + whole, weight, count & 3);
  }
  const inverse = f32x4.splat(<f32>1 / laneSum(sums));
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(to + at, f32x4.mul(v128.load(to + at), inverse));
  }
  if (whole < end) {
    storePart(to + whole, f32x4.mul(loadPart(to + whole, count & 3), inverse), count & 3);
  }
}

@inline
function largestLane(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/** The first `width` lanes; zeros in the others. */
@inline
function firstLanes(v: v128, width: i32): v128 {
  return v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(width)));
}

/**
 * The gradient of the scores: factor · w · (dw − Σ w·dw) for each row.
 * 0 rows  4 keys  8 rows a piece  12 weights  16 their gradient  20 result  24 factor (float32)
 * 28 weights after dropout, or 0: where they are 0, the gradient of the weight is 0; elsewhere it is multiplied by
 * 32 the factor of dropout (float32)
 * 36 queries a head where it is causal, else 0: keys after the query get 0, and nothing of them is read
 */
export function maskedSoftmaxGradient(args: usize, piece: i32): void {
  const keys = load<i32>(args, 4);
  const factor = v128.load32_splat(args + 24);
  const dropped = usize(load<u32>(args, 28));
  const dropFactor = v128.load32_splat(args + 32);
  const queries = load<i32>(args, 36);
  const first = piece * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  for (let row = first; row < end; row++) {
    const offset = usize(row * keys) << 2;
    const weights = usize(load<u32>(args, 12)) + offset;
    const gradient = usize(load<u32>(args, 16)) + offset;
    const to = usize(load<u32>(args, 20)) + offset;
    const count = queries == 0 ? keys : min(keys, (row % queries) + 1);
    let sums = f32x4.splat(0);
    for (let i = 0; i < count; i += 4) {
      const at = usize(i) << 2;
      let dw = loadPart(gradient + at, count - i);
      if (dropped != 0) {
        const isOff = f32x4.eq(loadPart(dropped + offset + at, count - i), f32x4.splat(0));
        dw = v128.andnot(f32x4.mul(dw, dropFactor), isOff);
      }
      sums = f32x4.add(sums, f32x4.mul(loadPart(weights + at, count - i), dw));
      storePart(to + at, dw, count - i);
    }
    const sum = f32x4.splat(laneSum(sums));
    for (let i = 0; i < count; i += 4) {
      const at = usize(i) << 2;
      const centred = f32x4.sub(loadPart(to + at, count - i), sum);
      const weight = f32x4.mul(factor, loadPart(weights + at, count - i));
      storePart(to + at, f32x4.mul(weight, centred), count - i);
    }
    memory.fill(to + (usize(count) << 2), 0, usize(keys - count) << 2);
  }
}

/**
 * AssemblyScript: the updates of the optimizers, in place, exactly as the loops in `kernels/updates.ts` do them, so the
 * bits are those of every other backend. One call updates all parameters: argument 0 is a table with an entry of 32 bytes
 * a piece, 0 elements  4 parameter  8 gradient  12 and 16 slots  20 1 where weight decay applies. From 112 on stand
 * float64 constants.
 */
import { lowerPair, rounded, upperPair } from "./doubles";
import { loadPart, storePart } from "./functions";

@inline
export function entryOf(args: usize, piece: i32): usize {
  return usize(load<u32>(args)) + (usize(piece) << 5);
}

@inline
function pair(address: usize, index: i32): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(address + (usize(index) << 2)));
}

@inline
function storePair(address: usize, index: i32, value: v128, isWhole: bool): void {
  const rounded = f32x4.demote_f64x2_zero(value);
  const to = address + (usize(index) << 2);
  if (isWhole) v128.store64_lane(to, rounded, 0);
  else v128.store32_lane(to, rounded, 0);
}

@inline
function constant(args: usize, index: usize): v128 {
  return v128.load64_splat(args + 112 + (index << 3));
}

/**
 * Adam and AdamW. 12 mean  16 square. Both are computed in double precision and rounded once; from there the step is
 * float32, since the quotient and the root of a double cost three times as much. Constants: β₁, 1 − β₁, β₂, 1 − β₂, L2
 * penalty, and those of the step, which are rounded: ε, step size, decay.
 */
export function adamUpdate(args: usize, piece: i32): void {
  const entry = entryOf(args, piece);
  const end = usize(load<u32>(entry)) << 2;
  const parameter = usize(load<u32>(entry, 4));
  const gradient = usize(load<u32>(entry, 8));
  const mean = usize(load<u32>(entry, 12));
  const square = usize(load<u32>(entry, 16));
  const isDecayed = load<i32>(entry, 20) != 0;
  const beta1 = constant(args, 0);
  const rest1 = constant(args, 1);
  const beta2 = constant(args, 2);
  const rest2 = constant(args, 3);
  const penalty = constant(args, 4);
  const hasPenalty = isDecayed && load<f64>(args, 112 + 32) != 0;
  const epsilon = f32x4.splat(f32(load<f64>(args, 112 + 40)));
  const stepSize = f32x4.splat(f32(load<f64>(args, 112 + 48)));
  const decay = f32x4.splat(isDecayed ? f32(load<f64>(args, 112 + 56)) : 0);
  for (let at: usize = 0; at < end; at += 16) {
    const width = i32((end - at) >> 2);
    const value = loadPart(parameter + at, width);
    const slope = loadPart(gradient + at, width);
    let low = lowerPair(slope);
    let high = upperPair(slope);
    if (hasPenalty) {
      low = f64x2.add(low, f64x2.mul(penalty, lowerPair(value)));
      high = f64x2.add(high, f64x2.mul(penalty, upperPair(value)));
    }
    const before = loadPart(mean + at, width);
    const m = rounded(
      f64x2.add(f64x2.mul(beta1, lowerPair(before)), f64x2.mul(rest1, low)),
      f64x2.add(f64x2.mul(beta1, upperPair(before)), f64x2.mul(rest1, high)),
    );
    const squares = loadPart(square + at, width);
    const v = rounded(
      f64x2.add(f64x2.mul(beta2, lowerPair(squares)), f64x2.mul(f64x2.mul(rest2, low), low)),
      f64x2.add(f64x2.mul(beta2, upperPair(squares)), f64x2.mul(f64x2.mul(rest2, high), high)),
    );
    storePart(mean + at, m, width);
    storePart(square + at, v, width);
    const moved = f32x4.div(f32x4.mul(stepSize, m), f32x4.add(f32x4.sqrt(v), epsilon));
    const taken = f32x4.add(moved, f32x4.mul(decay, value));
    storePart(parameter + at, f32x4.sub(value, taken), width);
  }
}

/** 12 momentum; constants: what decay leaves of the parameter, learning rate, β₁, 1 − β₁, β₂, 1 − β₂. */
export function lionUpdate(args: usize, piece: i32): void {
  const entry = entryOf(args, piece);
  const end = load<i32>(entry);
  const parameter = usize(load<u32>(entry, 4));
  const gradient = usize(load<u32>(entry, 8));
  const momentum = usize(load<u32>(entry, 12));
  const kept = load<i32>(entry, 20) != 0 ? constant(args, 0) : f64x2.splat(1);
  const zero = f64x2.splat(0);
  for (let i = 0; i < end; i += 2) {
    const g = pair(gradient, i);
    const m = pair(momentum, i);
    const mix = f64x2.add(f64x2.mul(constant(args, 2), m), f64x2.mul(constant(args, 3), g));
    const positive = v128.and(f64x2.gt(mix, zero), f64x2.splat(1));
    const negative = v128.and(f64x2.lt(mix, zero), f64x2.splat(1));
    let direction = f64x2.sub(positive, negative);
    direction = v128.bitselect(mix, direction, f64x2.ne(mix, mix)); // NaN has no sign and stays NaN
    const left = f64x2.mul(pair(parameter, i), kept);
    const isWhole = i + 1 < end;
    storePair(parameter, i, f64x2.sub(left, f64x2.mul(constant(args, 1), direction)), isWhole);
    const next = f64x2.add(f64x2.mul(constant(args, 4), m), f64x2.mul(constant(args, 5), g));
    storePair(momentum, i, next, isWhole);
  }
}

/** 4 Nesterov; of an entry 12 momentum, or 0; constants: learning rate, momentum, L2 penalty. */
export function sgdUpdate(args: usize, piece: i32): void {
  const entry = entryOf(args, piece);
  const end = load<i32>(entry);
  const parameter = usize(load<u32>(entry, 4));
  const gradient = usize(load<u32>(entry, 8));
  const buffer = usize(load<u32>(entry, 12));
  const penalty = load<i32>(entry, 20) != 0 ? constant(args, 2) : f64x2.splat(0);
  const isNesterov = load<i32>(args, 4) != 0;
  for (let i = 0; i < end; i += 2) {
    const isWhole = i + 1 < end;
    const value = pair(parameter, i);
    const g = f64x2.add(pair(gradient, i), f64x2.mul(penalty, value));
    let direction = g;
    if (buffer != 0) {
      const velocity = f64x2.add(f64x2.mul(constant(args, 1), pair(buffer, i)), g);
      storePair(buffer, i, velocity, isWhole);
      direction = isNesterov ? f64x2.add(g, f64x2.mul(constant(args, 1), velocity)) : velocity;
    }
    storePair(parameter, i, f64x2.sub(value, f64x2.mul(constant(args, 0), direction)), isWhole);
  }
}

/** Multiplies in place: 0 elements  4 elements a piece  8 values; constant: the factor. */
export function scaleInPlace(args: usize, piece: i32): void {
  const values = usize(load<u32>(args, 8));
  const first = piece * load<i32>(args, 4);
  const end = min(load<i32>(args), first + load<i32>(args, 4));
  for (let i = first; i < end; i += 2) {
    storePair(values, i, f64x2.mul(pair(values, i), constant(args, 0)), i + 1 < end);
  }
}

/** Moves running averages: 0 elements  4 elements a piece  8 average  12 values; constants: what stays of the average, what of the values is added. */
export function moveTowards(args: usize, piece: i32): void {
  const average = usize(load<u32>(args, 8));
  const values = usize(load<u32>(args, 12));
  const first = piece * load<i32>(args, 4);
  const end = min(load<i32>(args), first + load<i32>(args, 4));
  for (let i = first; i < end; i += 2) {
    const kept = f64x2.mul(constant(args, 0), pair(average, i));
    const moved = f64x2.add(kept, f64x2.mul(constant(args, 1), pair(values, i)));
    storePair(average, i, moved, i + 1 < end);
  }
}

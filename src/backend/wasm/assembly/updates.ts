/**
 * AssemblyScript: the updates of the optimizers, in place. Each element is computed in double precision and rounded once,
 * exactly as the loops in `kernels/updates.ts` do it, so the bits are those of every other backend.
 * Arguments: 0 elements  4 elements a piece  8 parameter  12 gradient, then the slots; from 112 on float64 constants.
 */

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
 * Adam and AdamW. 16 mean  20 square; constants: what decay leaves of the parameter, β₁, 1 − β₁, β₂, 1 − β₂, ε, step size,
 * root correction, L2 penalty.
 */
export function adamUpdate(args: usize, piece: i32): void {
  const parameter = usize(load<u32>(args, 8));
  const gradient = usize(load<u32>(args, 12));
  const mean = usize(load<u32>(args, 16));
  const square = usize(load<u32>(args, 20));
  const hasPenalty = load<f64>(args, 112 + 64) != 0;
  const first = piece * load<i32>(args, 4);
  const end = min(load<i32>(args), first + load<i32>(args, 4));
  for (let i = first; i < end; i += 2) {
    const value = pair(parameter, i);
    let g = pair(gradient, i);
    if (hasPenalty) g = f64x2.add(g, f64x2.mul(constant(args, 8), value));
    const m = f64x2.add(
      f64x2.mul(constant(args, 1), pair(mean, i)),
      f64x2.mul(constant(args, 2), g),
    );
    const v = f64x2.add(
      f64x2.mul(constant(args, 3), pair(square, i)),
      f64x2.mul(f64x2.mul(constant(args, 4), g), g),
    );
    const isWhole = i + 1 < end;
    storePair(mean, i, m, isWhole);
    storePair(square, i, v, isWhole);
    const root = f64x2.div(f64x2.sqrt(v), constant(args, 7));
    const moved = f64x2.div(f64x2.mul(constant(args, 6), m), f64x2.add(root, constant(args, 5)));
    storePair(parameter, i, f64x2.sub(f64x2.mul(value, constant(args, 0)), moved), isWhole);
  }
}

/** 16 momentum; constants: what decay leaves of the parameter, learning rate, β₁, 1 − β₁, β₂, 1 − β₂. */
export function lionUpdate(args: usize, piece: i32): void {
  const parameter = usize(load<u32>(args, 8));
  const gradient = usize(load<u32>(args, 12));
  const momentum = usize(load<u32>(args, 16));
  const zero = f64x2.splat(0);
  const first = piece * load<i32>(args, 4);
  const end = min(load<i32>(args), first + load<i32>(args, 4));
  for (let i = first; i < end; i += 2) {
    const g = pair(gradient, i);
    const m = pair(momentum, i);
    const mix = f64x2.add(f64x2.mul(constant(args, 2), m), f64x2.mul(constant(args, 3), g));
    const positive = v128.and(f64x2.gt(mix, zero), f64x2.splat(1));
    const negative = v128.and(f64x2.lt(mix, zero), f64x2.splat(1));
    let direction = f64x2.sub(positive, negative);
    direction = v128.bitselect(mix, direction, f64x2.ne(mix, mix)); // NaN has no sign and stays NaN
    const kept = f64x2.mul(pair(parameter, i), constant(args, 0));
    const isWhole = i + 1 < end;
    storePair(parameter, i, f64x2.sub(kept, f64x2.mul(constant(args, 1), direction)), isWhole);
    const next = f64x2.add(f64x2.mul(constant(args, 4), m), f64x2.mul(constant(args, 5), g));
    storePair(momentum, i, next, isWhole);
  }
}

/** 16 momentum, or 0  20 Nesterov; constants: learning rate, momentum, L2 penalty. */
export function sgdUpdate(args: usize, piece: i32): void {
  const parameter = usize(load<u32>(args, 8));
  const gradient = usize(load<u32>(args, 12));
  const buffer = usize(load<u32>(args, 16));
  const isNesterov = load<i32>(args, 20) != 0;
  const first = piece * load<i32>(args, 4);
  const end = min(load<i32>(args), first + load<i32>(args, 4));
  for (let i = first; i < end; i += 2) {
    const isWhole = i + 1 < end;
    const value = pair(parameter, i);
    const g = f64x2.add(pair(gradient, i), f64x2.mul(constant(args, 2), value));
    let direction = g;
    if (buffer != 0) {
      const velocity = f64x2.add(f64x2.mul(constant(args, 1), pair(buffer, i)), g);
      storePair(buffer, i, velocity, isWhole);
      direction = isNesterov ? f64x2.add(g, f64x2.mul(constant(args, 1), velocity)) : velocity;
    }
    storePair(parameter, i, f64x2.sub(value, f64x2.mul(constant(args, 0), direction)), isWhole);
  }
}

/** Multiplies in place: 8 values; constant: the factor. */
export function scaleInPlace(args: usize, piece: i32): void {
  const values = usize(load<u32>(args, 8));
  const first = piece * load<i32>(args, 4);
  const end = min(load<i32>(args), first + load<i32>(args, 4));
  for (let i = first; i < end; i += 2) {
    storePair(values, i, f64x2.mul(pair(values, i), constant(args, 0)), i + 1 < end);
  }
}

/** Moves running averages: 8 average  12 values; constants: what stays of the average, what of the values is added. */
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

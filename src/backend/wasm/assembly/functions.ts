/**
 * AssemblyScript: elementary functions of four float32 numbers at once, from additions, multiplications and divisions
 * alone, so that their bits are the same everywhere. NaN stays NaN.
 */

/**
 * Constants lie in memory, and not in the code: V8 would put each of them together from two halves whenever it is used,
 * which takes longer than the arithmetic.
 */
@inline
function constant(table: usize, index: usize): v128 {
  return v128.load32_splat(table + (index << 2));
}

/** Added to a float32 of less than 2²² in size, it leaves the nearest whole number in the lowest bits: 1.5 · 2²³. */
const rounding: f32 = 12582912;

/** Least x, 1/ln 2, the rounding; ln 2 in two parts; the polynomial of the Cephes library from its highest power on; 1. */
const exponential: usize = memory.data<f32>([
  -87.33654, 1.44269504, rounding, 0.693359375, -2.1219444e-4, 1.98756915e-4, 1.3981999507e-3,
  8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1,
]);

/**
 * e to the power of x, for x ≤ 88: within 1.2e-7 of the value, relatively; 0 below −87.3, where results are subnormal.
 * 2ⁿ·eʳ with |r| ≤ ln 2 / 2, and eʳ by the polynomial of the Cephes library (Moshier, `expf`).
 */
@inline
export function exp4(x: v128): v128 {
  const least = constant(exponential, 0);
  const clamped = f32x4.pmax(x, least);
  const shifted = f32x4.add(f32x4.mul(clamped, constant(exponential, 1)), constant(exponential, 2));
  const n = f32x4.sub(shifted, constant(exponential, 2));
  // ln 2 in two parts: the product with the first is exact.
  let r = f32x4.sub(clamped, f32x4.mul(n, constant(exponential, 3)));
  r = f32x4.sub(r, f32x4.mul(n, constant(exponential, 4)));
  let p = constant(exponential, 5);
  p = f32x4.add(f32x4.mul(p, r), constant(exponential, 6));
  p = f32x4.add(f32x4.mul(p, r), constant(exponential, 7));
  p = f32x4.add(f32x4.mul(p, r), constant(exponential, 8));
  p = f32x4.add(f32x4.mul(p, r), constant(exponential, 9));
  p = f32x4.add(f32x4.mul(p, r), constant(exponential, 10));
  const one = constant(exponential, 11);
  const value = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), one);
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23);
  const result = f32x4.mul(value, power); // of a NaN this keeps a NaN
  return v128.andnot(result, f32x4.lt(x, least));
}

/** −1/(2 ln 2), the least exponent, the rounding; 2 to the power of f for |f| ≤ 1/2, from the constant on. */
const bell: usize = memory.data<f32>([
  -0.72134752, -127, rounding, 1, 0.693147, 0.24022242, 0.055507336, 0.009671513, 0.0013264727,
]);

/**
 * e to the power of −x²/2, which Φ and its derivative share: 2ⁿ·2ᶠ, with a polynomial of degree 5 that is within 1e-7 of
 * 2ᶠ, relatively, and 1 at 0 (a least-squares fit, weighted until its largest error was smallest). Short chains of operations
 * count here, not few of them. Within 3e-7 for |x| ≤ 3, relatively; 0 from |x| = 13.3 on.
 */
@inline
export function bell4(x: v128): v128 {
  const y = f32x4.pmax(f32x4.mul(f32x4.mul(x, x), constant(bell, 0)), constant(bell, 1));
  const shifted = f32x4.add(y, constant(bell, 2));
  const f = f32x4.sub(y, f32x4.sub(shifted, constant(bell, 2)));
  const squared = f32x4.mul(f, f);
  const low = f32x4.add(f32x4.mul(f, constant(bell, 4)), constant(bell, 3));
  const middle = f32x4.add(f32x4.mul(f, constant(bell, 6)), constant(bell, 5));
  const high = f32x4.add(f32x4.mul(f, constant(bell, 8)), constant(bell, 7));
  const upper = f32x4.add(middle, f32x4.mul(squared, high));
  const value = f32x4.add(low, f32x4.mul(squared, upper));
  return i32x4.add(value, i32x4.shl(shifted, 23)); // n goes to the exponent; Φ keeps the NaN of x
}

/** 0.3275911 / √2, 1, and the halved coefficients from the lowest power on. */
const share: usize = memory.data<f32>([
  0.23164188, 1, 0.127414796, -0.142248368, 0.7107068705, -0.7265760135, 0.5307027145,
]);

/**
 * The share of a standard normal below x, within 1.5e-7, from e^(−x²/2): formula 7.1.26 of Abramowitz and Stegun,
 * "Handbook of Mathematical Functions", for the tail of |x|, with halved coefficients. Far out the bell makes the tail
 * vanish, so that no limit is needed.
 */
@inline
export function normalShare4(x: v128, bell: v128): v128 {
  const one = constant(share, 1);
  const t = f32x4.div(one, f32x4.add(f32x4.mul(f32x4.abs(x), constant(share, 0)), one));
  const squared = f32x4.mul(t, t);
  const low = f32x4.add(f32x4.mul(t, constant(share, 3)), constant(share, 2));
  const middle = f32x4.add(f32x4.mul(t, constant(share, 5)), constant(share, 4));
  const upper = f32x4.add(middle, f32x4.mul(squared, constant(share, 6)));
  const p = f32x4.add(low, f32x4.mul(squared, upper));
  const tail = f32x4.mul(f32x4.mul(p, t), bell);
  const isBelow = f32x4.lt(x, f32x4.splat(0));
  return v128.bitselect(tail, f32x4.sub(one, tail), isBelow);
}

/** x·Φ(x). −∞ gives NaN, as in PyTorch. */
@inline
export function gelu4(x: v128): v128 {
  return f32x4.mul(x, normalShare4(x, bell4(x)));
}

/** 1/√(2π). */
const density: usize = memory.data<f32>([0.39894228]);

/** Φ(x) + x·φ(x), from e^(−x²/2) and Φ(x). */
@inline
export function geluSlope4(x: v128, bell: v128, share: v128): v128 {
  return f32x4.add(share, f32x4.mul(x, f32x4.mul(bell, constant(density, 0))));
}

/** max(x, 0); NaN stays NaN. */
@inline
export function relu4(x: v128): v128 {
  return f32x4.max(x, f32x4.splat(0));
}

/** The first `width` floats, four at most, and zeros after them. */
@inline
export function loadPart(from: usize, width: i32): v128 {
  if (width >= 4) return v128.load(from);
  let part = f32x4.splat(0);
  if (width > 0) part = v128.load32_zero(from);
  if (width > 1) part = v128.load_lane<f32>(from + 4, part, 1);
  if (width > 2) part = v128.load_lane<f32>(from + 8, part, 2);
  return part;
}

/** Stores the first `width` of four floats. */
@inline
export function storePart(to: usize, value: v128, width: i32): void {
  if (width >= 4) {
    v128.store(to, value);
    return;
  }
  if (width > 0) v128.store_lane<f32>(to, value, 0);
  if (width > 1) v128.store_lane<f32>(to + 4, value, 1);
  if (width > 2) v128.store_lane<f32>(to + 8, value, 2);
}

/** (a + b) + (c + d): every sum over lanes takes this order. */
@inline
export function laneSum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/**
 * AssemblyScript: elementary functions of four float32 numbers at once, from additions, multiplications and divisions
 * alone, so that their bits are the same everywhere. NaN stays NaN.
 */

/**
 * e to the power of x, for x ≤ 88: within 1.2e-7 of the value, relatively; 0 below −87.3, where results are subnormal.
 * 2ⁿ·eʳ with |r| ≤ ln 2 / 2, and eʳ by the polynomial of the Cephes library (Moshier, `expf`).
 */
@inline
export function exp4(x: v128): v128 {
  const clamped = f32x4.max(x, f32x4.splat(-87.33654));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.44269504)));
  // ln 2 in two parts: the product with the first is exact.
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  const value = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  const result = f32x4.mul(value, power);
  return v128.andnot(result, f32x4.lt(x, f32x4.splat(-87.33654)));
}

/** e to the power of −x²/2, which Φ and its derivative share. */
@inline
export function bell4(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/**
 * The share of a standard normal below x, within 1.5e-7, from e^(−x²/2): formula 7.1.26 of Abramowitz and Stegun,
 * "Handbook of Mathematical Functions", for the tail of |x|, with halved coefficients. Far out the bell makes the tail
 * vanish, so that no limit is needed.
 */
@inline
export function normalShare4(x: v128, bell: v128): v128 {
  const size = f32x4.mul(f32x4.abs(x), f32x4.splat(0.23164188)); // 0.3275911 / √2
  const t = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), size));
  let p = f32x4.splat(0.5307027145);
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-0.7265760135));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.7107068705));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-0.142248368));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.127414796));
  const tail = f32x4.mul(f32x4.mul(p, t), bell);
  const isBelow = f32x4.lt(x, f32x4.splat(0));
  return v128.bitselect(tail, f32x4.sub(f32x4.splat(1), tail), isBelow);
}

/** x·Φ(x). −∞ gives NaN, as in PyTorch. */
@inline
export function gelu4(x: v128): v128 {
  return f32x4.mul(x, normalShare4(x, bell4(x)));
}

/** Φ(x) + x·φ(x), from e^(−x²/2) and Φ(x). */
@inline
export function geluSlope4(x: v128, bell: v128, share: v128): v128 {
  const density = f32x4.mul(bell, f32x4.splat(0.39894228));
  return f32x4.add(share, f32x4.mul(x, density));
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

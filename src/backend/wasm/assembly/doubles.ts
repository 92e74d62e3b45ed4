/** AssemblyScript: four float32 numbers as twice two float64 numbers, and back. */

@inline
export function lowerPair(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

@inline
export function upperPair(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 2, 3));
}

/** Each of the four rounded once. */
@inline
export function rounded(low: v128, high: v128): v128 {
  const a = f32x4.demote_f64x2_zero(low);
  const b = f32x4.demote_f64x2_zero(high);
  return v128.shuffle<f32>(a, b, 0, 1, 4, 5);
}

/**
 * AssemblyScript: the innermost loops of matrix multiplication. A tile of 5 × 8 sums is ten vectors of four, which with two
 * vectors of the right operand and one of the left fit the sixteen registers of x64. The loops stand in functions of
 * their own, one step written out: V8 keeps the sums in registers only where a function is as small as this (measured: in one
 * function with the edges, half the speed; with several steps written out 0.6-0.9 of it; see `tile-four.ts`).
 */

/**
 * Adds rows of the left operand times a panel of the right one to the sums that lie at `start`, and writes them to `out`.
 * Of fewer than five rows the last one is read again; its results are not used.
 * @param left - Address of the first row; rows are `leftStride` bytes apart.
 * @param right - [count][16], packed, of which this half of a panel is read: the first 8 of each 16, or from there on.
 */
export function sumRows(
  left: usize,
  leftStride: usize,
  numRows: i32,
  right: usize,
  count: i32,
  start: usize,
  startStride: usize,
  out: usize,
  outStride: usize,
): void {
  let row1 = left + (numRows > 1 ? leftStride : 0);
  let row2 = row1 + (numRows > 2 ? leftStride : 0);
  let row3 = row2 + (numRows > 3 ? leftStride : 0);
  let row4 = row3 + (numRows > 4 ? leftStride : 0);
  let c00 = v128.load(start);
  let c01 = v128.load(start, 16);
  let c10 = v128.load(start + 1 * startStride);
  let c11 = v128.load(start + 1 * startStride, 16);
  let c20 = v128.load(start + 2 * startStride);
  let c21 = v128.load(start + 2 * startStride, 16);
  let c30 = v128.load(start + 3 * startStride);
  let c31 = v128.load(start + 3 * startStride, 16);
  let c40 = v128.load(start + 4 * startStride);
  let c41 = v128.load(start + 4 * startStride, 16);
  for (; count > 0; count--) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    const a0 = v128.load_splat<f32>(left);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load_splat<f32>(row1);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load_splat<f32>(row2);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load_splat<f32>(row3);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    const a4 = v128.load_splat<f32>(row4);
    c40 = f32x4.add(c40, f32x4.mul(a4, b0));
    c41 = f32x4.add(c41, f32x4.mul(a4, b1));
    left += 4;
    row1 += 4;
    row2 += 4;
    row3 += 4;
    row4 += 4;
    right += 64;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(out + 1 * outStride, c10);
  v128.store(out + 1 * outStride, c11, 16);
  v128.store(out + 2 * outStride, c20);
  v128.store(out + 2 * outStride, c21, 16);
  v128.store(out + 3 * outStride, c30);
  v128.store(out + 3 * outStride, c31, 16);
  v128.store(out + 4 * outStride, c40);
  v128.store(out + 4 * outStride, c41, 16);
}

/** As `sumRows`, of a left operand that is packed as [count][5]. */
export function sumPacked(
  left: usize,
  right: usize,
  count: i32,
  start: usize,
  startStride: usize,
  out: usize,
  outStride: usize,
): void {
  let c00 = v128.load(start);
  let c01 = v128.load(start, 16);
  let c10 = v128.load(start + 1 * startStride);
  let c11 = v128.load(start + 1 * startStride, 16);
  let c20 = v128.load(start + 2 * startStride);
  let c21 = v128.load(start + 2 * startStride, 16);
  let c30 = v128.load(start + 3 * startStride);
  let c31 = v128.load(start + 3 * startStride, 16);
  let c40 = v128.load(start + 4 * startStride);
  let c41 = v128.load(start + 4 * startStride, 16);
  for (; count > 0; count--) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    const a0 = v128.load_splat<f32>(left);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load_splat<f32>(left, 4);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load_splat<f32>(left, 8);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load_splat<f32>(left, 12);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    const a4 = v128.load_splat<f32>(left, 16);
    c40 = f32x4.add(c40, f32x4.mul(a4, b0));
    c41 = f32x4.add(c41, f32x4.mul(a4, b1));
    left += 20;
    right += 64;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(out + 1 * outStride, c10);
  v128.store(out + 1 * outStride, c11, 16);
  v128.store(out + 2 * outStride, c20);
  v128.store(out + 2 * outStride, c21, 16);
  v128.store(out + 3 * outStride, c30);
  v128.store(out + 3 * outStride, c31, 16);
  v128.store(out + 4 * outStride, c40);
  v128.store(out + 4 * outStride, c41, 16);
}

/**
 * AssemblyScript: the innermost loops of matrix multiplication for an engine that joins neighbouring vectors of 128 bits to
 * one of 256: a tile of 5 × 16 sums is then ten of those, as 5 × 8 are ten of 128 bits. Each sum is made as in `tile.ts`, so
 * that the bits are the same; in vectors of 128 bits these twenty would not fit the registers.
 */

/** As `sumRows`, of a whole panel: `right` is [count][16]. */
export function sumRowsWide(
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
  let c02 = v128.load(start, 32);
  let c03 = v128.load(start, 48);
  let c10 = v128.load(start + 1 * startStride);
  let c11 = v128.load(start + 1 * startStride, 16);
  let c12 = v128.load(start + 1 * startStride, 32);
  let c13 = v128.load(start + 1 * startStride, 48);
  let c20 = v128.load(start + 2 * startStride);
  let c21 = v128.load(start + 2 * startStride, 16);
  let c22 = v128.load(start + 2 * startStride, 32);
  let c23 = v128.load(start + 2 * startStride, 48);
  let c30 = v128.load(start + 3 * startStride);
  let c31 = v128.load(start + 3 * startStride, 16);
  let c32 = v128.load(start + 3 * startStride, 32);
  let c33 = v128.load(start + 3 * startStride, 48);
  let c40 = v128.load(start + 4 * startStride);
  let c41 = v128.load(start + 4 * startStride, 16);
  let c42 = v128.load(start + 4 * startStride, 32);
  let c43 = v128.load(start + 4 * startStride, 48);
  for (; count > 0; count--) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    const b2 = v128.load(right, 32);
    const b3 = v128.load(right, 48);
    const a0 = v128.load_splat<f32>(left);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    c02 = f32x4.add(c02, f32x4.mul(a0, b2));
    c03 = f32x4.add(c03, f32x4.mul(a0, b3));
    const a1 = v128.load_splat<f32>(row1);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    c12 = f32x4.add(c12, f32x4.mul(a1, b2));
    c13 = f32x4.add(c13, f32x4.mul(a1, b3));
    const a2 = v128.load_splat<f32>(row2);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    c22 = f32x4.add(c22, f32x4.mul(a2, b2));
    c23 = f32x4.add(c23, f32x4.mul(a2, b3));
    const a3 = v128.load_splat<f32>(row3);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    c32 = f32x4.add(c32, f32x4.mul(a3, b2));
    c33 = f32x4.add(c33, f32x4.mul(a3, b3));
    const a4 = v128.load_splat<f32>(row4);
    c40 = f32x4.add(c40, f32x4.mul(a4, b0));
    c41 = f32x4.add(c41, f32x4.mul(a4, b1));
    c42 = f32x4.add(c42, f32x4.mul(a4, b2));
    c43 = f32x4.add(c43, f32x4.mul(a4, b3));
    left += 4;
    row1 += 4;
    row2 += 4;
    row3 += 4;
    row4 += 4;
    right += 64;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(out, c02, 32);
  v128.store(out, c03, 48);
  v128.store(out + 1 * outStride, c10);
  v128.store(out + 1 * outStride, c11, 16);
  v128.store(out + 1 * outStride, c12, 32);
  v128.store(out + 1 * outStride, c13, 48);
  v128.store(out + 2 * outStride, c20);
  v128.store(out + 2 * outStride, c21, 16);
  v128.store(out + 2 * outStride, c22, 32);
  v128.store(out + 2 * outStride, c23, 48);
  v128.store(out + 3 * outStride, c30);
  v128.store(out + 3 * outStride, c31, 16);
  v128.store(out + 3 * outStride, c32, 32);
  v128.store(out + 3 * outStride, c33, 48);
  v128.store(out + 4 * outStride, c40);
  v128.store(out + 4 * outStride, c41, 16);
  v128.store(out + 4 * outStride, c42, 32);
  v128.store(out + 4 * outStride, c43, 48);
}

/** As `sumRowsWide`, of a left operand that is packed as [count][5]. */
export function sumPackedWide(
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
  let c02 = v128.load(start, 32);
  let c03 = v128.load(start, 48);
  let c10 = v128.load(start + 1 * startStride);
  let c11 = v128.load(start + 1 * startStride, 16);
  let c12 = v128.load(start + 1 * startStride, 32);
  let c13 = v128.load(start + 1 * startStride, 48);
  let c20 = v128.load(start + 2 * startStride);
  let c21 = v128.load(start + 2 * startStride, 16);
  let c22 = v128.load(start + 2 * startStride, 32);
  let c23 = v128.load(start + 2 * startStride, 48);
  let c30 = v128.load(start + 3 * startStride);
  let c31 = v128.load(start + 3 * startStride, 16);
  let c32 = v128.load(start + 3 * startStride, 32);
  let c33 = v128.load(start + 3 * startStride, 48);
  let c40 = v128.load(start + 4 * startStride);
  let c41 = v128.load(start + 4 * startStride, 16);
  let c42 = v128.load(start + 4 * startStride, 32);
  let c43 = v128.load(start + 4 * startStride, 48);
  for (; count > 0; count--) {
    const b0 = v128.load(right);
    const b1 = v128.load(right, 16);
    const b2 = v128.load(right, 32);
    const b3 = v128.load(right, 48);
    const a0 = v128.load_splat<f32>(left);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    c02 = f32x4.add(c02, f32x4.mul(a0, b2));
    c03 = f32x4.add(c03, f32x4.mul(a0, b3));
    const a1 = v128.load_splat<f32>(left, 4);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    c12 = f32x4.add(c12, f32x4.mul(a1, b2));
    c13 = f32x4.add(c13, f32x4.mul(a1, b3));
    const a2 = v128.load_splat<f32>(left, 8);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    c22 = f32x4.add(c22, f32x4.mul(a2, b2));
    c23 = f32x4.add(c23, f32x4.mul(a2, b3));
    const a3 = v128.load_splat<f32>(left, 12);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    c32 = f32x4.add(c32, f32x4.mul(a3, b2));
    c33 = f32x4.add(c33, f32x4.mul(a3, b3));
    const a4 = v128.load_splat<f32>(left, 16);
    c40 = f32x4.add(c40, f32x4.mul(a4, b0));
    c41 = f32x4.add(c41, f32x4.mul(a4, b1));
    c42 = f32x4.add(c42, f32x4.mul(a4, b2));
    c43 = f32x4.add(c43, f32x4.mul(a4, b3));
    left += 20;
    right += 64;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(out, c02, 32);
  v128.store(out, c03, 48);
  v128.store(out + 1 * outStride, c10);
  v128.store(out + 1 * outStride, c11, 16);
  v128.store(out + 1 * outStride, c12, 32);
  v128.store(out + 1 * outStride, c13, 48);
  v128.store(out + 2 * outStride, c20);
  v128.store(out + 2 * outStride, c21, 16);
  v128.store(out + 2 * outStride, c22, 32);
  v128.store(out + 2 * outStride, c23, 48);
  v128.store(out + 3 * outStride, c30);
  v128.store(out + 3 * outStride, c31, 16);
  v128.store(out + 3 * outStride, c32, 32);
  v128.store(out + 3 * outStride, c33, 48);
  v128.store(out + 4 * outStride, c40);
  v128.store(out + 4 * outStride, c41, 16);
  v128.store(out + 4 * outStride, c42, 32);
  v128.store(out + 4 * outStride, c43, 48);
}

/**
 * AssemblyScript: the innermost loop of matrix multiplication where the left operand lies as it is and vectors have 128 bits.
 * A tile of 4 × 8 sums, eight steps written out, so that addresses move on once in eight and the check of the engine at each
 * turn of a loop is made once. V8 of Node.js 20 and 22 reads all operands of a step before it multiplies: eight sums, six
 * operands and a product are the fifteen registers that it gives out. Five rows would not fit (measured: 27 GFLOP/s instead of
 * 42), nor would steps that no test parts, whose operands it reads together.
 */

/**
 * As `sumRows` in `tile.ts`, of at most four rows.
 * @param count - From 1.
 */
export function sumFourRows(
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
  let c00 = v128.load(start);
  let c01 = v128.load(start, 16);
  let c10 = v128.load(start + 1 * startStride);
  let c11 = v128.load(start + 1 * startStride, 16);
  let c20 = v128.load(start + 2 * startStride);
  let c21 = v128.load(start + 2 * startStride, 16);
  let c30 = v128.load(start + 3 * startStride);
  let c31 = v128.load(start + 3 * startStride, 16);
  while (true) {
    let b0 = v128.load(right);
    let b1 = v128.load(right, 16);
    let a = v128.load_splat<f32>(left);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row1);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row2);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row3);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    if (count == 1) break;
    b0 = v128.load(right, 64);
    b1 = v128.load(right, 80);
    a = v128.load_splat<f32>(left, 4);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row1, 4);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row2, 4);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row3, 4);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    if (count == 2) break;
    b0 = v128.load(right, 128);
    b1 = v128.load(right, 144);
    a = v128.load_splat<f32>(left, 8);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row1, 8);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row2, 8);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row3, 8);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    if (count == 3) break;
    b0 = v128.load(right, 192);
    b1 = v128.load(right, 208);
    a = v128.load_splat<f32>(left, 12);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row1, 12);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row2, 12);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row3, 12);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    if (count == 4) break;
    b0 = v128.load(right, 256);
    b1 = v128.load(right, 272);
    a = v128.load_splat<f32>(left, 16);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row1, 16);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row2, 16);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row3, 16);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    if (count == 5) break;
    b0 = v128.load(right, 320);
    b1 = v128.load(right, 336);
    a = v128.load_splat<f32>(left, 20);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row1, 20);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row2, 20);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row3, 20);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    if (count == 6) break;
    b0 = v128.load(right, 384);
    b1 = v128.load(right, 400);
    a = v128.load_splat<f32>(left, 24);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row1, 24);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row2, 24);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row3, 24);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    if (count == 7) break;
    b0 = v128.load(right, 448);
    b1 = v128.load(right, 464);
    a = v128.load_splat<f32>(left, 28);
    c00 = f32x4.add(c00, f32x4.mul(a, b0));
    c01 = f32x4.add(c01, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row1, 28);
    c10 = f32x4.add(c10, f32x4.mul(a, b0));
    c11 = f32x4.add(c11, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row2, 28);
    c20 = f32x4.add(c20, f32x4.mul(a, b0));
    c21 = f32x4.add(c21, f32x4.mul(a, b1));
    a = v128.load_splat<f32>(row3, 28);
    c30 = f32x4.add(c30, f32x4.mul(a, b0));
    c31 = f32x4.add(c31, f32x4.mul(a, b1));
    count -= 8;
    if (count == 0) break;
    left += 32;
    row1 += 32;
    row2 += 32;
    row3 += 32;
    right += 512;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(out + 1 * outStride, c10);
  v128.store(out + 1 * outStride, c11, 16);
  v128.store(out + 2 * outStride, c20);
  v128.store(out + 2 * outStride, c21, 16);
  v128.store(out + 3 * outStride, c30);
  v128.store(out + 3 * outStride, c31, 16);
}

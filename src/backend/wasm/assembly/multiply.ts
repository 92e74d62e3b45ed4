/**
 * AssemblyScript: result = left · right + bias, with an activation, from a packed right operand. Tiles of 4 × 8 elements
 * are summed in registers over at most 256 products at a time and in their order, so that every element has one order of
 * summation, which depends on the number of products alone.
 *
 * Arguments, 4 bytes each; strides in bytes:
 *   0 left  4 packed right  8 result  12 rows  16 inner  20 columns
 *   24 stride of the left rows; 0 when left is packed, too
 *   28 stride of the result's rows
 *   32 matrices in a group  36 left: stride of groups  40 and of matrices in one  44, 48, 52 the same of the result
 *   56 rows a piece, a multiple of 4  60 pieces of rows  64 panels a piece  68 pieces of panels
 *   72 bias or 0  76 activation (0 none, 1 relu, 2 gelu)  80 for gelu: where the activated result goes, laid out as it
 *   84 1 when all matrices share one right operand
 */
import { matrixOffset } from "./packing";
import { gelu4, loadPart, relu4, storePart } from "./functions";

const depth: i32 = 256;
const panelBytes: usize = 32;

export function multiply(args: usize, piece: i32): void {
  const rows = load<i32>(args, 12);
  const inner = load<i32>(args, 16);
  const columns = load<i32>(args, 20);
  const rowPieces = load<i32>(args, 60);
  const panelPieces = load<i32>(args, 68);
  const panelPiece = piece % panelPieces;
  const rowPiece = (piece / panelPieces) % rowPieces;
  const matrix = piece / (panelPieces * rowPieces);
  const numPanels = (columns + 7) >> 3;
  const firstPanel = panelPiece * load<i32>(args, 64);
  const endPanel = min(firstPanel + load<i32>(args, 64), numPanels);
  const firstRow = rowPiece * load<i32>(args, 56);
  const endRow = min(firstRow + load<i32>(args, 56), rows);
  const isShared = load<i32>(args, 84) != 0;
  const panels = isShared ? 0 : matrix * numPanels;
  const packed = usize(load<u32>(args, 4)) + usize(panels * inner) * panelBytes;
  const left = usize(load<u32>(args, 0)) + matrixOffset(args + 32, matrix);
  const resultOffset = matrixOffset(args + 44, matrix);
  const result = usize(load<u32>(args, 8)) + resultOffset;
  const activated = usize(load<u32>(args, 80)) + resultOffset;
  for (let k = 0; k < inner; k += depth) {
    const count = min(inner - k, depth);
    const isLast = k + count == inner;
    for (let panel = firstPanel; panel < endPanel; panel++) {
      const b = packed + usize(panel * inner + k) * panelBytes;
      for (let row = firstRow; row < endRow; row += 4) {
        tile(args, left, b, k, count, row, panel, result, isLast, activated);
      }
    }
  }
}

function tile(
  args: usize,
  left: usize,
  b: usize,
  k: i32,
  count: i32,
  row: i32,
  panel: i32,
  result: usize,
  isLast: bool,
  activated: usize,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const rows = load<i32>(args, 12);
  const leftStride = usize(load<u32>(args, 24));
  if (leftStride != 0) {
    // Rows beyond the last one are read from the last one, and not stored.
    let a0 = left + usize(row) * leftStride + usize(k << 2);
    const a1 = (row + 1 < rows ? leftStride : 0) ;
    const a2 = (row + 2 < rows ? a1 + leftStride : a1);
    const a3 = (row + 3 < rows ? a2 + leftStride : a2);
    let p1 = a0 + a1;
    let p2 = a0 + a2;
    let p3 = a0 + a3;
    let rest = count;
    for (; rest >= 4; rest -= 4) {
      for (let u: usize = 0; u < 4; u++) {
        const b0 = v128.load(b + u * 32);
        const b1 = v128.load(b + u * 32, 16);
        let a = v128.load_splat<f32>(a0 + u * 4);
        c00 = f32x4.add(c00, f32x4.mul(a, b0));
        c01 = f32x4.add(c01, f32x4.mul(a, b1));
        a = v128.load_splat<f32>(p1 + u * 4);
        c10 = f32x4.add(c10, f32x4.mul(a, b0));
        c11 = f32x4.add(c11, f32x4.mul(a, b1));
        a = v128.load_splat<f32>(p2 + u * 4);
        c20 = f32x4.add(c20, f32x4.mul(a, b0));
        c21 = f32x4.add(c21, f32x4.mul(a, b1));
        a = v128.load_splat<f32>(p3 + u * 4);
        c30 = f32x4.add(c30, f32x4.mul(a, b0));
        c31 = f32x4.add(c31, f32x4.mul(a, b1));
      }
      a0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
      b += 128;
    }
    for (; rest > 0; rest--) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let a = v128.load_splat<f32>(a0);
      c00 = f32x4.add(c00, f32x4.mul(a, b0));
      c01 = f32x4.add(c01, f32x4.mul(a, b1));
      a = v128.load_splat<f32>(p1);
      c10 = f32x4.add(c10, f32x4.mul(a, b0));
      c11 = f32x4.add(c11, f32x4.mul(a, b1));
      a = v128.load_splat<f32>(p2);
      c20 = f32x4.add(c20, f32x4.mul(a, b0));
      c21 = f32x4.add(c21, f32x4.mul(a, b1));
      a = v128.load_splat<f32>(p3);
      c30 = f32x4.add(c30, f32x4.mul(a, b0));
      c31 = f32x4.add(c31, f32x4.mul(a, b1));
      a0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
      b += panelBytes;
    }
  } else {
    let a0 = left + usize((row >> 2) * load<i32>(args, 16) + k) * 16;
    for (let rest = count; rest > 0; rest--) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let a = v128.load_splat<f32>(a0);
      c00 = f32x4.add(c00, f32x4.mul(a, b0));
      c01 = f32x4.add(c01, f32x4.mul(a, b1));
      a = v128.load_splat<f32>(a0, 4);
      c10 = f32x4.add(c10, f32x4.mul(a, b0));
      c11 = f32x4.add(c11, f32x4.mul(a, b1));
      a = v128.load_splat<f32>(a0, 8);
      c20 = f32x4.add(c20, f32x4.mul(a, b0));
      c21 = f32x4.add(c21, f32x4.mul(a, b1));
      a = v128.load_splat<f32>(a0, 12);
      c30 = f32x4.add(c30, f32x4.mul(a, b0));
      c31 = f32x4.add(c31, f32x4.mul(a, b1));
      a0 += 16;
      b += panelBytes;
    }
  }
  const stride = usize(load<u32>(args, 28));
  const out = result + usize(row) * stride + usize(panel) * panelBytes;
  const outActivated = activated + usize(row) * stride + usize(panel) * panelBytes;
  const width = load<i32>(args, 20) - panel * 8;
  const isFirst = k == 0;
  const numRows = rows - row;
  finish(args, out, outActivated, c00, c01, width, panel, isFirst, isLast);
  if (numRows > 1) finish(args, out + stride, outActivated + stride, c10, c11, width, panel, isFirst, isLast);
  if (numRows > 2) finish(args, out + 2 * stride, outActivated + 2 * stride, c20, c21, width, panel, isFirst, isLast);
  if (numRows > 3) finish(args, out + 3 * stride, outActivated + 3 * stride, c30, c31, width, panel, isFirst, isLast);
}

/** Adds a row of a tile to the result, or writes it there; after the last products also bias and activation. */
@inline
function finish(
  args: usize,
  out: usize,
  activated: usize,
  low: v128,
  high: v128,
  width: i32,
  panel: i32,
  isFirst: bool,
  isLast: bool,
): void {
  if (!isFirst) {
    low = f32x4.add(loadPart(out, width), low);
    high = f32x4.add(loadPart(out + 16, width - 4), high);
  }
  if (isLast) {
    const bias = usize(load<u32>(args, 72));
    if (bias != 0) {
      low = f32x4.add(low, loadPart(bias + usize(panel) * panelBytes, width));
      high = f32x4.add(high, loadPart(bias + usize(panel) * panelBytes + 16, width - 4));
    }
    const activation = load<i32>(args, 76);
    if (activation == 1) {
      low = relu4(low);
      high = relu4(high);
    } else if (activation == 2) {
      storePart(activated, gelu4(low), width);
      storePart(activated + 16, gelu4(high), width - 4);
    }
  }
  storePart(out, low, width);
  storePart(out + 16, high, width - 4);
}

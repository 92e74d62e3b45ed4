/**
 * AssemblyScript: operands of a matrix multiplication, copied so that the innermost loop reads them one after the other.
 */
import { lowerPair, rounded, upperPair } from "./doubles";
import { loadPart, storePart } from "./functions";

const panelColumns: i32 = 16;
const panelBytes: usize = 64;

/**
 * Packs some panels of one matrix: 16 columns each, [panel][inner][16], with zeros beyond the last column.
 * Arguments, 4 bytes each; strides in bytes: 0 right  4 packed  8 inner  12 columns  16 stride of the rows as they lie
 * 20 1 when it lies as [columns, inner]  24 panels a piece  28 pieces a matrix
 * 32 matrices in a group  36 stride of groups  40 and of matrices in one
 */
export function packRight(args: usize, piece: i32): void {
  const inner = load<i32>(args, 8);
  const columns = load<i32>(args, 12);
  const stride = usize(load<u32>(args, 16));
  const isTransposed = load<i32>(args, 20) != 0;
  const panelsAPiece = load<i32>(args, 24);
  const piecesAMatrix = load<i32>(args, 28);
  const matrix = piece / piecesAMatrix;
  const numPanels = (columns + 15) >> 4;
  const right = usize(load<u32>(args, 0)) + matrixOffset(args + 32, matrix);
  const packed = usize(load<u32>(args, 4)) + usize(matrix * numPanels * inner) * panelBytes;
  const first = (piece % piecesAMatrix) * panelsAPiece;
  const end = min(first + panelsAPiece, numPanels);
  for (let panel = first; panel < end; panel++) {
    const to = packed + usize(panel * inner) * panelBytes;
    const width = min(columns - panel * panelColumns, panelColumns);
    if (isTransposed) packColumns(right + usize(panel * panelColumns) * stride, to, inner, width, stride);
    else packRows(right + usize(panel) * panelBytes, to, inner, width, stride);
  }
}

/** A panel of a matrix [inner, columns]: 16 neighbours of each row. */
function packRows(from: usize, to: usize, inner: i32, width: i32, stride: usize): void {
  if (width == panelColumns) {
    for (let k = 0; k < inner; k++, from += stride, to += panelBytes) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
    }
    return;
  }
  for (let k = 0; k < inner; k++, from += stride, to += panelBytes) {
    for (let i = 0; i < panelColumns; i++) {
      store<f32>(to + usize(i << 2), i < width ? load<f32>(from + usize(i << 2)) : 0);
    }
  }
}

/** A panel of a matrix that lies as [columns, inner]: 16 rows of it, transposed 4 × 4 at a time. */
function packColumns(from: usize, to: usize, inner: i32, width: i32, stride: usize): void {
  let k = 0;
  if (width == panelColumns) {
    for (; k + 4 <= inner; k += 4, from += 16, to += 4 * panelBytes) {
      transposeTo(to, from, stride);
      transposeTo(to + 16, from + 4 * stride, stride);
      transposeTo(to + 32, from + 8 * stride, stride);
      transposeTo(to + 48, from + 12 * stride, stride);
    }
  }
  for (; k < inner; k++, from += 4, to += panelBytes) {
    for (let i = 0; i < panelColumns; i++) {
      store<f32>(to + usize(i << 2), i < width ? load<f32>(from + usize(i) * stride) : 0);
    }
  }
}

/** Four floats each of four rows, written as four rows of a panel. */
@inline
function transposeTo(to: usize, from: usize, stride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + stride);
  const c = v128.load(from + 2 * stride);
  const d = v128.load(from + 3 * stride);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 64);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 128);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 192);
}

/**
 * Packs a transposed left operand, which lies as [inner, rows], into panels of 5 rows, [panel][inner][5], with zeros
 * beyond the last row. Arguments, 4 bytes each; strides in bytes: 0 left  4 packed  8 inner  12 rows
 * 16 stride of the rows as they lie  20 panels a piece  24 pieces a matrix
 * 28 matrices in a group  32 stride of groups  36 and of matrices in one
 * 40 where the sums of the rows over `inner` go, of a single matrix, or 0: made in double precision and in index order
 */
export function packLeft(args: usize, piece: i32): void {
  const inner = load<i32>(args, 8);
  const rows = load<i32>(args, 12);
  const stride = usize(load<u32>(args, 16));
  const panelsAPiece = load<i32>(args, 20);
  const piecesAMatrix = load<i32>(args, 24);
  const matrix = piece / piecesAMatrix;
  const numPanels = (rows + 4) / 5;
  const left = usize(load<u32>(args, 0)) + matrixOffset(args + 28, matrix);
  const packed = usize(load<u32>(args, 4)) + usize(matrix * numPanels * inner) * 20;
  const first = (piece % piecesAMatrix) * panelsAPiece;
  const end = min(first + panelsAPiece, numPanels);
  const sums = usize(load<u32>(args, 40));
  let panel = first;
  if (sums != 0) {
    const whole = min(end, rows / 5);
    for (; panel + 4 <= whole; panel += 4) {
      const at = usize(panel) * 20;
      packFourAndSum(left + at, packed + usize(panel * inner) * 20, inner, stride, sums + at);
    }
  }
  for (; panel < end; panel++) {
    const at = usize(panel) * 20;
    const to = packed + usize(panel * inner) * 20;
    const width = min(rows - panel * 5, 5);
    packFive(left + at, to, inner, width, stride);
    if (sums != 0) sumFive(to, inner, width, sums + at);
  }
}

/** A panel, of which `width` rows are there. */
function packFive(from: usize, to: usize, inner: i32, width: i32, stride: usize): void {
  for (let k = 0; k < inner; k++, from += stride, to += 20) {
    v128.store(to, loadPart(from, width));
    store<f32>(to, width > 4 ? load<f32>(from, 16) : 0, 16);
  }
}

/** The sums of a packed panel's rows. */
function sumFive(from: usize, inner: i32, width: i32, sums: usize): void {
  let low = f64x2.splat(0);
  let high = low;
  let last: f64 = 0;
  for (let k = 0; k < inner; k++, from += 20) {
    const values = v128.load(from);
    low = f64x2.add(low, lowerPair(values));
    high = f64x2.add(high, upperPair(values));
    last += f64(load<f32>(from, 16));
  }
  storePart(sums, rounded(low, high), width);
  if (width > 4) store<f32>(sums, f32(last), 16);
}

/** Four whole panels and their sums: 20 neighbours are read together, for they share cache lines. */
function packFourAndSum(from: usize, to: usize, inner: i32, stride: usize, sums: usize): void {
  const size = usize(inner) * 20;
  let low0 = f64x2.splat(0);
  let high0 = low0;
  let low1 = low0;
  let high1 = low0;
  let low2 = low0;
  let high2 = low0;
  let low3 = low0;
  let high3 = low0;
  let last01 = low0;
  let last23 = low0;
  for (let k = 0; k < inner; k++, from += stride, to += 20) {
    const first = v128.load(from);
    v128.store(to, first);
    low0 = f64x2.add(low0, lowerPair(first));
    high0 = f64x2.add(high0, upperPair(first));
    const second = v128.load(from, 20);
    const to1 = to + size;
    v128.store(to1, second);
    low1 = f64x2.add(low1, lowerPair(second));
    high1 = f64x2.add(high1, upperPair(second));
    const third = v128.load(from, 40);
    const to2 = to1 + size;
    v128.store(to2, third);
    low2 = f64x2.add(low2, lowerPair(third));
    high2 = f64x2.add(high2, upperPair(third));
    const fourth = v128.load(from, 60);
    const to3 = to2 + size;
    v128.store(to3, fourth);
    low3 = f64x2.add(low3, lowerPair(fourth));
    high3 = f64x2.add(high3, upperPair(fourth));
    const fifths01 = v128.load_lane<f32>(from + 36, v128.load32_zero(from + 16), 1);
    v128.store_lane<f32>(to + 16, fifths01, 0);
    v128.store_lane<f32>(to1 + 16, fifths01, 1);
    last01 = f64x2.add(last01, lowerPair(fifths01));
    const fifths23 = v128.load_lane<f32>(from + 76, v128.load32_zero(from + 56), 1);
    v128.store_lane<f32>(to2 + 16, fifths23, 0);
    v128.store_lane<f32>(to3 + 16, fifths23, 1);
    last23 = f64x2.add(last23, lowerPair(fifths23));
  }
  const fifths = rounded(last01, last23);
  v128.store(sums, rounded(low0, high0));
  v128.store_lane<f32>(sums + 16, fifths, 0);
  v128.store(sums + 20, rounded(low1, high1));
  v128.store_lane<f32>(sums + 36, fifths, 1);
  v128.store(sums + 40, rounded(low2, high2));
  v128.store_lane<f32>(sums + 56, fifths, 2);
  v128.store(sums + 60, rounded(low3, high3));
  v128.store_lane<f32>(sums + 76, fifths, 3);
}

/** Bytes from the first matrix to another: `at` holds how many make a group, the stride of groups and that inside one. */
@inline
export function matrixOffset(at: usize, matrix: i32): usize {
  const group = load<i32>(at);
  return (
    usize(matrix / group) * usize(load<u32>(at, 4)) + usize(matrix % group) * usize(load<u32>(at, 8))
  );
}

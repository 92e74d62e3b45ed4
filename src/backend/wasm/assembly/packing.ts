/**
 * AssemblyScript: operands of a matrix multiplication, copied so that the innermost loop reads them one after the other.
 */
import { loadPart } from "./functions";

const panelBytes: usize = 32;

/**
 * Packs some panels of one matrix: 8 columns each, [panel][inner][8], with zeros beyond the last column.
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
  const numPanels = (columns + 7) >> 3;
  const right = usize(load<u32>(args, 0)) + matrixOffset(args + 32, matrix);
  const packed = usize(load<u32>(args, 4)) + usize(matrix * numPanels * inner) * panelBytes;
  const first = (piece % piecesAMatrix) * panelsAPiece;
  const end = min(first + panelsAPiece, numPanels);
  for (let panel = first; panel < end; panel++) {
    const to = packed + usize(panel * inner) * panelBytes;
    const width = min(columns - panel * 8, 8);
    if (isTransposed) packColumns(right + usize(panel * 8) * stride, to, inner, width, stride);
    else packRows(right + usize(panel) * panelBytes, to, inner, width, stride);
  }
}

/** A panel of a matrix [inner, columns]: 8 neighbours of each row. */
function packRows(from: usize, to: usize, inner: i32, width: i32, stride: usize): void {
  if (width == 8) {
    for (let k = 0; k < inner; k++, from += stride, to += panelBytes) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    }
    return;
  }
  for (let k = 0; k < inner; k++, from += stride, to += panelBytes) {
    for (let i = 0; i < 8; i++) {
      store<f32>(to + usize(i << 2), i < width ? load<f32>(from + usize(i << 2)) : 0);
    }
  }
}

/** A panel of a matrix that lies as [columns, inner]: 8 rows of it, transposed 4 × 4 at a time. */
function packColumns(from: usize, to: usize, inner: i32, width: i32, stride: usize): void {
  let k = 0;
  if (width == 8) {
    for (; k + 4 <= inner; k += 4, from += 16, to += 4 * panelBytes) {
      transposeTo(to, from, stride);
      transposeTo(to + 16, from + 4 * stride, stride);
    }
  }
  for (; k < inner; k++, from += 4, to += panelBytes) {
    for (let i = 0; i < 8; i++) {
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
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 96);
}

/**
 * Packs a transposed left operand, which lies as [inner, rows], into panels of 5 rows, [panel][inner][5], with zeros
 * beyond the last row. Arguments, 4 bytes each; strides in bytes: 0 left  4 packed  8 inner  12 rows
 * 16 stride of the rows as they lie  20 panels a piece  24 pieces a matrix
 * 28 matrices in a group  32 stride of groups  36 and of matrices in one
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
  for (let panel = first; panel < end; panel++) {
    let from = left + usize(panel) * 20;
    let to = packed + usize(panel * inner) * 20;
    const width = rows - panel * 5;
    for (let k = 0; k < inner; k++, from += stride, to += 20) {
      v128.store(to, loadPart(from, width));
      store<f32>(to, width > 4 ? load<f32>(from, 16) : 0, 16);
    }
  }
}

/** Bytes from the first matrix to another: `at` holds how many make a group, the stride of groups and that inside one. */
@inline
export function matrixOffset(at: usize, matrix: i32): usize {
  const group = load<i32>(at);
  return (
    usize(matrix / group) * usize(load<u32>(at, 4)) + usize(matrix % group) * usize(load<u32>(at, 8))
  );
}

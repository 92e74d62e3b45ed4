/** AssemblyScript: the same values in another order of their axes. */
import { copy } from "./windows";

/**
 * [matrices, rows, columns] → [matrices, columns, rows]. A block is sixteen columns of a matrix, or what is left of them.
 * 0 matrices  4 rows  8 columns  12 blocks a piece  16 input  20 result
 */
export function swapAxes(args: usize, piece: i32): void {
  const rows = load<i32>(args, 4);
  const columns = load<i32>(args, 8);
  const blocks = (columns + 15) >> 4;
  const first = piece * load<i32>(args, 12);
  const end = min(load<i32>(args) * blocks, first + load<i32>(args, 12));
  for (let block = first; block < end; block++) {
    const matrix = usize((block / blocks) * rows * columns) << 2;
    const firstColumn = (block % blocks) << 4;
    const endColumn = min(columns, firstColumn + 16);
    for (let row = 0; row < rows; row += 4) {
      for (let column = firstColumn; column < endColumn; column += 4) {
        swapSquare(
          usize(load<u32>(args, 16)) + matrix + (usize(row * columns + column) << 2),
          usize(load<u32>(args, 20)) + matrix + (usize(column * rows + row) << 2),
          rows,
          columns,
          rows - row,
          endColumn - column,
        );
      }
    }
  }
}

/** Of four rows and four columns, or as many as there are. */
@inline
function swapSquare(
  from: usize,
  to: usize,
  rows: i32,
  columns: i32,
  numRows: i32,
  numColumns: i32,
): void {
  const stride = usize(columns) << 2;
  const toStride = usize(rows) << 2;
  const isWhole = numRows >= 4 && numColumns >= 4;
  if (!isWhole) {
    for (let i = 0; i < min(numRows, 4); i++) {
      for (let j = 0; j < min(numColumns, 4); j++) {
        const value = load<f32>(from + usize(i) * stride + (usize(j) << 2));
        store<f32>(to + usize(j) * toStride + (usize(i) << 2), value);
      }
    }
    return;
  }
  const a = v128.load(from);
  const b = v128.load(from + stride);
  const c = v128.load(from + 2 * stride);
  const d = v128.load(from + 3 * stride);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to + toStride, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  v128.store(to + 2 * toStride, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5));
  v128.store(to + 3 * toStride, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
}

/**
 * [matrices, rows, columns, width] → [matrices, columns, rows, width]. 0 matrices  4 rows  8 columns  12 columns a piece,
 * those of all matrices counted  16 input  20 result  24 width
 */
export function swapBlocks(args: usize, piece: i32): void {
  const rows = load<i32>(args, 4);
  const columns = load<i32>(args, 8);
  const numBytes = usize(load<i32>(args, 24)) << 2;
  const first = piece * load<i32>(args, 12);
  const end = min(load<i32>(args) * columns, first + load<i32>(args, 12));
  let to = usize(load<u32>(args, 20)) + usize(first * rows) * numBytes;
  for (let column = first; column < end; column++) {
    const block = (column / columns) * rows * columns + (column % columns);
    let from = usize(load<u32>(args, 16)) + usize(block) * numBytes;
    for (let row = 0; row < rows; row++, to += numBytes, from += usize(columns) * numBytes) {
      copy(to, from, numBytes);
    }
  }
}

/**
 * AssemblyScript: result = left · right + bias, with an activation, from a packed right operand. Tiles of 4 × 8 elements,
 * 5 × 8 or 5 × 16 are summed in registers over at most 256 products at a time and in their order, from the bias or 0 on, so that every
 * element has one order of summation, which depends on the number of products alone. Of a long sum, the parts of 256
 * products are added up in double precision.
 *
 * Arguments, 4 bytes each; strides in bytes:
 *   0 left  4 packed right  8 result  12 rows  16 inner  20 columns
 *   24 stride of the left rows; 0 when left is packed, too
 *   28 stride of the result's rows
 *   32 matrices in a group  36 left: stride of groups  40 and of matrices in one  44, 48, 52 the same of the result
 *   56 rows a piece, a multiple of those of a tile  60 pieces of rows  64 panels a piece  68 pieces of panels
 *   72 bias or 0  76 activation (0 none, 1 relu, 2 gelu)  80 for gelu: where the activated result goes, laid out as the
 *   result, which gets the slope of GELU there
 *   84 1 when all matrices share one right operand  88 sums in double precision, 320 bytes a tile, or 0: as float32
 *   92 for square matrices of attention that looks back only, whose part above the diagonal is 0 or of no use:
 *   1 the result's is not computed  2 the left operand's is passed over  3 it lies transposed, and its part below is
 *   96 1 where the engine computes with vectors of 256 bits: then tiles are 5 × 16 where there are so many columns
 *   100 rows of a tile: 4, of a left operand that is not packed, or 5
 */
import { lowerPair, rounded, upperPair } from "./doubles";
import { bell4, geluSlope4, loadPart, normalShare4, relu4, storePart } from "./functions";
import { matrixOffset } from "./packing";
import { sumPacked, sumRows } from "./tile";
import { sumFourRows } from "./tile-four";
import { sumPackedWide, sumRowsWide } from "./tile-wide";

const depth: i32 = 256;
const panelColumns: i32 = 16;
const panelBytes: usize = 64;
/** Of a tile at most, and of each panel of a packed left operand. */
const mostRows: i32 = 5;
const sumBytes: usize = 320;
/** Sums that begin at nothing begin at these. */
const zeros: usize = memory.data(64, 16);

/** Of each thread its own: a tile at the edge of the result is computed here, and its part of the result copied. */
let scratch: usize = 0;

/** Called once in each thread. */
export function useScratch(address: usize): void {
  scratch = address;
}

export function multiply(args: usize, piece: i32): void {
  const rows = load<i32>(args, 12);
  const inner = load<i32>(args, 16);
  const columns = load<i32>(args, 20);
  const rowPieces = load<i32>(args, 60);
  const panelPieces = load<i32>(args, 68);
  const panelPiece = piece % panelPieces;
  const rowPiece = (piece / panelPieces) % rowPieces;
  const matrix = piece / (panelPieces * rowPieces);
  const numPanels = (columns + 15) >> 4;
  const firstPanel = panelPiece * load<i32>(args, 64);
  const endPanel = min(firstPanel + load<i32>(args, 64), numPanels);
  const firstRow = rowPiece * load<i32>(args, 56);
  const endRow = min(firstRow + load<i32>(args, 56), rows);
  const panels = load<i32>(args, 84) != 0 ? 0 : matrix * numPanels;
  const packed = usize(load<u32>(args, 4)) + usize(panels * inner) * panelBytes;
  const left = usize(load<u32>(args, 0)) + matrixOffset(args + 32, matrix);
  const resultOffset = matrixOffset(args + 44, matrix);
  const result = usize(load<u32>(args, 8)) + resultOffset;
  const sums = usize(load<u32>(args, 88));
  const tileRows = load<i32>(args, 100);
  const firstTile = matrix * ((rows + tileRows - 1) / tileRows);
  const triangle = load<i32>(args, 92);
  const isWide = load<i32>(args, 96) != 0 && sums == 0;
  for (let k = 0; k < inner; k += depth) {
    const end = min(k + depth, inner);
    for (let panel = firstPanel; panel < endPanel; panel++) {
      const right = packed + usize(panel * inner) * panelBytes;
      const endColumn = min((panel + 1) * panelColumns, columns);
      const firstColumn = panel * panelColumns;
      const tileColumns = isWide && endColumn > firstColumn + 8 ? panelColumns : 8;
      for (let column = firstColumn; column < endColumn; column += tileColumns) {
        const part = right + (usize(column - firstColumn) << 2);
        for (let row = firstRow; row < endRow; row += tileRows) {
          const first = triangle == 3 ? max(k, row) : k;
          const last = triangle == 2 ? min(end, row + tileRows) : end;
          if (first >= last || (triangle == 1 && column >= row + tileRows)) continue;
          const isFirst = first == (triangle == 3 ? row : 0);
          const place = (firstTile + row / tileRows) * numPanels * 2 + (column >> 3);
          const own = sums == 0 ? 0 : sums + usize(place) * sumBytes;
          const count = last - first;
          tile(args, left, part, result, row, column, tileColumns, first, count, isFirst, own);
        }
      }
    }
  }
  const activation = load<i32>(args, 76);
  if (activation == 0) return;
  const activated = usize(load<u32>(args, 80)) + resultOffset;
  const stride = usize(load<u32>(args, 28));
  const first = usize(firstPanel) * panelBytes;
  const end = usize(min(endPanel * panelColumns, columns)) << 2;
  for (let row = firstRow; row < endRow; row++) {
    const at = usize(row) * stride + first;
    const count = i32((end - first) >> 2);
    if (activation == 1) applyRelu(result + at, count);
    else applyGelu(result + at, activated + at, count);
  }
}

/**
 * One tile over `count` products from `k` on: added to what is there, or the first ones to bias or 0.
 * @param sums - Of this tile, or 0.
 */
function tile(
  args: usize,
  left: usize,
  right: usize,
  result: usize,
  row: i32,
  column: i32,
  tileColumns: i32,
  k: i32,
  count: i32,
  isFirst: bool,
  sums: usize,
): void {
  const tileRows = load<i32>(args, 100);
  right += usize(k) * panelBytes;
  const numRows = min(load<i32>(args, 12) - row, tileRows);
  const width = min(load<i32>(args, 20) - column, tileColumns);
  const stride = usize(load<u32>(args, 28));
  const place = result + usize(row) * stride + (usize(column) << 2);
  const bias = usize(load<u32>(args, 72));
  const isEdge = numRows < tileRows || width < tileColumns || sums != 0;
  const out = isEdge ? scratch : place;
  const scratchStride = usize(tileColumns) << 2;
  const outStride = isEdge ? scratchStride : stride;
  let start = out;
  let startStride = outStride;
  if (isFirst) {
    start = bias == 0 ? zeros : bias + (usize(column) << 2);
    startStride = 0;
  } else if (sums != 0) {
    start = zeros;
    startStride = 0;
  } else if (isEdge) {
    copyPart(place, stride, scratch, scratchStride, numRows, width);
  }
  const leftStride = usize(load<u32>(args, 24));
  if (leftStride != 0) {
    const from = left + usize(row) * leftStride + usize(k << 2);
    if (tileRows == 4) {
      sumFourRows(from, leftStride, numRows, right, count, start, startStride, out, outStride);
    } else if (tileColumns == 8) {
      sumRows(from, leftStride, numRows, right, count, start, startStride, out, outStride);
    } else {
      sumRowsWide(from, leftStride, numRows, right, count, start, startStride, out, outStride);
    }
  } else {
    const from = left + usize((row / mostRows) * load<i32>(args, 16) + k) * 20;
    if (tileColumns == 8) sumPacked(from, right, count, start, startStride, out, outStride);
    else sumPackedWide(from, right, count, start, startStride, out, outStride);
  }
  if (sums != 0) {
    addToSums(sums, isFirst);
  }
  if (isEdge) copyPart(scratch, scratchStride, place, stride, numRows, width);
}

/** Adds the tile of 8 columns in `scratch` to sums in double precision, and leaves them there, rounded. */
function addToSums(sums: usize, isFirst: bool): void {
  const end = scratch + 32 * usize(mostRows);
  for (let at = scratch; at < end; at += 16, sums += 32) {
    const values = v128.load(at);
    let low = lowerPair(values);
    let high = upperPair(values);
    if (!isFirst) {
      low = f64x2.add(v128.load(sums), low);
      high = f64x2.add(v128.load(sums, 16), high);
    }
    v128.store(sums, low);
    v128.store(sums, high, 16);
    v128.store(at, rounded(low, high));
  }
}

function copyPart(
  from: usize,
  fromStride: usize,
  to: usize,
  toStride: usize,
  rows: i32,
  width: i32,
): void {
  const bytes = usize(width) << 2;
  for (let row = 0; row < rows; row++, from += fromStride, to += toStride) {
    for (let i: usize = 0; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i));
  }
}

/** To some columns of a row, in place. */
function applyRelu(values: usize, count: i32): void {
  for (; count > 0; count -= 4, values += 16) {
    storePart(values, relu4(loadPart(values, count)), count);
  }
}

/**
 * GELU of some columns of a row to another place, and its slope, which shares most of the work, in theirs. Two vectors at a
 * time: one alone is a chain of operations that wait for each other.
 */
export function applyGelu(values: usize, to: usize, count: i32): void {
  for (; count >= 8; count -= 8, values += 32, to += 32) {
    const left = v128.load(values);
    const right = v128.load(values, 16);
    const leftBell = bell4(left);
    const rightBell = bell4(right);
    const leftShare = normalShare4(left, leftBell);
    const rightShare = normalShare4(right, rightBell);
    v128.store(to, f32x4.mul(left, leftShare));
    v128.store(to, f32x4.mul(right, rightShare), 16);
    v128.store(values, geluSlope4(left, leftBell, leftShare));
    v128.store(values, geluSlope4(right, rightBell, rightShare), 16);
  }
  for (; count > 0; count -= 4, values += 16, to += 16) {
    const value = loadPart(values, count);
    const bell = bell4(value);
    const share = normalShare4(value, bell);
    storePart(to, f32x4.mul(value, share), count);
    storePart(values, geluSlope4(value, bell, share), count);
  }
}

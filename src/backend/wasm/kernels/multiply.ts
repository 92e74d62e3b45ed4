/**
 * Matrix multiplication on addresses: result = left · right, for one matrix or many, with either operand lying transposed.
 * The matrices of an operand may lie anywhere at regular distances, so that the heads of attention need not be copied
 * apart.
 */
import type { Workshop } from "../fast-kernel.ts";
import type { Address } from "../memory.ts";

/** Where the matrices of an operand lie, in elements. */
export interface Matrices {
  readonly address: Address;
  /** From the beginning of a row, as it lies, to that of the next. */
  readonly rowStride: number;
  /** From a group of matrices to the next, and inside a group from a matrix to the next. */
  readonly groupStride: number;
  readonly matrixStride: number;
}

export interface Operand extends Matrices {
  /** It lies as its transpose. */
  readonly isTransposed: boolean;
}

export interface Multiplication {
  readonly left: Operand;
  readonly right: Operand;
  readonly result: Matrices;
  /** Of the result. */
  readonly rows: number;
  readonly columns: number;
  /** Products in a sum. */
  readonly inner: number;
  readonly numMatrices: number;
  /** Matrices in a group. */
  readonly groupSize: number;
  /** [columns], added to each row. */
  readonly bias?: Address;
  /** For `gelu` the result is what came before, and `activated`, laid out as the result, gets the activated values. */
  readonly activation?: "none" | "relu" | "gelu";
  readonly activated?: Address;
}

const bytes = 4;
const [panelColumns, panelRows] = [8, 5];
/** 128 columns: with 256 products of each they fill a part of the second cache. */
const panelsAPiece = 16;
const activations = { none: 0, relu: 1, gelu: 2 };

/** One operand that lies in row-major order in one piece. */
export function contiguous(
  address: Address,
  {
    rows,
    columns,
    isTransposed = false,
  }: { rows: number; columns: number; isTransposed?: boolean },
): Operand {
  const matrixStride = rows * columns;
  const rowStride = isTransposed ? rows : columns;
  return { address, rowStride, groupStride: matrixStride, matrixStride, isTransposed };
}

/** Multiplies. Neither rows nor columns nor matrices may be 0. */
export function multiply(workshop: Workshop, what: Multiplication): void {
  const { right, inner, columns, numMatrices } = what;
  const isShared = right.groupStride === 0 && right.matrixStride === 0;
  const numPacked = isShared ? 1 : numMatrices;
  const numPanels = Math.ceil(columns / panelColumns);
  const numBytes = numPacked * numPanels * panelColumns * inner * bytes;
  workshop.withScratch(numBytes, (packed) => {
    const pieces = Math.ceil(numPanels / panelsAPiece);
    const layout = [right.rowStride * bytes, Number(right.isTransposed), panelsAPiece, pieces];
    const integers = [right.address, packed, inner, columns, ...layout, ...strides(what, right)];
    workshop.run("packRight", numPacked * pieces, integers);
    withLeft(workshop, what, (left) => multiplyPacked(workshop, what, { left, packed, isShared }));
  });
}

interface PackedOperands {
  /** Row stride 0: packed, too. */
  readonly left: Matrices;
  readonly packed: Address;
  readonly isShared: boolean;
}

/** Packs the left operand when it lies transposed. */
function withLeft(workshop: Workshop, what: Multiplication, use: (left: Matrices) => void): void {
  const { left, rows, inner, numMatrices, groupSize } = what;
  if (!left.isTransposed) return use(left);
  const numPanels = Math.ceil(rows / panelRows);
  const matrixStride = numPanels * panelRows * inner;
  workshop.withScratch(numMatrices * matrixStride * bytes, (address) => {
    const pieces = Math.ceil(numPanels / panelsAPiece);
    const layout = [left.rowStride * bytes, panelsAPiece, pieces];
    const integers = [left.address, address, inner, rows, ...layout, ...strides(what, left)];
    workshop.run("packLeft", numMatrices * pieces, integers);
    use({ address, rowStride: 0, groupStride: groupSize * matrixStride, matrixStride });
  });
}

function multiplyPacked(
  workshop: Workshop,
  what: Multiplication,
  { left, packed, isShared }: PackedOperands,
): void {
  const { result, rows, inner, columns, bias = 0, activation = "none", activated = 0 } = what;
  const panelPieces = Math.ceil(Math.ceil(columns / panelColumns) / panelsAPiece);
  const rowsAPiece = rowsOfPiece(what, panelPieces, workshop.numThreads);
  const rowPieces = Math.ceil(rows / rowsAPiece);
  workshop.run("multiply", what.numMatrices * rowPieces * panelPieces, [
    left.address,
    packed,
    result.address,
    rows,
    inner,
    columns,
    left.rowStride * bytes,
    result.rowStride * bytes,
    ...strides(what, left),
    ...strides(what, result),
    rowsAPiece,
    rowPieces,
    panelsAPiece,
    panelPieces,
    bias,
    activations[activation],
    activated,
    Number(isShared),
  ]);
}

/** As many as keep all threads busy to the end; what is computed does not depend on it. */
function rowsOfPiece(
  { rows, numMatrices }: Multiplication,
  panelPieces: number,
  numThreads: number,
): number {
  const sizes = [80, 40, 20];
  const enough = numThreads * 6;
  return sizes.find((size) => numMatrices * panelPieces * Math.ceil(rows / size) >= enough) ?? 10;
}

function strides(
  { groupSize }: Multiplication,
  { groupStride, matrixStride }: Matrices,
): readonly number[] {
  return [groupSize, groupStride * bytes, matrixStride * bytes];
}

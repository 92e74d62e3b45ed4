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
  /** For `gelu` the result is its slope, and `activated`, laid out as the result, gets the activated values. */
  readonly activation?: "none" | "relu" | "gelu";
  readonly activated?: Address;
  /**
   * Of square matrices of weights that look back only, what lies above the diagonal is not computed in the result, or not
   * read in the left operand, where it is 0.
   */
  readonly lowerTriangle?: "result" | "left";
  /** [rows]: where the sums of the rows of a single transposed left operand go, of which packing reads every number. */
  readonly leftSums?: Address;
}

const bytes = 4;
const [panelColumns, panelRows] = [16, 5];
/** Of a tile of a left operand that is not packed, in vectors of 128 bits; all others have those of a panel. */
const narrowRows = 4;
/** Bytes of panels that a piece packs. */
const packedBytesAPiece = 65536;
/** Panels of the left operand that are packed and summed together. */
const panelsSummed = 4;
/**
 * Panels and rows of a piece of the multiplication, the largest first; of the rows, as many as make whole tiles. 8 panels are 128 columns: with 256 products of each
 * they fill a part of the second cache.
 */
const pieceSizes = [
  { panels: 8, rows: 80 },
  { panels: 8, rows: 40 },
  { panels: 8, rows: 20 },
  { panels: 4, rows: 20 },
  { panels: 4, rows: 10 },
] as const;
/** Pieces for each thread, so that all are busy to the end. */
const piecesAThread = 12;
/** Products in a sum beyond which it is made in double precision, 256 by 256; up to there float32 loses 1e-4 at worst. */
const longestSum = 2048;
const sumBytesATile = panelColumns * panelRows * 8;
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
  if (isForLibrary(workshop, what)) return multiplyByLibrary(workshop, what);
  const { right, inner, columns, numMatrices } = what;
  const isShared = right.groupStride === 0 && right.matrixStride === 0;
  const numPacked = isShared ? 1 : numMatrices;
  const numPanels = Math.ceil(columns / panelColumns);
  const numBytes = numPacked * numPanels * panelColumns * inner * bytes;
  workshop.withScratch(numBytes, (packed) => {
    const panelsAPiece = packedTogether(inner * panelColumns);
    const pieces = Math.ceil(numPanels / panelsAPiece);
    const layout = [right.rowStride * bytes, Number(right.isTransposed), panelsAPiece, pieces];
    const integers = [right.address, packed, inner, columns, ...layout, ...strides(what, right)];
    workshop.run("packRight", numPacked * pieces, integers);
    withLeft(workshop, what, (left) => multiplyPacked(workshop, what, { left, packed, isShared }));
  });
}

/** Many matrices, with nothing after their products: those of attention. */
function isForLibrary({ hasLibrary }: Workshop, what: Multiplication): boolean {
  const { numMatrices, bias, activation = "none", leftSums } = what;
  return hasLibrary && numMatrices > 1 && (bias ?? leftSums) === undefined && activation === "none";
}

/** Multiplications of a library's piece at least: some 10 µs. */
const leastLibraryWork = 500_000;

/** In pieces of whole matrices; the library packs for itself. */
function multiplyByLibrary(workshop: Workshop, what: Multiplication): void {
  const { left, right, result, rows, inner, columns, numMatrices, groupSize } = what;
  const { numThreads } = workshop;
  const least = Math.ceil(leastLibraryWork / (rows * inner * columns));
  const each = Math.max(least, Math.ceil(numMatrices / (numThreads * 4)));
  const flags = Number(left.isTransposed) + 2 * Number(right.isTransposed);
  const places = [left.address, right.address, result.address, rows, inner, columns];
  const layout = [flags, triangleOf(what), numMatrices, groupSize, each];
  const distances = [left, right, result].flatMap((one) => [
    one.rowStride,
    one.groupStride,
    one.matrixStride,
  ]);
  const integers = [...places, ...layout, ...distances];
  workshop.run("libraryMatrices", Math.ceil(numMatrices / each), integers);
}

interface PackedOperands {
  /** Row stride 0: packed, too. */
  readonly left: Matrices;
  readonly packed: Address;
  readonly isShared: boolean;
}

/** Packs the left operand when it lies transposed. */
function withLeft(workshop: Workshop, what: Multiplication, use: (left: Matrices) => void): void {
  const { left, rows, inner, numMatrices, groupSize, leftSums = 0 } = what;
  if (!left.isTransposed) return use(left);
  const numPanels = Math.ceil(rows / panelRows);
  const matrixStride = numPanels * panelRows * inner;
  workshop.withScratch(numMatrices * matrixStride * bytes, (address) => {
    const least = leftSums === 0 ? 1 : panelsSummed;
    const panelsAPiece = least * Math.ceil(packedTogether(inner * panelRows) / least);
    const pieces = Math.ceil(numPanels / panelsAPiece);
    const place = [left.address, address, inner, rows];
    const layout = [left.rowStride * bytes, panelsAPiece, pieces];
    const integers = [...place, ...layout, ...strides(what, left), leftSums];
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
  const triangle = triangleOf(what); // cut by tiles: others of other heights would multiply other zeros with what is not finite
  const isWide = workshop.hasWideVectors && inner <= longestSum;
  const isNarrow = left.rowStride !== 0 && !isWide && triangle === 0;
  const tileRows = isNarrow ? narrowRows : panelRows;
  const size = pieceSize(what, workshop.numThreads);
  const panelsAPiece = size.panels;
  const rowsAPiece = size.rows - (size.rows % tileRows);
  const { panelPieces, rowPieces } = piecesOf(what, { ...size, rows: rowsAPiece });
  const integers = [
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
  ];
  const last = [triangle, Number(workshop.hasWideVectors), tileRows];
  const pieces = what.numMatrices * rowPieces * panelPieces;
  if (inner <= longestSum) return workshop.run("multiply", pieces, [...integers, 0, ...last]);
  const numTiles = Math.ceil(rows / tileRows) * Math.ceil(columns / panelColumns);
  workshop.withScratch(what.numMatrices * numTiles * sumBytesATile, (sums) => {
    workshop.run("multiply", pieces, [...integers, sums, ...last]);
  });
}

/** See the arguments in `assembly/multiply.ts`. */
function triangleOf({ lowerTriangle, left }: Multiplication): number {
  if (lowerTriangle === undefined) return 0;
  if (lowerTriangle === "result") return 1;
  return left.isTransposed ? 3 : 2;
}

interface PieceSize {
  readonly panels: number;
  readonly rows: number;
}

function piecesOf(
  { rows, columns }: Multiplication,
  size: PieceSize,
): { readonly rowPieces: number; readonly panelPieces: number } {
  const numPanels = Math.ceil(columns / panelColumns);
  return {
    rowPieces: Math.ceil(rows / size.rows),
    panelPieces: Math.ceil(numPanels / size.panels),
  };
}

/** Large, and still enough of them for all threads; what is computed does not depend on it. */
function pieceSize(what: Multiplication, numThreads: number): PieceSize {
  const enough = numThreads === 1 ? 1 : numThreads * piecesAThread;
  const isEnough = (size: PieceSize): boolean => {
    const { rowPieces, panelPieces } = piecesOf(what, size);
    return what.numMatrices * rowPieces * panelPieces >= enough;
  };
  return pieceSizes.find(isEnough) ?? { panels: 2, rows: 10 };
}

/** Panels of that many elements that are packed in one piece. */
function packedTogether(panelSize: number): number {
  return Math.min(16, Math.max(2, Math.floor(packedBytesAPiece / (panelSize * bytes))));
}

function strides(
  { groupSize }: Multiplication,
  { groupStride, matrixStride }: Matrices,
): readonly number[] {
  return [groupSize, groupStride * bytes, matrixStride * bytes];
}

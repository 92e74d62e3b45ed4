/** Loops over matrices: transposition, column sums, gathering rows and adding rows up. */
import { defineKernel } from "../host-kernel.ts";
import { axisSize } from "../tensor.ts";

/** Side of the square blocks of a transposition: 32 × 32 floats are 4 KiB, so both sides stay in the first cache. */
const blockSize = 32;

/** Where a matrix lies in two arrays, and its size. */
export interface TransposedMatrix {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly columns: number;
}

/** Writes the transpose of the [rows, columns] matrix at `source[from]` to `target[to]`. */
export function transposeMatrix(
  source: Float32Array,
  target: Float32Array,
  { from, to, rows, columns }: TransposedMatrix,
): void {
  for (let rowBlock = 0; rowBlock < rows; rowBlock += blockSize) {
    const rowEnd = Math.min(rows, rowBlock + blockSize);
    for (let columnBlock = 0; columnBlock < columns; columnBlock += blockSize) {
      const columnEnd = Math.min(columns, columnBlock + blockSize);
      for (let column = columnBlock; column < columnEnd; column++) {
        let at = from + rowBlock * columns + column;
        const line = to + column * rows;
        for (let row = rowBlock; row < rowEnd; row++, at += columns) {
          target[line + row] = source[at] ?? 0;
        }
      }
    }
  }
}

/** [rows, columns] → [columns], summed in double precision from the first row to the last: a bias' gradient. */
export const columnSum = defineKernel<"input", object>({
  name: "ColumnSum",
  inputs: ["input"],
  outputShapes: ({ input }) => [[axisSize(input, 1)]],
  compute: ({ floats, shape, output }) => {
    const [rows, columns] = [axisSize(shape("input"), 0), axisSize(shape("input"), 1)];
    const input = floats("input");
    const sums = new Float64Array(columns);
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      for (let column = 0; column < columns; column++) {
        sums[column] = (sums[column] ?? 0) + (input[start + column] ?? 0);
      }
    }
    output(0).set(sums);
  },
});

/** Rows of `table` [entries, width] at `ids` [n] → [n, width]. Ids were checked by the operation. */
export const gatherRows = defineKernel<"table" | "ids", object>({
  name: "GatherRows",
  inputs: ["table", "ids"],
  outputShapes: ({ table, ids }) => [[axisSize(ids, 0), axisSize(table, 1)]],
  compute: ({ floats, integers, shape, output }) => {
    const width = axisSize(shape("table"), 1);
    const [table, ids, result] = [floats("table"), integers("ids"), output(0)];
    for (let row = 0; row < ids.length; row++) {
      const from = (ids[row] ?? 0) * width;
      const to = row * width;
      for (let i = 0; i < width; i++) result[to + i] = table[from + i] ?? 0;
    }
  },
});

/**
 * Adds row n of `rows` [n, width] to entry ids[n] of a table [entries, width], from the first row to the last, so the
 * order of the sum never changes; entries without a row are 0. The gradient of `gatherRows`.
 */
export const segmentSum = defineKernel<"rows" | "ids", { readonly numEntries: number }>({
  name: "SegmentSum",
  inputs: ["rows", "ids"],
  outputShapes: ({ rows }, { numEntries }) => [[numEntries, axisSize(rows, 1)]],
  compute: ({ floats, integers, shape, output }) => {
    const [rows, ids, result] = [floats("rows"), integers("ids"), output(0)];
    const width = axisSize(shape("rows"), 1);
    result.fill(0);
    for (let row = 0; row < ids.length; row++) {
      const from = row * width;
      const to = (ids[row] ?? 0) * width;
      for (let i = 0; i < width; i++)
        result[to + i] = (result[to + i] ?? 0) + (rows[from + i] ?? 0);
    }
  },
});

/** The sum of all elements, [], in double precision and in index order. */
export const sumAll = defineKernel<"input", object>({
  name: "SumAll",
  inputs: ["input"],
  outputShapes: () => [[]],
  compute: ({ floats, output }) => {
    let sum = 0;
    for (const value of floats("input")) sum += value;
    output(0)[0] = sum;
  },
});

/** Loops over matrices: transposition, column sums, gathering rows and adding rows up. */
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { axisSize } from "../tensor.ts";

/** Rows that are read side by side: one write then fills half a cache line, about twice as fast as square blocks. */
const rowsAtOnce = 8;

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
  const paired = rows - (rows % rowsAtOnce);
  for (let row = 0; row < paired; row += rowsAtOnce) {
    let read = from + row * columns;
    let write = to + row;
    for (let column = 0; column < columns; column++, read++, write += rows) {
      target[write] = source[read] ?? 0;
      target[write + 1] = source[read + columns] ?? 0;
      target[write + 2] = source[read + 2 * columns] ?? 0;
      target[write + 3] = source[read + 3 * columns] ?? 0;
      target[write + 4] = source[read + 4 * columns] ?? 0;
      target[write + 5] = source[read + 5 * columns] ?? 0;
      target[write + 6] = source[read + 6 * columns] ?? 0;
      target[write + 7] = source[read + 7 * columns] ?? 0;
    }
  }
  for (let row = paired; row < rows; row++) {
    const start = from + row * columns;
    for (let column = 0; column < columns; column++) {
      target[to + column * rows + row] = source[start + column] ?? 0;
    }
  }
}

/** [rows, columns] → [columns], summed in double precision from the first row to the last: a bias' gradient. */
export const columnSum: HostKernel<"input", object> = defineKernel({
  name: "ColumnSum",
  inputs: ["input"],
  outputShapes: ({ input }) => [[axisSize(input, 1)]],
  compute: ({ floats, shape, output }) => {
    output(0).set(columnSums(floats("input"), axisSize(shape("input"), 1)));
  },
});

/** The sum of each column of a matrix with at least one, in double precision and from the first row to the last. */
export function columnSums(input: Float32Array, columns: number): Float64Array {
  const rows = input.length / columns;
  const sums = new Float64Array(columns);
  const paired = rows - (rows % 4);
  for (let row = 0; row < paired; row += 4) {
    const [first, second] = [row * columns, (row + 1) * columns];
    const [third, fourth] = [second + columns, second + 2 * columns];
    for (let i = 0; i < columns; i++) {
      // Still row after row: the sum has one order, whatever the number of rows.
      const upper = (sums[i] ?? 0) + (input[first + i] ?? 0) + (input[second + i] ?? 0);
      sums[i] = upper + (input[third + i] ?? 0) + (input[fourth + i] ?? 0);
    }
  }
  for (let row = paired; row < rows; row++) {
    for (let i = 0; i < columns; i++) sums[i] = (sums[i] ?? 0) + (input[row * columns + i] ?? 0);
  }
  return sums;
}

/** Rows of `table` [entries, width] at `ids` [n] → [n, width]. Ids were checked by the operation. */
export const gatherRows: HostKernel<"table" | "ids", object> = defineKernel({
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
 * Adds row n of `rows` [n, width] to entry ids[n] of a table [entries, width], in double precision from the first row to
 * the last, so the order of the sum never changes; entries without a row are 0. The gradient of `gatherRows`.
 */
export const segmentSum: HostKernel<"rows" | "ids", { readonly numEntries: number }> = defineKernel(
  {
    name: "SegmentSum",
    inputs: ["rows", "ids"],
    outputShapes: ({ rows }, { numEntries }) => [[numEntries, axisSize(rows, 1)]],
    compute: ({ floats, integers, shape, output }) => {
      const [rows, ids, result] = [floats("rows"), integers("ids"), output(0)];
      const width = axisSize(shape("rows"), 1);
      const sums = new Float64Array(result.length);
      for (let row = 0; row < ids.length; row++) {
        const from = row * width;
        const to = (ids[row] ?? 0) * width;
        for (let i = 0; i < width; i++) sums[to + i] = (sums[to + i] ?? 0) + (rows[from + i] ?? 0);
      }
      result.set(sums);
    },
  },
);

/** The sum of all elements, [], in double precision and in index order. */
export const sumAll: HostKernel<"input", object> = defineKernel({
  name: "SumAll",
  inputs: ["input"],
  outputShapes: () => [[]],
  compute: ({ floats, output }) => {
    let sum = 0;
    for (const value of floats("input")) sum += value;
    output(0)[0] = sum;
  },
});

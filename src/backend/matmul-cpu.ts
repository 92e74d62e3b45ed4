/** Matrix multiplication on host arrays, with sums in double precision that are rounded once. */
import type { HostMemory } from "./host-memory.ts";
import type { Multiply } from "./matmul.ts";

/** The reference that faster backends are compared with. Products are added in the order of the inner axis. */
export function multiplyOnCpu(memory: HostMemory): Multiply {
  return ({ left, right, result, rows, inner, columns, pairs }) => {
    const [a, b, target] = [memory.floats(left), memory.floats(right), memory.floats(result)];
    const sums = new Float64Array(columns);
    for (const [index, [leftIndex, rightIndex]] of pairs.entries()) {
      for (let row = 0; row < rows; row++) {
        const from = (leftIndex * rows + row) * inner;
        sums.fill(0);
        addRow(a.subarray(from, from + inner), b.subarray(rightIndex * inner * columns), sums);
        target.set(sums, (index * rows + row) * columns);
      }
    }
  };
}

/** Adds row · matrix to `sums`, whose length is the matrix' number of columns. */
function addRow(row: Float32Array, matrix: Float32Array, sums: Float64Array): void {
  const columns = sums.length;
  for (let k = 0; k < row.length; k++) {
    const factor = row[k] ?? 0;
    const start = k * columns;
    for (let column = 0; column < columns; column++) {
      sums[column] = (sums[column] ?? 0) + factor * (matrix[start + column] ?? 0);
    }
  }
}

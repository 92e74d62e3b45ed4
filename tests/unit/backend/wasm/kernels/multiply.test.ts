import { afterEach, expect, test } from "vitest";
import type { Workshop } from "../../../../../src/backend/wasm/fast-kernel.ts";
import {
  contiguous,
  multiply,
  type Multiplication,
} from "../../../../../src/backend/wasm/kernels/multiply.ts";
import { floatsFrom, partsUntil, type Parts } from "../parts.ts";

const partsOf = partsUntil(afterEach);

/** Edges of tiles of either width, sums that end at each of eight steps, of more than 256 products, and of more than float32 is good for. */
const sizes = [
  { rows: 1, inner: 1, columns: 1 },
  { rows: 13, inner: 67, columns: 43 },
  { rows: 5, inner: 300, columns: 16 },
  { rows: 7, inner: 3, columns: 9 },
  { rows: 24, inner: 513, columns: 40 },
  { rows: 6, inner: 2_100, columns: 33 },
  ...[2, 5, 6, 7, 8].map((inner) => ({ rows: 9, inner, columns: 8 })),
];
const transposed = [
  { left: false, right: false },
  { left: true, right: false },
  { left: false, right: true },
];

/** Of attention, whose right operand holds what is not finite where a training went astray. */
const triangles = [13, 24].flatMap((size) =>
  (["left", "result"] as const).map((lowerTriangle) => ({
    rows: size,
    inner: size,
    columns: size,
    isTransposed: { left: false, right: false },
    lowerTriangle,
  })),
);

test.each([
  ...sizes.flatMap((size) =>
    transposed.map((isTransposed) => ({ ...size, isTransposed, lowerTriangle: undefined })),
  ),
  ...triangles,
])(
  "wide tiles have the bits of narrow ones: $rows · $inner · $columns, $isTransposed, $lowerTriangle",
  ({ rows, inner, columns, isTransposed, lowerTriangle }) => {
    const parts = partsOf(1);
    const { heap, memory } = parts;
    const place = (length: number): number => heap.allocate(length * 4, "lasting");
    const [left, right, bias] = [place(rows * inner), place(inner * columns), place(columns)];
    const numbers = floatsFrom(inner * (rows + columns) + columns);
    const floats = (address: number, length: number): Float32Array =>
      new Float32Array(memory.wasm.buffer, address, length);
    floats(left, rows * inner).set(numbers.subarray(0, rows * inner));
    floats(right, inner * columns).set(numbers.subarray(rows * inner, inner * (rows + columns)));
    floats(bias, columns).set(numbers.subarray(inner * (rows + columns)));
    if (lowerTriangle !== undefined)
      for (let row = 0; row < rows; row++) {
        floats(left, rows * inner).fill(0, row * inner + row + 1, (row + 1) * inner);
        if (row % 3 === 1) floats(right, inner * columns)[row * columns] = Infinity;
      }
    const result = place(rows * columns);
    const operands: Omit<Multiplication, "activation"> = {
      left: contiguous(left, { rows, columns: inner, isTransposed: isTransposed.left }),
      right: contiguous(right, { rows: inner, columns, isTransposed: isTransposed.right }),
      result: contiguous(result, { rows, columns }),
      rows,
      columns,
      inner,
      bias,
      numMatrices: 1,
      groupSize: 1,
      ...(lowerTriangle === undefined ? {} : { lowerTriangle }),
    };
    const bitsOf = (isWide: boolean): string => {
      floats(result, rows * columns).fill(NaN);
      multiply(workshopOf(parts, isWide), { ...operands, activation: "relu" });
      const sums = floats(result, rows * columns).slice();
      if (lowerTriangle === "result")
        // what lies above is nobody's
        for (let row = 0; row < rows; row++)
          sums.fill(0, row * columns + row + 1, (row + 1) * columns);
      return Buffer.from(sums.buffer).toString("hex");
    };
    expect(bitsOf(true)).toBe(bitsOf(false));
  },
);

function workshopOf({ pool, heap, memory }: Parts, hasWideVectors: boolean): Workshop {
  return {
    run: (kernel, numPieces, args) =>
      pool.run(kernel, numPieces, "integers" in args ? args : { integers: args }),
    numThreads: pool.numThreads,
    hasLibrary: pool.hasLibrary,
    hasWideVectors,
    withScratch: (numBytes, use) => {
      const address = heap.allocate(numBytes, "passing");
      try {
        return use(address);
      } finally {
        heap.free(address, numBytes, "passing");
      }
    },
    integers: (address, length) => memory.integers(address, length),
    doubles: (address, length) => new Float64Array(memory.wasm.buffer, address, length),
  };
}

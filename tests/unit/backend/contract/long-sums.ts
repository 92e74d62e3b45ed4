/**
 * Sums over 300,000 rows: gradients of what all rows share. The terms are few different numbers, so that additions in
 * float32 round the same way again and again: a single long sum of them would lose three digits.
 */
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import { batchNorm, convolution2d } from "../../../../src/backend/operations-image.ts";
import { project } from "../../../../src/backend/operations-projection.ts";
import * as operations from "../../../../src/backend/operations.ts";
import type { Shape, Tensor } from "../../../../src/backend/tensor.ts";
import { gradientsOf } from "../compare.ts";

const numRows = 300_000;
const width = 3;
/** As a share of the largest sum: float32 has 6e-8, and blocks of 256 terms may lose 1.5e-5 at worst. */
const tolerance = 3e-6;

const input = filled((index) => 0.1 + 0.1 * (index % 7));
const upstream = filled((index) => 0.1 + 0.3 * (input[index] ?? NaN));

function filled(value: (index: number) => number): Float32Array {
  return Float32Array.from({ length: numRows * width }, (_, index) => value(index));
}

type Value = (row: number, column: number) => number;
const x: Value = (row, column) => input[row * width + column] ?? NaN;
const dy: Value = (row, column) => upstream[row * width + column] ?? NaN;

/** Σ dy·factor over all rows in float64, for `size` sums. @param term - Of a row to one of the sums. */
function sums(size: number, term: (row: number, index: number) => number): number[] {
  const result = Array<number>(size).fill(0);
  for (let row = 0; row < numRows; row++) {
    for (let i = 0; i < size; i++) result[i] = (result[i] ?? NaN) + term(row, i);
  }
  return result;
}

/** [out, in] */
const ofWeight = sums(
  width * width,
  (row, i) => dy(row, Math.floor(i / width)) * x(row, i % width),
);
const ofBias = sums(width, dy);

/** (x − mean)/√(variance + 1e-5) of each row, or of each channel. */
function normal(over: "rows" | "channels"): Value {
  const count = over === "rows" ? width : numRows;
  const size = over === "rows" ? numRows : width;
  const [means, variances] = [new Float64Array(size), new Float64Array(size)];
  const each = (add: (place: number, value: number) => void): void => {
    for (let i = 0; i < input.length; i++) {
      add(over === "rows" ? Math.floor(i / width) : i % width, input[i] ?? NaN);
    }
  };
  each((at, value) => (means[at] = (means[at] ?? NaN) + value / count));
  each((at, value) => {
    variances[at] = (variances[at] ?? NaN) + (value - (means[at] ?? NaN)) ** 2 / count;
  });
  return (row, column) => {
    const at = over === "rows" ? row : column;
    return (x(row, column) - (means[at] ?? NaN)) / Math.sqrt((variances[at] ?? NaN) + 1e-5);
  };
}

interface LongSum {
  readonly title: string;
  /** Of what all rows share. */
  readonly shapes: readonly Shape[];
  /** Of the input [rows, width] and of what is shared; [rows, width] again. */
  readonly operation: (input: Tensor, shared: readonly Tensor[]) => Tensor;
  readonly expected: () => readonly (readonly number[])[];
}

/** As many as there are values, so that the rows of an entry are equal. */
const numEntries = 7;
const ids = Int32Array.from({ length: numRows }, (_, row) => row % numEntries);
const shared = (tensors: readonly Tensor[], index: number): Tensor => {
  const tensor = tensors[index];
  if (tensor === undefined) throw new Error(`the case has no tensor ${index}`);
  return tensor;
};

const cases: readonly LongSum[] = [
  {
    title: "dense",
    shapes: [[width, width], [width]],
    operation: (rows, list) =>
      operations.dense(rows, { weight: shared(list, 0), bias: shared(list, 1) }),
    expected: () => [ofWeight, ofBias],
  },
  {
    title: "projection",
    shapes: [[width, width]],
    operation: (rows, list) => project(rows, shared(list, 0)),
    expected: () => [ofWeight],
  },
  {
    title: "embedding",
    shapes: [[numEntries, width]],
    operation: (_rows, list) => operations.embedding(shared(list, 0), ids),
    expected: () => [
      sums(numEntries * width, (row, i) =>
        row % numEntries === Math.floor(i / width) ? dy(row, i % width) : 0,
      ),
    ],
  },
  {
    title: "convolution",
    shapes: [[width, width, 2, 1], [width]],
    operation: (rows, list) => {
      const layer = { weight: shared(list, 0), bias: shared(list, 1), stride: 1, padding: 0 };
      const lines = operations.reshape(rows, [numRows / 1000, 1, 1000, width]);
      return operations.reshape(convolution2d(tf.concat([lines, lines], 1), layer), rows.shape);
    },
    expected: () => [ofWeight.flatMap((value) => [value, value]), ofBias],
  },
  {
    title: "layer norm",
    shapes: [[width], [width]],
    operation: (rows, list) =>
      operations.layerNorm(rows, { gain: shared(list, 0), bias: shared(list, 1), epsilon: 1e-5 }),
    expected: () => {
      const value = normal("rows");
      return [sums(width, (row, i) => dy(row, i) * value(row, i)), ofBias];
    },
  },
  {
    title: "batch norm",
    shapes: [[width], [width]],
    operation: (rows, list) =>
      batchNorm(rows, { gain: shared(list, 0), bias: shared(list, 1), epsilon: 1e-5 }),
    expected: () => {
      const value = normal("channels");
      return [sums(width, (row, i) => dy(row, i) * value(row, i)), ofBias];
    },
  },
  {
    title: "tf.add, broadcast",
    shapes: [[width]],
    operation: (rows, list) => tf.add(rows, shared(list, 0)),
    expected: () => [ofBias],
  },
  {
    title: "tf.gather",
    shapes: [[numEntries, width]],
    operation: (_rows, list) => tf.gather(shared(list, 0), tf.tensor1d(ids, "int32")),
    expected: () => [
      sums(numEntries * width, (row, i) =>
        row % numEntries === Math.floor(i / width) ? dy(row, i % width) : 0,
      ),
    ],
  },
];

const rowsOf = (values: Float32Array): Tensor => tf.tensor(values, [numRows, width]);

/** Gradients, and products of long rows, against float64. */
export function describeLongSums(): void {
  test.each(cases)("the gradients of $title", ({ shapes, operation, expected }) => {
    const parameters = shapes.map((shape) => ({
      shape,
      values: Array<number>(tf.util.sizeFromShape([...shape])).fill(1),
    }));
    const gradients = gradientsOf(parameters, (tensors) =>
      tf.sum(tf.mul(operation(rowsOf(input), tensors), rowsOf(upstream))),
    );
    for (const [index, sum] of expected().entries()) expectNear(gradients[index] ?? [], sum);
  });

  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])("a product of matrices, transposed %s and %s", (transposeA, transposeB) => {
    const product = valuesOf(() => {
      const [a, b] = [rowsOf(upstream), rowsOf(input)];
      const [left, right] = [transposeA ? a : tf.transpose(a), transposeB ? tf.transpose(b) : b];
      return tf.matMul(left, right, transposeA, transposeB);
    });
    expectNear(product, ofWeight);
  });

  test("the sum of everything, and the mean", () => {
    const whole = ofBias.reduce((total, value) => total + value, 0);
    expectNear(
      valuesOf(() => operations.sum(rowsOf(upstream))),
      [whole],
    );
    expectNear(
      valuesOf(() => tf.sum(rowsOf(upstream))),
      [whole],
    );
    expectNear(
      valuesOf(() => tf.mean(rowsOf(upstream))),
      [whole / upstream.length],
    );
  });
}

function expectNear(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  const distances = expected.map((value, i) => Math.abs((actual[i] ?? NaN) - value) / largest);
  expect(Math.max(...distances)).toBeLessThan(tolerance);
}

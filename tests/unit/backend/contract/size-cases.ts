/** Every operation with its inputs as blocks of rows that can be repeated, and what all rows share. */
import { attention } from "../../../../src/backend/operations-attention.ts";
import { softmaxCrossEntropy } from "../../../../src/backend/operations-loss.ts";
import { project } from "../../../../src/backend/operations-projection.ts";
import * as operations from "../../../../src/backend/operations.ts";
import type { Shape, Tensor } from "../../../../src/backend/tensor.ts";
import * as reference from "../reference.ts";
import { at, matrix, type Matrix } from "../reference.ts";
import { pick } from "./operation-case.ts";
import type { Lists, RepeatedCase } from "./size-case.ts";
import { repeatedImageCases } from "./size-image-cases.ts";

/** Matrices of the lists. */
function matrices(lists: Lists, shapes: readonly Shape[]): readonly Matrix[] {
  return lists.map((values, index) => {
    const columns = shapes[index]?.at(-1) ?? 1;
    return matrix(
      values.length / columns,
      columns,
      (row, column) => values[row * columns + column] ?? NaN,
    );
  });
}

type MatrixCase = Omit<RepeatedCase, "reference" | "isDefinedForNone"> & {
  readonly compute: (inputs: readonly Matrix[]) => readonly number[];
};

function overMatrices({ compute, ...rest }: MatrixCase): RepeatedCase {
  const shapes = [...rest.repeated, ...rest.shared];
  return {
    ...rest,
    isDefinedForNone: true,
    reference: (lists) => compute(matrices(lists, shapes)),
  };
}

/** The same numbers again and again. */
function again(values: readonly number[], count: number): Int32Array {
  return Int32Array.from(
    { length: values.length * count },
    (_, i) => values[i % values.length] ?? 0,
  );
}

const elementwise = (
  [
    ["gelu", operations.gelu, reference.gelu],
    ["relu", operations.relu, (x: number) => Math.max(x, 0)],
    ["tanh", operations.tanh, Math.tanh],
  ] as const
).map(([title, operation, compute]): RepeatedCase =>
  overMatrices({
    title,
    repeated: [[7, 5]],
    shared: [],
    operation: (tensors) => operation(pick(tensors, 0)),
    compute: (inputs) => pick(inputs, 0).values.map(compute),
  }),
);

const sizes = { sequenceLength: 5, numHeads: 2, headSize: 3 };
const lengths = [5, 2];

const sequences = [false, true].map((causal): RepeatedCase =>
  overMatrices({
    title: causal ? "causal attention" : "attention",
    repeated: Array.from({ length: 3 }, () => [10, 6]),
    shared: [],
    operation: (tensors, count) => {
      const [query, key, value] = [pick(tensors, 0), pick(tensors, 1), pick(tensors, 2)];
      const batchSize = lengths.length * count;
      const options = { ...sizes, batchSize, lengths: again(lengths, count), causal };
      return attention({ query, key, value }, { ...options, dropout: undefined });
    },
    compute: (inputs) =>
      reference.attention([pick(inputs, 0), pick(inputs, 1), pick(inputs, 2)], {
        ...sizes,
        batchSize: lengths.length,
        lengths,
        causal,
      }).values,
  }),
);

const ids = [4, 0, 4, 2, 4];
const labels = [0, 2, 1];
const lossOptions = { labelSmoothing: 0.1, divisor: 9 };

const rows: readonly RepeatedCase[] = [
  {
    title: "dense",
    repeated: [[3, 5]],
    shared: [[4, 5], [4]],
    operation: (tensors: readonly Tensor[]) =>
      operations.dense(pick(tensors, 0), { weight: pick(tensors, 1), bias: pick(tensors, 2) }),
    compute: (inputs: readonly Matrix[]) =>
      reference.dense(pick(inputs, 0), pick(inputs, 1), pick(inputs, 2)).values,
  },
  {
    title: "projection",
    repeated: [[3, 5]],
    shared: [[4, 5]],
    operation: (tensors: readonly Tensor[]) => project(pick(tensors, 0), pick(tensors, 1)),
    compute: (inputs: readonly Matrix[]) =>
      reference.multiply(pick(inputs, 0), reference.transposed(pick(inputs, 1))).values,
  },
  {
    title: "add",
    repeated: [
      [3, 5],
      [3, 5],
    ],
    shared: [],
    operation: (tensors: readonly Tensor[]) => operations.add(pick(tensors, 0), pick(tensors, 1)),
    compute: (inputs: readonly Matrix[]) =>
      pick(inputs, 0).values.map((value, i) => value + (pick(inputs, 1).values[i] ?? NaN)),
  },
  {
    title: "sum",
    repeated: [[7, 5]],
    shared: [],
    isSummed: true,
    operation: (tensors: readonly Tensor[]) => operations.sum(pick(tensors, 0)),
    compute: (inputs: readonly Matrix[]) => [pick(inputs, 0).values.reduce((a, b) => a + b, 0)],
  },
  {
    title: "layer norm",
    repeated: [[6, 7]],
    shared: [[7], [7]],
    operation: (tensors: readonly Tensor[]) => {
      const [gain, bias] = [pick(tensors, 1), pick(tensors, 2)];
      return operations.layerNorm(pick(tensors, 0), { gain, bias, epsilon: 1e-5 });
    },
    compute: (inputs: readonly Matrix[]) => {
      const [gain, bias] = [pick(inputs, 1), pick(inputs, 2)];
      return reference.layerNorm(pick(inputs, 0), { gain, bias, epsilon: 1e-5 }).values;
    },
  },
  {
    title: "embedding",
    repeated: [[6, 3]], // tables one below the other
    shared: [],
    operation: (tensors: readonly Tensor[], count: number) => {
      const rows = again(ids, count).map((id, index) => id + 6 * Math.floor(index / ids.length));
      return operations.embedding(pick(tensors, 0), rows);
    },
    compute: (inputs: readonly Matrix[]) =>
      matrix(5, 3, (row, column) => at(pick(inputs, 0), ids[row] ?? NaN, column)).values,
  },
  {
    title: "first of sequence",
    repeated: [[6, 5]],
    shared: [],
    operation: (tensors: readonly Tensor[]) => operations.firstOfSequence(pick(tensors, 0), 3),
    compute: (inputs: readonly Matrix[]) =>
      matrix(2, 5, (row, column) => at(pick(inputs, 0), 3 * row, column)).values,
  },
  {
    title: "mean of sequence",
    repeated: [[8, 5]],
    shared: [],
    operation: (tensors: readonly Tensor[], count: number) =>
      operations.meanOfSequence(pick(tensors, 0), {
        lengths: again([4, 2], count),
        sequenceLength: 4,
      }),
    compute: (inputs: readonly Matrix[]) =>
      matrix(2, 5, (row, column) => {
        const length = row === 0 ? 4 : 2;
        let total = 0;
        for (let i = 0; i < length; i++) total += at(pick(inputs, 0), 4 * row + i, column);
        return total / length;
      }).values,
  },
  {
    title: "cross-entropy",
    repeated: [[3, 4]],
    shared: [],
    isSummed: true,
    operation: (tensors: readonly Tensor[], count: number) =>
      softmaxCrossEntropy(pick(tensors, 0), again(labels, count), lossOptions),
    compute: (inputs: readonly Matrix[]) => [
      reference.crossEntropy(pick(inputs, 0), labels, lossOptions),
    ],
  },
].map(overMatrices);

export const repeatedCases: readonly RepeatedCase[] = [
  ...elementwise,
  ...rows,
  ...sequences,
  ...repeatedImageCases,
];

/** Every operation over odd shapes, with the reference that it is compared with. */
import { attention } from "../../../src/backend/operations-attention.ts";
import { softmaxCrossEntropy } from "../../../src/backend/operations-loss.ts";
import { project } from "../../../src/backend/operations-projection.ts";
import * as operations from "../../../src/backend/operations.ts";
import type { Shape, Tensor } from "../../../src/backend/tensor.ts";
import * as reference from "./reference.ts";
import { at, matrix, type Matrix } from "./reference.ts";

export interface OperationCase {
  readonly title: string;
  /** Of the inputs that get a gradient. A list of n numbers is a matrix of one row in the reference. */
  readonly shapes: readonly Shape[];
  readonly operation: (inputs: readonly Tensor[]) => Tensor;
  readonly reference: (inputs: readonly Matrix[]) => Matrix;
}

/** The inputs of a case by position; a case that names more than it declares is a broken test. */
function pick<Input>(inputs: readonly Input[], index: number): Input {
  const input = inputs[index];
  if (input === undefined) throw new Error(`the case has no input ${index}`);
  return input;
}

function mapped(input: Matrix, map: (value: number) => number): Matrix {
  return { ...input, values: input.values.map(map) };
}

function scalar(value: number): Matrix {
  return matrix(1, 1, () => value);
}

const denseShapes: readonly (readonly [rows: number, inputs: number, outputs: number])[] = [
  [1, 1, 1],
  [3, 5, 4],
  [9, 70, 3], // more than one block of 48 in TensorFlow.js' scalar loop
  [33, 2, 17],
  [2, 9, 1],
];

const denseCases = denseShapes.map(([rows, inputs, outputs]): OperationCase => ({
  title: `dense of ${rows} rows from ${inputs} to ${outputs}`,
  shapes: [[rows, inputs], [outputs, inputs], [outputs]],
  operation: (tensors) =>
    operations.dense(pick(tensors, 0), { weight: pick(tensors, 1), bias: pick(tensors, 2) }),
  reference: (matrices) => reference.dense(pick(matrices, 0), pick(matrices, 1), pick(matrices, 2)),
}));

const projectionCases: readonly OperationCase[] = [
  {
    title: "projection without a bias",
    shapes: [
      [7, 5],
      [11, 5],
    ],
    operation: (tensors) => project(pick(tensors, 0), pick(tensors, 1)),
    reference: (matrices) =>
      reference.multiply(pick(matrices, 0), reference.transposed(pick(matrices, 1))),
  },
  {
    title: "a table of embeddings that is the output's matrix too",
    shapes: [[5, 3]],
    operation: (tensors) => {
      const table = pick(tensors, 0);
      return project(operations.tanh(operations.embedding(table, Int32Array.of(4, 1, 4))), table);
    },
    reference: (matrices) => {
      const table = pick(matrices, 0);
      const looked = matrix(3, 3, (row, column) => at(table, [4, 1, 4][row] ?? NaN, column));
      return reference.multiply(mapped(looked, Math.tanh), reference.transposed(table));
    },
  },
];

const constantInput = matrix(3, 4, (row, column) => Math.fround(0.3 * row - 0.2 * column));

const elementwiseCases: readonly OperationCase[] = [
  {
    title: "dense of features",
    shapes: [[2, 4], [2]],
    operation: (tensors) => {
      const input = operations.constant(Float32Array.from(constantInput.values), [3, 4]);
      const [weight, bias] = [pick(tensors, 0), pick(tensors, 1)];
      return operations.dense(input, { weight, bias, isInputConstant: true });
    },
    reference: (matrices) => reference.dense(constantInput, pick(matrices, 0), pick(matrices, 1)),
  },
  {
    title: "gelu",
    shapes: [[7, 5]],
    operation: (tensors) => operations.gelu(pick(tensors, 0)),
    reference: (matrices) => mapped(pick(matrices, 0), reference.gelu),
  },
  {
    title: "relu",
    shapes: [[7, 5]],
    operation: (tensors) => operations.relu(pick(tensors, 0)),
    reference: (matrices) => mapped(pick(matrices, 0), (x) => Math.max(x, 0)),
  },
  {
    title: "tanh",
    shapes: [[3, 11]],
    operation: (tensors) => operations.tanh(pick(tensors, 0)),
    reference: (matrices) => mapped(pick(matrices, 0), Math.tanh),
  },
  {
    title: "add",
    shapes: [
      [3, 5],
      [3, 5],
    ],
    operation: (tensors) => operations.add(pick(tensors, 0), pick(tensors, 1)),
    reference: (matrices) => plus(pick(matrices, 0), pick(matrices, 1)),
  },
  {
    title: "a tensor used twice",
    shapes: [[2, 3]],
    operation: (tensors) => operations.add(pick(tensors, 0), operations.tanh(pick(tensors, 0))),
    reference: (matrices) => mapped(pick(matrices, 0), (x) => x + Math.tanh(x)),
  },
  {
    title: "reshape",
    shapes: [[3, 4]],
    operation: (tensors) => operations.reshape(pick(tensors, 0), [2, 6]),
    reference: (matrices) => ({ ...pick(matrices, 0), rows: 2, columns: 6 }),
  },
  {
    title: "sum",
    shapes: [[5, 7]],
    operation: (tensors) => operations.sum(pick(tensors, 0)),
    reference: (matrices) =>
      scalar(pick(matrices, 0).values.reduce((sum, value) => sum + value, 0)),
  },
];

const { add, gelu, relu, sum, tanh } = operations;
const positive = (x: number): number => Math.max(x, 0);

/** Graphs in which a tensor has several uses, so that its gradient is a sum. */
const diamondCases: readonly OperationCase[] = [
  {
    title: "add of a tensor to itself",
    shapes: [[2, 3]],
    operation: (tensors) => add(pick(tensors, 0), pick(tensors, 0)),
    reference: (matrices) => mapped(pick(matrices, 0), (x) => 2 * x),
  },
  {
    title: "add of a computed tensor to itself, then of another use",
    shapes: [[3, 5]],
    operation: (tensors) => {
      const a = tanh(pick(tensors, 0));
      return add(add(a, a), relu(a));
    },
    reference: (matrices) =>
      mapped(pick(matrices, 0), (x) => 2 * Math.tanh(x) + positive(Math.tanh(x))),
  },
  {
    title: "an input of add with another use",
    shapes: [[3, 5]],
    operation: (tensors) => {
      const [a, b] = [tanh(pick(tensors, 0)), gelu(pick(tensors, 0))];
      const c = relu(a); // before `add`, so that its gradient comes after that of `add`
      return sum(add(add(a, b), c));
    },
    reference: (matrices) => {
      const value = (x: number): number =>
        Math.tanh(x) + reference.gelu(x) + positive(Math.tanh(x));
      return scalar(pick(matrices, 0).values.reduce((total, x) => total + value(x), 0));
    },
  },
  {
    title: "a tensor used by four operations, also in another shape",
    shapes: [[4, 3]],
    operation: (tensors) => {
      const a = tanh(pick(tensors, 0));
      const turned = operations.reshape(add(operations.reshape(a, [12]), gelu12(a)), [4, 3]);
      return add(add(a, turned), add(relu(a), a));
    },
    reference: (matrices) =>
      mapped(pick(matrices, 0), (x) => {
        const a = Math.tanh(x);
        return 3 * a + reference.gelu(a) + positive(a);
      }),
  },
  {
    title: "a residual block: layer norm and dense beside the input, one bias for both",
    shapes: [[4, 3], [3, 3], [3], [3]],
    operation: (tensors) => {
      const [x, weight] = [pick(tensors, 0), pick(tensors, 1)];
      const [bias, gain] = [pick(tensors, 2), pick(tensors, 3)];
      const inner = add(x, operations.dense(x, { weight, bias }));
      return add(inner, operations.layerNorm(inner, { gain, bias, epsilon: 1e-5 }));
    },
    reference: (matrices) => {
      const [x, weight] = [pick(matrices, 0), pick(matrices, 1)];
      const [bias, gain] = [pick(matrices, 2), pick(matrices, 3)];
      const inner = plus(x, reference.dense(x, weight, bias));
      return plus(inner, reference.layerNorm(inner, { gain, bias, epsilon: 1e-5 }));
    },
  },
];

function gelu12(input: Tensor): Tensor {
  return gelu(operations.reshape(input, [12]));
}

function plus(left: Matrix, right: Matrix): Matrix {
  return matrix(
    left.rows,
    left.columns,
    (row, column) => at(left, row, column) + at(right, row, column),
  );
}

const layerNormCases = [
  [1, 3],
  [6, 7],
  [9, 16],
].map(([rows = 0, width = 0]): OperationCase => ({
  title: `layer norm of ${rows} rows of ${width}`,
  shapes: [[rows, width], [width], [width]],
  operation: (tensors) => {
    const [input, gain, bias] = [pick(tensors, 0), pick(tensors, 1), pick(tensors, 2)];
    return operations.layerNorm(input, { gain, bias, epsilon: 1e-5 });
  },
  reference: (matrices) => {
    const [input, gain, bias] = [pick(matrices, 0), pick(matrices, 1), pick(matrices, 2)];
    return reference.layerNorm(input, { gain, bias, epsilon: 1e-5 });
  },
}));

const ids = [4, 0, 4, 2, 4];

const rowCases: readonly OperationCase[] = [
  {
    title: "embedding with repeated ids",
    shapes: [[6, 3]],
    operation: (tensors) => operations.embedding(pick(tensors, 0), Int32Array.from(ids)),
    reference: (matrices) =>
      matrix(ids.length, 3, (row, column) => at(pick(matrices, 0), ids[row] ?? 0, column)),
  },
  {
    title: "first of sequence",
    shapes: [[6, 5]],
    operation: (tensors) => operations.firstOfSequence(pick(tensors, 0), 3),
    reference: (matrices) => matrix(2, 5, (row, column) => at(pick(matrices, 0), 3 * row, column)),
  },
  {
    title: "mean of sequence with padding and an empty example",
    shapes: [[12, 5]],
    operation: (tensors) =>
      operations.meanOfSequence(pick(tensors, 0), {
        lengths: Int32Array.of(4, 3, 0),
        sequenceLength: 4,
      }),
    reference: (matrices) =>
      matrix(3, 5, (row, column) => {
        const length = [4, 3, 0][row] ?? 0;
        let sum = 0;
        for (let i = 0; i < length; i++) sum += at(pick(matrices, 0), 4 * row + i, column);
        return sum / Math.max(length, 1);
      }),
  },
];

const attentionSizes = [
  { batchSize: 1, sequenceLength: 1, numHeads: 1, headSize: 1, lengths: [1] },
  { batchSize: 3, sequenceLength: 7, numHeads: 3, headSize: 5, lengths: [7, 3, 0] },
  { batchSize: 2, sequenceLength: 17, numHeads: 2, headSize: 4, lengths: [17, 11] },
  { batchSize: 1, sequenceLength: 1, numHeads: 1, headSize: 2, lengths: [1], causal: true },
  { batchSize: 3, sequenceLength: 9, numHeads: 2, headSize: 3, lengths: [9, 4, 0], causal: true },
];

const attentionCases = attentionSizes.map((sizes): OperationCase => {
  const shape = [sizes.batchSize * sizes.sequenceLength, sizes.numHeads * sizes.headSize];
  return {
    title: `${"causal" in sizes ? "causal " : ""}attention of ${sizes.batchSize}×${sizes.sequenceLength}, ${sizes.numHeads} heads`,
    shapes: [shape, shape, shape],
    operation: (tensors) => {
      const [query, key, value] = [pick(tensors, 0), pick(tensors, 1), pick(tensors, 2)];
      const lengths = Int32Array.from(sizes.lengths);
      return attention({ query, key, value }, { ...sizes, lengths, dropout: undefined });
    },
    reference: (matrices) =>
      reference.attention([pick(matrices, 0), pick(matrices, 1), pick(matrices, 2)], sizes),
  };
});

const lossCases = [
  { labelSmoothing: 0, divisor: 3, numClasses: 2 },
  { labelSmoothing: 0.1, divisor: 12, numClasses: 5 },
  { labelSmoothing: 0.5, divisor: 1, numClasses: 3 },
].map(({ numClasses, ...options }): OperationCase => {
  const labels = [0, numClasses - 1, 1];
  return {
    title: `cross-entropy of ${numClasses} classes, smoothing ${options.labelSmoothing}`,
    shapes: [[3, numClasses]],
    operation: (tensors) => softmaxCrossEntropy(pick(tensors, 0), Int32Array.from(labels), options),
    reference: (matrices) => scalar(reference.crossEntropy(pick(matrices, 0), labels, options)),
  };
});

export const operationCases: readonly OperationCase[] = [
  ...denseCases,
  ...projectionCases,
  ...elementwiseCases,
  ...diamondCases,
  ...layerNormCases,
  ...rowCases,
  ...attentionCases,
  ...lossCases,
];

/** Dense layers and elementwise operations. */
import { project } from "../../../../src/backend/operations-projection.ts";
import * as operations from "../../../../src/backend/operations.ts";
import * as reference from "../reference.ts";
import { at, matrix } from "../reference.ts";
import { mapped, pick, plus, scalar, type OperationCase } from "./operation-case.ts";

const denseShapes: readonly (readonly [rows: number, inputs: number, outputs: number])[] = [
  [1, 1, 1],
  [3, 5, 4],
  [9, 70, 3], // more than one block of 48 in TensorFlow.js' scalar loop
  [33, 2, 17],
  [2, 9, 1],
  [6, 3, 47], // packed and summed as twice four panels of 5, one alone, and 2 that are left
];

const denseCases = denseShapes.map(([rows, inputs, outputs]): OperationCase => ({
  title: `dense of ${rows} rows from ${inputs} to ${outputs}`,
  shapes: [[rows, inputs], [outputs, inputs], [outputs]],
  operation: (tensors) =>
    operations.dense(pick(tensors, 0), { weight: pick(tensors, 1), bias: pick(tensors, 2) }),
  reference: (matrices) => reference.dense(pick(matrices, 0), pick(matrices, 1), pick(matrices, 2)),
}));

/** The gradient before the activation is a kernel of its own where that of the layer is one. */
const activatedCases = (["relu", "gelu"] as const).map((activation): OperationCase => ({
  title: `dense with ${activation}`,
  shapes: [[7, 5], [6, 5], [6]],
  operation: (tensors) => {
    const [weight, bias] = [pick(tensors, 1), pick(tensors, 2)];
    return operations.dense(pick(tensors, 0), { weight, bias, activation });
  },
  reference: (matrices) => {
    const sums = reference.dense(pick(matrices, 0), pick(matrices, 1), pick(matrices, 2));
    return mapped(sums, activation === "gelu" ? reference.gelu : (x) => Math.max(x, 0));
  },
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

export const operationCases: readonly OperationCase[] = [
  ...denseCases,
  ...activatedCases,
  ...projectionCases,
  ...elementwiseCases,
];

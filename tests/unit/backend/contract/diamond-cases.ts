/** Graphs in which a tensor has several uses. */
import * as operations from "../../../../src/backend/operations.ts";
import type { Tensor } from "../../../../src/backend/tensor.ts";
import * as reference from "../reference.ts";
import { mapped, pick, plus, scalar, type OperationCase } from "./operation-case.ts";

const { add, gelu, relu, sum, tanh } = operations;
const positive = (x: number): number => Math.max(x, 0);

/** Graphs in which a tensor has several uses, so that its gradient is a sum. */
export const diamondCases: readonly OperationCase[] = [
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

/** What a case of the contract is: an operation over some shapes, and the reference that it is compared with. */
import type { Shape, Tensor } from "../../../../src/backend/tensor.ts";
import { at, matrix, type Matrix } from "../reference.ts";

export interface OperationCase {
  readonly title: string;
  /** Of the inputs that get a gradient. A list of n numbers is a matrix of one row in the reference. */
  readonly shapes: readonly Shape[];
  readonly operation: (inputs: readonly Tensor[]) => Tensor;
  readonly reference: (inputs: readonly Matrix[]) => Matrix;
}

/** The inputs of a case by position; a case that names more than it declares is a broken test. */
export function pick<Input>(inputs: readonly Input[], index: number): Input {
  const input = inputs[index];
  if (input === undefined) throw new Error(`the case has no input ${index}`);
  return input;
}

export function mapped(input: Matrix, map: (value: number) => number): Matrix {
  return { ...input, values: input.values.map(map) };
}

export function scalar(value: number): Matrix {
  return matrix(1, 1, () => value);
}

export function plus(left: Matrix, right: Matrix): Matrix {
  return matrix(
    left.rows,
    left.columns,
    (row, column) => at(left, row, column) + at(right, row, column),
  );
}

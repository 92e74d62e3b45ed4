/**
 * Tensors as models and training see them: opaque values with a shape. Only `src/backend` looks inside.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";

/**
 * A tensor on the prepared backend, float32 unless said otherwise. It is TensorFlow.js' own class, so that a user's
 * model may also compute with `tf.*`, most of which has a gradient here (`tensorflow-gradients/`); an operation that has
 * none is refused by name. The built-in models use the operations of this folder only.
 */
export type Tensor = tf.Tensor;

/** Row-major sizes, outermost first; `[]` for a scalar. */
export type Shape = readonly number[];

/** The parameters of a model on the backend, by name. They never change in place. */
export type Parameters = ReadonlyMap<string, Tensor>;

/** The parameter of that name; a model asks only for names that it declared. */
export function parameter(parameters: Parameters, name: string): Tensor {
  const found = parameters.get(name);
  if (found === undefined) throw new InternalError(`the model has no parameter ${name}`);
  return found;
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** A kernel would make a tensor that cannot be; `replaceKernel` tells which. */
export class ImpossibleShape extends Error {
  readonly shape: Shape;

  constructor(shape: Shape) {
    super(`There is no tensor of the shape [${shape.join(", ")}].`);
    this.name = "ImpossibleShape";
    this.shape = shape;
  }
}

/**
 * Number of elements of a tensor that is to be made.
 * @throws {ImpossibleShape} where a size is negative, no whole number or not finite.
 */
export function allocatedSize(shape: Shape): number {
  const isPossible = shape.every((length) => Number.isSafeInteger(length) && length >= 0);
  if (!isPossible) throw new ImpossibleShape(shape);
  return sizeOf(shape);
}

/** Size of one axis, counted from 0 at the front or from -1 at the back. */
export function axisSize(shape: Shape, axis: number): number {
  const size = shape.at(axis);
  if (size === undefined)
    throw new InternalError(`shape [${shape.join(", ")}] has no axis ${axis}`);
  return size;
}

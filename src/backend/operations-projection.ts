/** The multiplication with a matrix that has no bias: the output of a language model over its own embeddings. */
import * as tf from "@tensorflow/tfjs-core";
import { differentiable } from "./differentiable.ts";
import type { Tensor } from "./tensor.ts";

/**
 * input · weightᵀ.
 * @param input - [rows, in]
 * @param weight - [out, in]; it may be a table of `embedding` too, whose gradients then add up.
 * @returns [rows, out]
 */
export function project(input: Tensor, weight: Tensor): Tensor {
  return differentiable([input, weight], () => ({
    value: tf.matMul(input, weight, false, true),
    kept: { input, weight },
    gradient: (dy, kept) => [tf.matMul(dy, kept.weight), tf.matMul(dy, kept.input, true, false)],
  }));
}

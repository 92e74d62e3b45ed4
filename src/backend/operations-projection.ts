/** Matrix products without a bias, and the plain ways to kernels of TensorFlow.js. */
import { engine } from "@tensorflow/tfjs-core";
import { checkTensor } from "./arguments.ts";
import { differentiable } from "./differentiable.ts";
import { axisSize, type Tensor } from "./tensor.ts";

/**
 * The product of two float32 matrices, either of them transposed; no gradient is recorded. `tf.matMul` computes the same,
 * and takes twice the time to get there: it converts, checks and tidies its arguments.
 */
export function product(
  left: Tensor,
  right: Tensor,
  { transposeA = false, transposeB = false }: { transposeA?: boolean; transposeB?: boolean } = {},
): Tensor {
  return engine().runKernel("BatchMatMul", { a: left, b: right }, { transposeA, transposeB });
}

/** The sum or the product of two float32 tensors, element by element, with broadcasting; no gradient is recorded. */
export function combined(operation: "Add" | "Multiply", left: Tensor, right: Tensor): Tensor {
  return engine().runKernel(operation, { a: left, b: right });
}

/**
 * input · weightᵀ: the output of a language model over its own embeddings.
 * @param input - [rows, in]
 * @param weight - [out, in]; it may be a table of `embedding` too, whose gradients then add up.
 * @returns [rows, out]
 */
export function project(input: Tensor, weight: Tensor): Tensor {
  checkTensor("project: input", input, ["rows", "in"]);
  checkTensor("project: weight", weight, ["out", axisSize(input.shape, 1)]);
  return differentiable([input, weight], () => ({
    value: product(input, weight, { transposeB: true }),
    kept: { input, weight },
    gradient: (dy, kept) => [
      product(dy, kept.weight),
      product(dy, kept.input, { transposeA: true }),
    ],
  }));
}

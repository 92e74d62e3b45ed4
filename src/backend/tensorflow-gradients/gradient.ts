/**
 * Gradients of TensorFlow.js' own operations, for models that call `tf.*`. Its bundle for Node registers none, and some
 * of those that it has elsewhere are wrong (matrix multiplication of broadcast batches, mirror padding, a maximum that
 * occurs twice). Each is written here in operations that have kernels, and checked by finite differences.
 */
import * as tf from "@tensorflow/tfjs-core";
import { InternalError } from "../../core/errors.ts";
import type { Shape, Tensor } from "../tensor.ts";

/** How to go back through one kernel of TensorFlow.js. */
export type KernelGradient = Parameters<typeof tf.registerGradient>[0];

/** What a kernel was called with beside tensors. */
export type KernelAttributes = Parameters<KernelGradient["gradFunc"]>[2];

/** One call of a kernel, seen from behind. */
export interface BackwardCall {
  /** The gradient of the output. */
  readonly dy: Tensor;
  /** Of those inputs that are kept. */
  readonly input: (index: number) => Tensor;
  readonly attributes: KernelAttributes;
}

/** For each input by the name that the kernel has for it: its gradient, computed when it is asked for. */
export type InputGradients = Readonly<Record<string, () => Tensor>>;

/**
 * A kernel with one output.
 * @param kernelName - As TensorFlow.js calls it.
 * @param kept - Names of the inputs that the gradient needs, in the order of `input`.
 */
export function gradientOf(
  kernelName: string,
  kept: readonly string[],
  backward: (call: BackwardCall) => InputGradients,
): KernelGradient {
  return {
    kernelName,
    inputsToSave: [...kept],
    gradFunc: (dy, saved, attributes) =>
      backward({ dy: one(dy), input: (index) => tensorAt(saved, index), attributes }),
  };
}

/** A kernel whose one input is `x`. @param gradient - From the output's gradient and the input. */
export function fromInput(
  kernelName: string,
  gradient: (dy: Tensor, x: Tensor, attributes: KernelAttributes) => Tensor,
): KernelGradient {
  return gradientOf(kernelName, ["x"], ({ dy, input, attributes }) => ({
    x: () => gradient(dy, input(0), attributes),
  }));
}

/** A kernel whose one input is `x`. @param gradient - From the output's gradient and the output. */
export function fromOutput(
  kernelName: string,
  gradient: (dy: Tensor, y: Tensor, attributes: KernelAttributes) => Tensor,
): KernelGradient {
  return {
    kernelName,
    outputsToSave: [true],
    gradFunc: (dy, saved, attributes) => ({
      x: () => gradient(one(dy), tensorAt(saved, 0), attributes),
    }),
  };
}

/** A kernel of `a` and `b`, of which one may be broadcast. @param gradients - Of both, in the output's shape. */
export function fromPair(
  kernelName: string,
  gradients: (dy: Tensor, a: Tensor, b: Tensor) => readonly [a: () => Tensor, b: () => Tensor],
): KernelGradient {
  return gradientOf(kernelName, ["a", "b"], ({ dy, input }) => {
    const [a, b] = [input(0), input(1)];
    const [ofA, ofB] = gradients(dy, a, b);
    return { a: () => unbroadcast(ofA(), a.shape), b: () => unbroadcast(ofB(), b.shape) };
  });
}

/** A kernel that is flat wherever it is smooth. */
export function flat(kernelName: string, inputs: readonly string[]): KernelGradient {
  return gradientOf(kernelName, inputs, ({ input }) =>
    Object.fromEntries(inputs.map((name, index) => [name, () => tf.zeros(input(index).shape)])),
  );
}

/** The gradient of a tensor of that shape that was broadcast: summed over where it was repeated. */
export function unbroadcast(gradient: Tensor, shape: Shape): Tensor {
  if (gradient.size === 0) return tf.zeros([...shape]);
  const axes = tf.broadcast_util.getReductionAxes([...shape], gradient.shape);
  return tf.reshape(axes.length === 0 ? gradient : tf.sum(gradient, axes), [...shape]);
}

/** The only gradient of a kernel with one output. */
export function one(gradients: Tensor | readonly Tensor[]): Tensor {
  return tensorAt([gradients].flat(), 0);
}

function tensorAt(tensors: readonly Tensor[], index: number): Tensor {
  const tensor = tensors[index];
  if (tensor === undefined) throw new InternalError(`a gradient has no tensor ${index}`);
  return tensor;
}

/** Runs a kernel that has no function in `tf`, or none with these attributes, and gives its first output. */
export function run(
  kernelName: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: object,
): Tensor {
  return one(tf.engine().runKernel<Tensor>(kernelName, { ...inputs }, { ...attributes }));
}

/** What a kernel was called with, by names that its source tells. */
export function read<Names extends object>(attributes: KernelAttributes): Names {
  return attributes as object as Names;
}

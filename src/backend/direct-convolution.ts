/**
 * A convolution by kernels that take images as they are, where the backend's library has them; elsewhere every window becomes
 * a row of a matrix (see `operations-image.ts`).
 */
import { engine, getBackend, getKernel } from "@tensorflow/tfjs-core";
import type { NamedAttrMap } from "@tensorflow/tfjs-core";
import { differentiable } from "./differentiable.ts";
import type { KernelDefinition } from "./host-kernel.ts";
import { windowedShape, type Windows } from "./kernels/windows.ts";
import type { Shape, Tensor } from "./tensor.ts";

/** Windows, and the shape of what a gradient is of. */
export interface ConvolutionOf extends Windows {
  readonly shape: Shape;
}

/** A kernel that only some backends have: it has no loop. */
export interface DirectKernel<Input extends string, Attributes extends object> {
  readonly definition: Pick<
    KernelDefinition<Input, Attributes>,
    "name" | "inputs" | "outputShapes"
  >;
}

/** [batch, height, width, in] and [out, in, rows, columns] → [batch, rows of windows, columns of windows, out]. */
export const directForward: DirectKernel<"input" | "weight", Windows> = {
  definition: {
    name: "Convolution",
    inputs: ["input", "weight"],
    outputShapes: ({ input, weight: [outputs = 0] }, windows) => {
      const [batch, rows, columns] = windowedShape(input, windows);
      return [[batch, rows, columns, outputs]];
    },
  },
};

/** The gradient of the images, whose shape is in the attributes. */
export const directInputGradient: DirectKernel<"weight" | "outputGradient", ConvolutionOf> = {
  definition: {
    name: "ConvolutionInputGradient",
    inputs: ["weight", "outputGradient"],
    outputShapes: (_, { shape }) => [shape],
  },
};

/** The gradient of the weights, whose shape is in the attributes. */
export const directWeightGradient: DirectKernel<"input" | "outputGradient", ConvolutionOf> = {
  definition: {
    name: "ConvolutionWeightGradient",
    inputs: ["input", "outputGradient"],
    outputShapes: (_, { shape }) => [shape],
  },
};

/** Whether the backend in use has these kernels. */
export function hasDirectConvolution(): boolean {
  return getKernel(nameOf(directForward), getBackend()) !== undefined;
}

function nameOf({ definition }: { readonly definition: { readonly name: string } }): string {
  return `Lockstep${definition.name}`;
}

/**
 * A convolution without a bias, on a backend for which `hasDirectConvolution` holds.
 * @param input - [batch, height, width, in]
 * @param weight - [out, in, rows, columns]
 * @param options - `isInputConstant` spares the gradient of the input.
 */
export function convolveDirectly(
  input: Tensor,
  weight: Tensor,
  { isInputConstant, ...windows }: Windows & { readonly isInputConstant: boolean },
): Tensor {
  return differentiable(isInputConstant ? [weight] : [input, weight], () => ({
    value: run(directForward, { input, weight }, windows),
    kept: { input, weight },
    gradient: (outputGradient, kept) => {
      const ofInput = { ...windows, shape: kept.input.shape };
      const ofWeight = { ...windows, shape: kept.weight.shape };
      return [
        ...(isInputConstant
          ? []
          : [run(directInputGradient, { weight: kept.weight, outputGradient }, ofInput)]),
        run(directWeightGradient, { input: kept.input, outputGradient }, ofWeight),
      ];
    },
  }));
}

function run<Input extends string, Attributes extends object>(
  kernel: DirectKernel<Input, Attributes>,
  inputs: Readonly<Record<Input, Tensor>>,
  attributes: Attributes,
): Tensor {
  // TensorFlow.js hands attributes through as they are. One output comes alone, or as the only one of a list.
  const outputs = engine().runKernel<Tensor[]>(nameOf(kernel), inputs, attributes as NamedAttrMap);
  return [outputs].flat()[0] as Tensor; // each of these kernels has one
}

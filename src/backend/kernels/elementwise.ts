/** Loops over single elements: activations with their derivatives, and dropout masks. */
import { tanh } from "../../random/math.ts";
import { fillUniform } from "../../random/samples.ts";
import type { RandomStream } from "../../random/streams.ts";
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import type { Shape } from "../tensor.ts";
import { geluBackward, geluForward } from "./normal-distribution.ts";

type ActivationKernel = HostKernel<"input", object>;

function activation(
  name: string,
  apply: (input: Float32Array, output: Float32Array) => void,
): ActivationKernel {
  return defineKernel({
    name,
    inputs: ["input"],
    outputShapes: ({ input }) => [input],
    compute: ({ floats, output }) => apply(floats("input"), output(0)),
  });
}

/** `kept` is the input of the activation, or its output where that is all that is needed. */
type ActivationGradientKernel = HostKernel<"kept" | "outputGradient", object>;

function activationGradient(
  name: string,
  apply: (kept: Float32Array, gradient: Float32Array, result: Float32Array) => void,
): ActivationGradientKernel {
  return defineKernel({
    name,
    inputs: ["kept", "outputGradient"],
    outputShapes: ({ kept }) => [kept],
    compute: ({ floats, output }) => apply(floats("kept"), floats("outputGradient"), output(0)),
  });
}

/** x·Φ(x), with Φ the exact normal distribution function. */
export const gelu: ActivationKernel = activation("Gelu", geluForward);

/** The gradient of `gelu`, from its input. */
export const geluGradient: ActivationGradientKernel = activationGradient(
  "GeluGradient",
  geluBackward,
);

/** max(x, 0), but NaN stays NaN: a diverged run must not look healthy. */
export const relu: ActivationKernel = activation("Relu", (input, output) => {
  for (let i = 0; i < input.length; i++) output[i] = Math.max(input[i] ?? 0, 0);
});

/** The gradient of `relu`, from its output. The derivative at 0 is 0. */
export const reluGradient: ActivationGradientKernel = activationGradient(
  "ReluGradient",
  (kept, gradient, result) => {
    for (let i = 0; i < kept.length; i++) {
      const y = kept[i] ?? 0;
      result[i] = y <= 0 ? 0 : (gradient[i] ?? 0);
    }
  },
);

/** tanh(x), with the same bits in every engine. */
export const tanhForward: ActivationKernel = activation("Tanh", (input, output) => {
  for (let i = 0; i < input.length; i++) output[i] = tanh(input[i] ?? 0);
});

/** The gradient of `tanhForward`, from its output y: dy·(1 − y²). */
export const tanhGradient: ActivationGradientKernel = activationGradient(
  "TanhGradient",
  (kept, gradient, result) => {
    for (let i = 0; i < kept.length; i++) {
      const y = kept[i] ?? 0;
      result[i] = (gradient[i] ?? 0) * (1 - y * y);
    }
  },
);

export interface DropoutMask {
  /** Outermost axis: examples, or rows of which each example has the same number. */
  readonly shape: Shape;
  /** Share that is zeroed, above 0 and below 1. */
  readonly rate: number;
  readonly stream: RandomStream;
  readonly step: number;
  /** Of the first example, in the whole batch. */
  readonly position: number;
  readonly elementsPerExample: number;
}

/**
 * 0 with probability `rate`, else 1/(1 − rate). Which elements are zeroed depends on the stream, the step, the example's
 * place in the whole batch and the element's place in the example, and not on how the batch is split.
 */
export const dropoutMask: HostKernel<never, DropoutMask> = defineKernel({
  name: "DropoutMask",
  inputs: [],
  outputShapes: (_, { shape }) => [shape],
  compute: ({ output, attributes }) => fillDropoutMask(output(0), attributes),
});

/** Outputs: the input times the factors of `dropoutMask`, and the factors. */
export const dropout: HostKernel<"input", DropoutMask> = defineKernel({
  name: "Dropout",
  inputs: ["input"],
  outputShapes: ({ input }) => [input, input],
  compute: ({ floats, output, attributes }) => {
    const [input, result, mask] = [floats("input"), output(0), output(1)];
    fillDropoutMask(mask, attributes);
    for (let i = 0; i < mask.length; i++) result[i] = (input[i] ?? 0) * (mask[i] ?? 0);
  },
});

/** Writes the factors into an array of the mask's size. */
export function fillDropoutMask(mask: Float32Array, attributes: DropoutMask): void {
  const { rate, stream, step, position, elementsPerExample } = attributes;
  fillUniform(stream, mask, { step, position, elementsPerPosition: elementsPerExample });
  const kept = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i++) mask[i] = (mask[i] ?? 0) < rate ? 0 : kept;
}

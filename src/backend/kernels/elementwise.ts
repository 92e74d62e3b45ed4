/** Loops over single elements: activations with their derivatives, and dropout masks. */
import { tanh } from "../../random/math.ts";
import { fillUniform } from "../../random/samples.ts";
import type { RandomStream } from "../../random/streams.ts";
import { defineKernel } from "../host-kernel.ts";
import type { Shape } from "../tensor.ts";
import { geluBackward, geluForward } from "./normal-distribution.ts";

/** What an activation does to each element. */
interface Activation {
  readonly name: string;
  readonly forward: (input: Float32Array, output: Float32Array) => void;
  /** From `kept` (the input, or the output where that is all that is needed) and dy, writes dx. */
  readonly backward: (kept: Float32Array, gradient: Float32Array, result: Float32Array) => void;
}

function activationKernels(
  activation: Activation,
): readonly [
  ReturnType<typeof defineKernel<"input", object>>,
  ReturnType<typeof defineKernel<"kept" | "outputGradient", object>>,
] {
  const forward = defineKernel<"input", object>({
    name: activation.name,
    inputs: ["input"],
    outputShapes: ({ input }) => [input],
    compute: ({ floats, output }) => activation.forward(floats("input"), output(0)),
  });
  const backward = defineKernel<"kept" | "outputGradient", object>({
    name: `${activation.name}Gradient`,
    inputs: ["kept", "outputGradient"],
    outputShapes: ({ kept }) => [kept],
    compute: ({ floats, output }) => {
      activation.backward(floats("kept"), floats("outputGradient"), output(0));
    },
  });
  return [forward, backward];
}

export const [gelu, geluGradient] = activationKernels({
  name: "Gelu",
  forward: geluForward,
  backward: geluBackward,
});

/** max(x, 0), but NaN stays NaN: a diverged run must not look healthy. The derivative at 0 is 0. */
export const [relu, reluGradient] = activationKernels({
  name: "Relu",
  forward: (input, output) => {
    for (let i = 0; i < input.length; i++) output[i] = Math.max(input[i] ?? 0, 0);
  },
  backward: (kept, gradient, result) => {
    for (let i = 0; i < kept.length; i++) {
      const y = kept[i] ?? 0;
      result[i] = y <= 0 ? 0 : (gradient[i] ?? 0);
    }
  },
});

export const [tanhForward, tanhGradient] = activationKernels({
  name: "Tanh",
  forward: (input, output) => {
    for (let i = 0; i < input.length; i++) output[i] = tanh(input[i] ?? 0);
  },
  backward: (kept, gradient, result) => {
    for (let i = 0; i < kept.length; i++) {
      const y = kept[i] ?? 0;
      result[i] = (gradient[i] ?? 0) * (1 - y * y);
    }
  },
});

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
export const dropoutMask = defineKernel<never, DropoutMask>({
  name: "DropoutMask",
  inputs: [],
  outputShapes: (_, { shape }) => [shape],
  compute: ({ output, attributes }) => {
    const mask = output(0);
    const { rate, stream, step, position, elementsPerExample } = attributes;
    fillUniform(stream, mask, { step, position, elementsPerPosition: elementsPerExample });
    const kept = 1 / (1 - rate);
    for (let i = 0; i < mask.length; i++) mask[i] = (mask[i] ?? 0) < rate ? 0 : kept;
  },
});

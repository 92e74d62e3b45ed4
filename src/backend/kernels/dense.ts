/** A dense layer in one pass: input · weightᵀ + bias, and an activation; and all its gradients in another. */
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { axisSize } from "../tensor.ts";
import { distribution, geluSlope } from "./normal-distribution.ts";
import { columnSums } from "./rows.ts";

/** What follows the sum. */
export type Activation = "none" | "relu" | "gelu";

/**
 * Input [rows, in], weight [out, in] and bias [out] to [rows, out]. With `gelu` a second output is the derivative of the
 * activation there, which shares most of the work with it.
 */
export const dense: HostKernel<"input" | "weight" | "bias", { readonly activation: Activation }> =
  defineKernel({
    name: "Dense",
    inputs: ["input", "weight", "bias"],
    outputShapes: ({ input, weight }, { activation }) => {
      const shape = [axisSize(input, 0), axisSize(weight, 0)];
      return activation === "gelu" ? [shape, shape] : [shape];
    },
    compute: ({ floats, shape, output, attributes: { activation } }) => {
      const [input, weight, bias] = [floats("input"), floats("weight"), floats("bias")];
      const [rows, inner] = [axisSize(shape("input"), 0), axisSize(shape("input"), 1)];
      const columns = bias.length;
      const result = output(0);
      const slope = activation === "gelu" ? output(1) : undefined;
      for (let row = 0; row < rows; row++) {
        const from = row * inner;
        for (let column = 0; column < columns; column++) {
          const start = column * inner;
          let sum = 0;
          for (let k = 0; k < inner; k++) sum += (input[from + k] ?? 0) * (weight[start + k] ?? 0);
          const value = Math.fround(sum + (bias[column] ?? 0));
          const at = row * columns + column;
          if (slope !== undefined) slope[at] = geluSlope(value);
          result[at] = activated(value, activation);
        }
      }
    },
  });

/** What the gradient of a dense layer needs to know beside its tensors. */
export interface DenseGradientAttributes {
  readonly activation: Activation;
  /** Whether the gradient of the input is asked for. */
  readonly ofInput: boolean;
  /** Whether the gradient of the bias is asked for. */
  readonly ofBias: boolean;
}

/**
 * The gradients of weight [out, in], input [rows, in] and bias [out], the latter two [0] where they are not asked for.
 * `atActivation` [rows, out] is the slope of GELU or the result of ReLU; without an activation it is not read. Sums run in
 * double precision and in index order.
 */
export const denseGradient: HostKernel<
  "outputGradient" | "atActivation" | "input" | "weight",
  DenseGradientAttributes
> = defineKernel({
  name: "DenseGradient",
  inputs: ["outputGradient", "atActivation", "input", "weight"],
  outputShapes: ({ input, weight }, { ofInput, ofBias }) => [
    weight,
    ofInput ? input : [0],
    ofBias ? [axisSize(weight, 0)] : [0],
  ],
  compute: ({ floats, shape, output, attributes: { activation, ofInput, ofBias } }) => {
    const [outputs, inner] = [axisSize(shape("weight"), 0), axisSize(shape("weight"), 1)];
    const [given, kept] = [floats("outputGradient"), floats("atActivation")];
    const gradient = given.map((value, index) => beforeActivation(activation, value, kept[index]));
    const sizes = { rows: axisSize(shape("input"), 0), outputs, inner, gradient };
    addProducts(output(0), sizes, floats("input"));
    if (ofInput) multiplyRows(output(1), sizes, floats("weight"));
    if (ofBias) output(2).set(columnSums(gradient, outputs));
  },
});

/** The gradient of a value before the activation, from that of the one after it. */
function beforeActivation(activation: Activation, gradient: number, kept = 0): number {
  switch (activation) {
    case "none":
      return gradient;
    case "relu":
      return kept <= 0 ? 0 : gradient;
    case "gelu":
      return gradient * kept;
  }
}

interface GradientSizes {
  readonly rows: number;
  readonly outputs: number;
  readonly inner: number;
  /** [rows, outputs] */
  readonly gradient: Float32Array;
}

/** gradientᵀ · input, [outputs, inner] */
function addProducts(result: Float32Array, sizes: GradientSizes, input: Float32Array): void {
  const { rows, outputs, inner, gradient } = sizes;
  const sums = new Float64Array(inner);
  for (let out = 0; out < outputs; out++) {
    sums.fill(0);
    for (let row = 0; row < rows; row++) {
      const factor = gradient[row * outputs + out] ?? 0;
      const from = row * inner;
      for (let k = 0; k < inner; k++) sums[k] = (sums[k] ?? 0) + factor * (input[from + k] ?? 0);
    }
    result.set(sums, out * inner);
  }
}

/** gradient · weight, [rows, inner] */
function multiplyRows(result: Float32Array, sizes: GradientSizes, weight: Float32Array): void {
  const { rows, outputs, inner, gradient } = sizes;
  const sums = new Float64Array(inner);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    for (let out = 0; out < outputs; out++) {
      const factor = gradient[row * outputs + out] ?? 0;
      const from = out * inner;
      for (let k = 0; k < inner; k++) sums[k] = (sums[k] ?? 0) + factor * (weight[from + k] ?? 0);
    }
    result.set(sums, row * inner);
  }
}

function activated(value: number, activation: Activation): number {
  switch (activation) {
    case "none":
      return value;
    case "relu":
      return Math.max(value, 0); // NaN stays NaN
    case "gelu":
      return value * distribution(value);
  }
}

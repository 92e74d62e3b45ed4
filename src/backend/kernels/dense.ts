/** A dense layer in one pass: input · weightᵀ + bias, and an activation. */
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { axisSize } from "../tensor.ts";
import { distribution, geluSlope } from "./normal-distribution.ts";

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

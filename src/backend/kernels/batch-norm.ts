/**
 * Batch normalisation of each channel, y = (x − mean)/√(variance + ε)·gain + bias, forward and backward. The last axis
 * holds the channels; everything before it is a row. Sums run in double precision, from the first row to the last.
 * @see Ioffe & Szegedy, "Batch Normalization", ICML 2015. The variance that normalises is the biased one, as in PyTorch.
 */
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { columnSums } from "./rows.ts";

export interface Epsilon {
  /** Added to the variance; above 0. */
  readonly epsilon: number;
}

/**
 * Outputs: y; per channel the mean and 1/√(variance + ε) of the batch, which the backward pass needs; and the unbiased
 * variance, which is that of the population the batch was drawn from. There must be two rows at least.
 */
export const batchNormForward: HostKernel<"input" | "gain" | "bias", Epsilon> = defineKernel({
  name: "BatchNorm",
  inputs: ["input", "gain", "bias"],
  outputShapes: ({ input, gain }) => [input, gain, gain, gain],
  compute: ({ floats, output, attributes }) => {
    const [input, gain, bias] = [floats("input"), floats("gain"), floats("bias")];
    const numRows = input.length / gain.length;
    const means = columnSums(input, gain.length).map((sum) => sum / numRows);
    const squares = squaredDeviations(input, means);
    const scales = squares.map((sum) => 1 / Math.sqrt(sum / numRows + attributes.epsilon));
    normalise(input, output(0), { means, scales, gain, bias });
    output(1).set(means);
    output(2).set(scales);
    output(3).set(squares.map((sum) => sum / (numRows - 1)));
  },
});

/** Outputs: the gradients of input, gain and bias, the statistics being those of the batch. */
export const batchNormBackward: HostKernel<
  "input" | "gain" | "mean" | "scale" | "outputGradient",
  object
> = defineKernel({
  name: "BatchNormGradient",
  inputs: ["input", "gain", "mean", "scale", "outputGradient"],
  outputShapes: ({ input, gain }) => [input, gain, gain],
  compute: ({ floats, output }) => {
    const [input, gradient, gain] = [floats("input"), floats("outputGradient"), floats("gain")];
    const [mean, scale] = [floats("mean"), floats("scale")];
    const numRows = input.length / gain.length;
    const sums = gradientSums(input, gradient, { mean, scale });
    const factor = scaled(gain, scale);
    const shared = factor.map((value, channel) => (value * (sums.bias[channel] ?? 0)) / numRows);
    const slope = factor.map(
      (value, channel) => (value * (scale[channel] ?? 0) * (sums.gain[channel] ?? 0)) / numRows,
    );
    const result = output(0);
    for (let from = 0; from < input.length; from += gain.length) {
      for (let i = 0; i < gain.length; i++) {
        const deviation = (input[from + i] ?? 0) - (mean[i] ?? 0);
        const own = (factor[i] ?? 0) * (gradient[from + i] ?? 0) - (shared[i] ?? 0);
        result[from + i] = own - (slope[i] ?? 0) * deviation;
      }
    }
    output(1).set(sums.gain);
    output(2).set(sums.bias);
  },
});

/** Outputs: y with a mean and a variance that do not depend on the batch, and 1/√(variance + ε). */
export const fixedNormForward: HostKernel<
  "input" | "gain" | "bias" | "mean" | "variance",
  Epsilon
> = defineKernel({
  name: "FixedNorm",
  inputs: ["input", "gain", "bias", "mean", "variance"],
  outputShapes: ({ input, gain }) => [input, gain],
  compute: ({ floats, output, attributes }) => {
    const [input, gain, bias] = [floats("input"), floats("gain"), floats("bias")];
    const [means, variance] = [floats("mean"), floats("variance")];
    const scales = Float64Array.from(
      variance,
      (value) => 1 / Math.sqrt(value + attributes.epsilon),
    );
    normalise(input, output(0), { means, scales, gain, bias });
    output(1).set(scales);
  },
});

/** Outputs: the gradients of input, gain and bias, the statistics being constants. */
export const fixedNormBackward: HostKernel<
  "input" | "gain" | "mean" | "scale" | "outputGradient",
  object
> = defineKernel({
  name: "FixedNormGradient",
  inputs: ["input", "gain", "mean", "scale", "outputGradient"],
  outputShapes: ({ input, gain }) => [input, gain, gain],
  compute: ({ floats, output }) => {
    const [input, gradient, gain] = [floats("input"), floats("outputGradient"), floats("gain")];
    const [mean, scale] = [floats("mean"), floats("scale")];
    const sums = gradientSums(input, gradient, { mean, scale });
    const factor = scaled(gain, scale);
    const result = output(0);
    for (let from = 0; from < input.length; from += gain.length) {
      for (let i = 0; i < gain.length; i++) {
        result[from + i] = (factor[i] ?? 0) * (gradient[from + i] ?? 0);
      }
    }
    output(1).set(sums.gain);
    output(2).set(sums.bias);
  },
});

interface Affine {
  readonly means: ArrayLike<number>;
  readonly scales: ArrayLike<number>;
  readonly gain: Float32Array;
  readonly bias: Float32Array;
}

/** y = (x − mean)·(scale·gain) + bias */
function normalise(
  input: Float32Array,
  result: Float32Array,
  { means, scales, gain, bias }: Affine,
): void {
  const factor = scaled(gain, scales);
  for (let from = 0; from < input.length; from += gain.length) {
    for (let i = 0; i < gain.length; i++) {
      const deviation = (input[from + i] ?? 0) - (means[i] ?? 0);
      result[from + i] = deviation * (factor[i] ?? 0) + (bias[i] ?? 0);
    }
  }
}

function scaled(gain: Float32Array, scales: ArrayLike<number>): Float64Array {
  return Float64Array.from(gain, (value, channel) => value * (scales[channel] ?? 0));
}

/** For each channel Σ dy·normal, the gradient of its gain, and Σ dy, that of its bias. */
function gradientSums(
  input: Float32Array,
  gradient: Float32Array,
  { mean, scale }: { readonly mean: Float32Array; readonly scale: Float32Array },
): { readonly gain: Float64Array; readonly bias: Float64Array } {
  const numColumns = mean.length;
  const products = new Float64Array(numColumns);
  for (let from = 0; from < input.length; from += numColumns) {
    for (let i = 0; i < numColumns; i++) {
      const deviation = (input[from + i] ?? 0) - (mean[i] ?? 0);
      products[i] = (products[i] ?? 0) + (gradient[from + i] ?? 0) * deviation;
    }
  }
  const gain = products.map((sum, channel) => sum * (scale[channel] ?? 0));
  return { gain, bias: columnSums(gradient, numColumns) };
}

function squaredDeviations(values: Float32Array, means: Float64Array): Float64Array {
  const sums = new Float64Array(means.length);
  for (let from = 0; from < values.length; from += means.length) {
    for (let i = 0; i < means.length; i++) {
      const deviation = (values[from + i] ?? 0) - (means[i] ?? 0);
      sums[i] = (sums[i] ?? 0) + deviation * deviation;
    }
  }
  return sums;
}

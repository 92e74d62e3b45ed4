/**
 * Layer normalisation over the last axis, y = (x − mean)/√(variance + ε)·gain + bias, forward and backward.
 * Sums run in double precision and in index order.
 * @see Ba, Kiros & Hinton, "Layer Normalization", 2016. The variance is the biased one, as in PyTorch.
 */
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { axisSize } from "../tensor.ts";

/** Outputs: y, and per row the mean and 1/√(variance + ε), which the backward pass needs. */
export const layerNormForward: HostKernel<"input" | "gain" | "bias", { readonly epsilon: number }> =
  defineKernel({
    name: "LayerNorm",
    inputs: ["input", "gain", "bias"],
    outputShapes: ({ input }) => [input, [axisSize(input, 0)], [axisSize(input, 0)]],
    compute: ({ floats, shape, output, attributes }) => {
      const [rows, width] = [axisSize(shape("input"), 0), axisSize(shape("input"), 1)];
      const [input, gain, bias] = [floats("input"), floats("gain"), floats("bias")];
      const [result, means, scales] = [output(0), output(1), output(2)];
      for (let row = 0; row < rows; row++) {
        const start = row * width;
        const mean = meanOf(input, start, width);
        const scale = 1 / Math.sqrt(varianceOf(input, { start, width, mean }) + attributes.epsilon);
        means[row] = mean;
        scales[row] = scale;
        for (let i = 0; i < width; i++) {
          const normal = ((input[start + i] ?? 0) - mean) * scale;
          result[start + i] = normal * (gain[i] ?? 0) + (bias[i] ?? 0);
        }
      }
    },
  });

function meanOf(values: Float32Array, start: number, width: number): number {
  let sum = 0;
  for (let i = start; i < start + width; i++) sum += values[i] ?? 0;
  return sum / width;
}

function varianceOf(
  values: Float32Array,
  row: { readonly start: number; readonly width: number; readonly mean: number },
): number {
  let sum = 0;
  for (let i = row.start; i < row.start + row.width; i++) {
    const deviation = (values[i] ?? 0) - row.mean;
    sum += deviation * deviation;
  }
  return sum / row.width;
}

/** Outputs: the gradients of input, gain and bias. */
export const layerNormBackward: HostKernel<
  "input" | "gain" | "mean" | "scale" | "outputGradient",
  object
> = defineKernel({
  name: "LayerNormGradient",
  inputs: ["input", "gain", "mean", "scale", "outputGradient"],
  outputShapes: ({ input, gain }) => [input, gain, gain],
  compute: ({ floats, shape, output }) => {
    const [rows, width] = [axisSize(shape("input"), 0), axisSize(shape("input"), 1)];
    const [input, gain, gradient] = [floats("input"), floats("gain"), floats("outputGradient")];
    const [means, scales] = [floats("mean"), floats("scale")];
    const inputGradient = output(0);
    const gainSums = new Float64Array(width);
    const biasSums = new Float64Array(width);
    for (let row = 0; row < rows; row++) {
      const start = row * width;
      const [mean, scale] = [means[row] ?? 0, scales[row] ?? 0];
      let sum = 0;
      let sumTimesNormal = 0;
      for (let i = 0; i < width; i++) {
        const dy = gradient[start + i] ?? 0;
        const normal = ((input[start + i] ?? 0) - mean) * scale;
        gainSums[i] = (gainSums[i] ?? 0) + dy * normal;
        biasSums[i] = (biasSums[i] ?? 0) + dy;
        const scaled = dy * (gain[i] ?? 0);
        sum += scaled;
        sumTimesNormal += scaled * normal;
      }
      const meanGradient = sum / width;
      const meanTimesNormal = sumTimesNormal / width;
      for (let i = 0; i < width; i++) {
        const normal = ((input[start + i] ?? 0) - mean) * scale;
        const scaled = (gradient[start + i] ?? 0) * (gain[i] ?? 0);
        inputGradient[start + i] = scale * (scaled - meanGradient - normal * meanTimesNormal);
      }
    }
    output(1).set(gainSums);
    output(2).set(biasSums);
  },
});

/** Loops that make one row of each example's rows, and their gradients. Rows beyond `length` are padding. */
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { axisSize } from "../tensor.ts";

export interface Sequence {
  /** Rows of each example in the input. */
  readonly sequenceLength: number;
}

/** [batch · sequence, width] → [batch, width]: the first row of each example. */
export const firstRows: HostKernel<"input", Sequence> = defineKernel({
  name: "FirstRows",
  inputs: ["input"],
  outputShapes: ({ input }, { sequenceLength }) => [
    [axisSize(input, 0) / sequenceLength, axisSize(input, 1)],
  ],
  compute: ({ floats, shape, output, attributes }) => {
    const [input, result] = [floats("input"), output(0)];
    const width = axisSize(shape("input"), 1);
    const stride = attributes.sequenceLength * width;
    for (let from = 0, to = 0; from < input.length; from += stride, to += width) {
      result.set(input.subarray(from, from + width), to);
    }
  },
});

/** The gradient of `firstRows`: zeros but for the first row of each example. */
export const firstRowsGradient: HostKernel<"outputGradient", Sequence> = defineKernel({
  name: "FirstRowsGradient",
  inputs: ["outputGradient"],
  outputShapes: ({ outputGradient }, { sequenceLength }) => [
    [axisSize(outputGradient, 0) * sequenceLength, axisSize(outputGradient, 1)],
  ],
  compute: ({ floats, shape, output, attributes }) => {
    const [gradient, result] = [floats("outputGradient"), output(0)];
    const width = axisSize(shape("outputGradient"), 1);
    const stride = attributes.sequenceLength * width;
    result.fill(0);
    for (let from = 0, to = 0; from < gradient.length; from += width, to += stride) {
      result.set(gradient.subarray(from, from + width), to);
    }
  },
});

/** [batch · sequence, width] → [batch, width]: the mean of each example's real rows; zeros where it has none. */
export const meanRows: HostKernel<"input" | "lengths", Sequence> = defineKernel({
  name: "MeanRows",
  inputs: ["input", "lengths"],
  outputShapes: ({ input }, { sequenceLength }) => [
    [axisSize(input, 0) / sequenceLength, axisSize(input, 1)],
  ],
  compute: ({ floats, integers, shape, output, attributes }) => {
    const [input, lengths, result] = [floats("input"), integers("lengths"), output(0)];
    const width = axisSize(shape("input"), 1);
    const sums = new Float64Array(width);
    for (let example = 0; example < lengths.length; example++) {
      const length = lengths[example] ?? 0;
      const start = example * attributes.sequenceLength * width;
      sums.fill(0);
      for (let row = start; row < start + length * width; row += width) {
        for (let i = 0; i < width; i++) sums[i] = (sums[i] ?? 0) + (input[row + i] ?? 0);
      }
      for (let i = 0; i < width; i++) {
        result[example * width + i] = (sums[i] ?? 0) / Math.max(length, 1);
      }
    }
  },
});

/** The gradient of `meanRows`: each real row gets its share, padding gets 0. */
export const meanRowsGradient: HostKernel<"outputGradient" | "lengths", Sequence> = defineKernel({
  name: "MeanRowsGradient",
  inputs: ["outputGradient", "lengths"],
  outputShapes: ({ outputGradient }, { sequenceLength }) => [
    [axisSize(outputGradient, 0) * sequenceLength, axisSize(outputGradient, 1)],
  ],
  compute: ({ floats, integers, shape, output, attributes }) => {
    const [gradient, lengths] = [floats("outputGradient"), integers("lengths")];
    const result = output(0);
    const width = axisSize(shape("outputGradient"), 1);
    result.fill(0);
    for (let example = 0; example < lengths.length; example++) {
      const length = lengths[example] ?? 0;
      const start = example * attributes.sequenceLength * width;
      for (let at = 0; at < length * width; at++) {
        result[start + at] = (gradient[example * width + (at % width)] ?? 0) / length;
      }
    }
  },
});

/** Loops of multi-head attention: splitting and merging heads, and the softmax over the keys that are not padding. */
import { exp } from "../../random/math.ts";
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { axisSize } from "../tensor.ts";

export interface HeadSizes {
  /** Examples. */
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly numHeads: number;
  readonly headSize: number;
}

/** [batch · sequence, heads · headSize] → [batch · heads, sequence, headSize]: each head's matrix in one piece. */
export const splitHeads: HostKernel<"input", HeadSizes> = defineKernel({
  name: "SplitHeads",
  inputs: ["input"],
  outputShapes: (_, sizes) => [
    [sizes.batchSize * sizes.numHeads, sizes.sequenceLength, sizes.headSize],
  ],
  compute: ({ floats, output, attributes }) => {
    const [input, result] = [floats("input"), output(0)];
    forEachHeadRow(attributes, (row, headRow) => {
      for (let i = 0; i < attributes.headSize; i++) result[headRow + i] = input[row + i] ?? 0;
    });
  },
});

/** The inverse of `splitHeads`. */
export const mergeHeads: HostKernel<"input", HeadSizes> = defineKernel({
  name: "MergeHeads",
  inputs: ["input"],
  outputShapes: (_, sizes) => [
    [sizes.batchSize * sizes.sequenceLength, sizes.numHeads * sizes.headSize],
  ],
  compute: ({ floats, output, attributes }) => {
    const [input, result] = [floats("input"), output(0)];
    forEachHeadRow(attributes, (row, headRow) => {
      for (let i = 0; i < attributes.headSize; i++) result[row + i] = input[headRow + i] ?? 0;
    });
  },
});

function forEachHeadRow(sizes: HeadSizes, visit: (row: number, headRow: number) => void): void {
  const { batchSize, sequenceLength, numHeads, headSize } = sizes;
  const width = numHeads * headSize;
  for (let example = 0; example < batchSize; example++) {
    for (let position = 0; position < sequenceLength; position++) {
      const row = (example * sequenceLength + position) * width;
      for (let head = 0; head < numHeads; head++) {
        const headRow = ((example * numHeads + head) * sequenceLength + position) * headSize;
        visit(row + head * headSize, headRow);
      }
    }
  }
}

export interface SoftmaxAttributes {
  /** Factor of the scores. */
  readonly scale: number;
  /** Whether keys after the query get the weight 0. */
  readonly causal: boolean;
}

/**
 * Softmax over the last axis of scores [batch · heads, queries, keys] times `scale`, where keys at or beyond the
 * example's length, and after the query where it is causal, get the weight 0: their scores are not looked at. An example
 * of length 0 gets all zeros instead of 0/0.
 */
export const maskedSoftmax: HostKernel<
  "scores" | "lengths",
  SoftmaxAttributes & { readonly numHeads: number }
> = defineKernel({
  name: "MaskedSoftmax",
  inputs: ["scores", "lengths"],
  outputShapes: ({ scores }) => [scores],
  compute: ({ floats, integers, shape, output, attributes }) => {
    const [groups, queries] = [axisSize(shape("scores"), 0), axisSize(shape("scores"), 1)];
    const keys = axisSize(shape("scores"), 2);
    const [scores, lengths, weights] = [floats("scores"), integers("lengths"), output(0)];
    const { scale, causal, numHeads } = attributes;
    for (let group = 0; group < groups; group++) {
      const length = lengths[Math.floor(group / numHeads)] ?? 0;
      for (let query = 0; query < queries; query++) {
        const start = (group * queries + query) * keys;
        const numVisible = causal ? Math.min(length, query + 1) : length;
        softmaxRow(scores, weights, { start, numVisible, keys, scale });
      }
    }
  },
});

interface SoftmaxRow {
  readonly start: number;
  /** Keys at the front that get a weight. */
  readonly numVisible: number;
  readonly keys: number;
  readonly scale: number;
}

function softmaxRow(scores: Float32Array, weights: Float32Array, row: SoftmaxRow): void {
  const { start, scale } = row;
  const end = start + row.numVisible;
  let largest = -Infinity;
  for (let i = start; i < end; i++) largest = Math.max(largest, scores[i] ?? 0);
  let sum = 0;
  for (let i = start; i < end; i++) {
    const weight = exp(((scores[i] ?? 0) - largest) * scale);
    weights[i] = weight;
    sum += weight;
  }
  const inverse = 1 / sum;
  for (let i = start; i < end; i++) weights[i] = (weights[i] ?? 0) * inverse;
  weights.fill(0, end, start + row.keys);
}

/** Gradient of the scores: scale · w · (dw − Σ w·dw), per row; 0 where the weight is 0 by length or order. */
export const maskedSoftmaxBackward: HostKernel<"weights" | "weightsGradient", SoftmaxAttributes> =
  defineKernel({
    name: "MaskedSoftmaxGradient",
    inputs: ["weights", "weightsGradient"],
    outputShapes: ({ weights }) => [weights],
    compute: ({ floats, shape, output, attributes }) => {
      const [queries, keys] = [axisSize(shape("weights"), 1), axisSize(shape("weights"), 2)];
      const [weights, gradient, result] = [floats("weights"), floats("weightsGradient"), output(0)];
      for (let start = 0, row = 0; start < weights.length; start += keys, row++) {
        const end = start + (attributes.causal ? Math.min(keys, (row % queries) + 1) : keys);
        let sum = 0;
        for (let i = start; i < end; i++) sum += (weights[i] ?? 0) * (gradient[i] ?? 0);
        for (let i = start; i < end; i++) {
          result[i] = attributes.scale * (weights[i] ?? 0) * ((gradient[i] ?? 0) - sum);
        }
        result.fill(0, end, start + keys);
      }
    },
  });

/** Layer norm, rows of tables and sequences, attention and losses. */
import {
  attention,
  selfAttention,
  type Projection,
} from "../../../../src/backend/operations-attention.ts";
import { softmaxCrossEntropy } from "../../../../src/backend/operations-loss.ts";
import * as operations from "../../../../src/backend/operations.ts";
import * as reference from "../reference.ts";
import { at, matrix } from "../reference.ts";
import { pick, scalar, type OperationCase } from "./operation-case.ts";

const layerNormCases = [
  [1, 3],
  [6, 7],
  [9, 16],
].map(([rows = 0, width = 0]): OperationCase => ({
  title: `layer norm of ${rows} rows of ${width}`,
  shapes: [[rows, width], [width], [width]],
  operation: (tensors) => {
    const [input, gain, bias] = [pick(tensors, 0), pick(tensors, 1), pick(tensors, 2)];
    return operations.layerNorm(input, { gain, bias, epsilon: 1e-5 });
  },
  reference: (matrices) => {
    const [input, gain, bias] = [pick(matrices, 0), pick(matrices, 1), pick(matrices, 2)];
    return reference.layerNorm(input, { gain, bias, epsilon: 1e-5 });
  },
}));

const ids = [4, 0, 4, 2, 4];

const rowCases: readonly OperationCase[] = [
  {
    title: "embedding with repeated ids",
    shapes: [[6, 3]],
    operation: (tensors) => operations.embedding(pick(tensors, 0), Int32Array.from(ids)),
    reference: (matrices) =>
      matrix(ids.length, 3, (row, column) => at(pick(matrices, 0), ids[row] ?? 0, column)),
  },
  {
    title: "first of sequence",
    shapes: [[6, 5]],
    operation: (tensors) => operations.firstOfSequence(pick(tensors, 0), 3),
    reference: (matrices) => matrix(2, 5, (row, column) => at(pick(matrices, 0), 3 * row, column)),
  },
  {
    title: "mean of sequence with padding and an empty example",
    shapes: [[12, 5]],
    operation: (tensors) =>
      operations.meanOfSequence(pick(tensors, 0), {
        lengths: Int32Array.of(4, 3, 0),
        sequenceLength: 4,
      }),
    reference: (matrices) =>
      matrix(3, 5, (row, column) => {
        const length = [4, 3, 0][row] ?? 0;
        let sum = 0;
        for (let i = 0; i < length; i++) sum += at(pick(matrices, 0), 4 * row + i, column);
        return sum / Math.max(length, 1);
      }),
  },
];

const selfAttentionSizes = [
  { batchSize: 1, sequenceLength: 1, numHeads: 1, headSize: 1, inputs: 1, lengths: [1] },
  { batchSize: 3, sequenceLength: 7, numHeads: 3, headSize: 5, inputs: 4, lengths: [7, 3, 0] },
  {
    batchSize: 2,
    sequenceLength: 9,
    numHeads: 2,
    headSize: 3,
    inputs: 11,
    lengths: [9, 4],
    causal: true,
  },
];

const selfAttentionCases = selfAttentionSizes.map((sizes): OperationCase => {
  const { batchSize, sequenceLength, numHeads, headSize, inputs, lengths } = sizes;
  const width = numHeads * headSize;
  const weights = [1, 2, 3].map(() => [width, inputs]);
  const biases = [1, 2, 3].map(() => [width]);
  return {
    title: `${"causal" in sizes ? "causal " : ""}self-attention of ${batchSize}×${sequenceLength}, ${numHeads} heads over ${inputs} inputs`,
    shapes: [[batchSize * sequenceLength, inputs], ...weights, ...biases],
    operation: (tensors) => {
      const layer = (place: number): Projection => ({
        weight: pick(tensors, 1 + place),
        bias: pick(tensors, 4 + place),
      });
      const projections = { query: layer(0), key: layer(1), value: layer(2) };
      const options = { ...sizes, lengths: Int32Array.from(lengths), dropout: undefined };
      return selfAttention(pick(tensors, 0), projections, options);
    },
    reference: (matrices) => {
      const projected = (place: number): reference.Matrix =>
        reference.dense(pick(matrices, 0), pick(matrices, 1 + place), pick(matrices, 4 + place));
      return reference.attention([projected(0), projected(1), projected(2)], sizes);
    },
  };
});

const attentionSizes = [
  { batchSize: 1, sequenceLength: 1, numHeads: 1, headSize: 1, lengths: [1] },
  { batchSize: 3, sequenceLength: 7, numHeads: 3, headSize: 5, lengths: [7, 3, 0] },
  { batchSize: 2, sequenceLength: 17, numHeads: 2, headSize: 4, lengths: [17, 11] },
  { batchSize: 1, sequenceLength: 1, numHeads: 1, headSize: 2, lengths: [1], causal: true },
  { batchSize: 3, sequenceLength: 9, numHeads: 2, headSize: 3, lengths: [9, 4, 0], causal: true },
];

const attentionCases = attentionSizes.map((sizes): OperationCase => {
  const shape = [sizes.batchSize * sizes.sequenceLength, sizes.numHeads * sizes.headSize];
  return {
    title: `${"causal" in sizes ? "causal " : ""}attention of ${sizes.batchSize}×${sizes.sequenceLength}, ${sizes.numHeads} heads`,
    shapes: [shape, shape, shape],
    operation: (tensors) => {
      const [query, key, value] = [pick(tensors, 0), pick(tensors, 1), pick(tensors, 2)];
      const lengths = Int32Array.from(sizes.lengths);
      return attention({ query, key, value }, { ...sizes, lengths, dropout: undefined });
    },
    reference: (matrices) =>
      reference.attention([pick(matrices, 0), pick(matrices, 1), pick(matrices, 2)], sizes),
  };
});

const lossCases = [
  { labelSmoothing: 0, divisor: 3, numClasses: 2 },
  { labelSmoothing: 0.1, divisor: 12, numClasses: 5 },
  { labelSmoothing: 0.5, divisor: 1, numClasses: 3 },
].map(({ numClasses, ...options }): OperationCase => {
  const labels = [0, numClasses - 1, 1];
  return {
    title: `cross-entropy of ${numClasses} classes, smoothing ${options.labelSmoothing}`,
    shapes: [[3, numClasses]],
    operation: (tensors) => softmaxCrossEntropy(pick(tensors, 0), Int32Array.from(labels), options),
    reference: (matrices) => scalar(reference.crossEntropy(pick(matrices, 0), labels, options)),
  };
});

export const sequenceCases: readonly OperationCase[] = [
  ...layerNormCases,
  ...rowCases,
  ...attentionCases,
  ...selfAttentionCases,
  ...lossCases,
];

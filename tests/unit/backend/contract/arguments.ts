/** Tensors that an operation cannot compute with: each is refused by name, whatever the backend would make of it. */
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { isExpError } from "../../../../src/core/errors.ts";
import { attention } from "../../../../src/backend/operations-attention.ts";
import * as images from "../../../../src/backend/operations-image.ts";
import { softmaxCrossEntropy } from "../../../../src/backend/operations-loss.ts";
import { project } from "../../../../src/backend/operations-projection.ts";
import * as operations from "../../../../src/backend/operations.ts";
import type { Shape, Tensor } from "../../../../src/backend/tensor.ts";
import { createStreams } from "../../../../src/random/streams.ts";

type Attempt = readonly [message: string, attempt: () => Tensor];

const { dense, layerNorm, firstOfSequence, meanOfSequence } = operations;
const ones = (...shape: number[]): Tensor => tf.ones(shape);
const whole = (...shape: number[]): Tensor => tf.ones(shape, "int32");
const norm = (shape: Shape, gain: number, bias: number): Parameters<typeof layerNorm> => [
  ones(...shape),
  { gain: ones(gain), bias: ones(bias), epsilon: 1e-5 },
];
const convolve = (
  weight: readonly number[],
  rest: { readonly bias?: Tensor; readonly stride?: number; readonly padding?: number } = {},
): Tensor =>
  images.convolution2d(ones(1, 3, 3, 1), {
    weight: ones(...weight),
    stride: 1,
    padding: 0,
    ...rest,
  });
const attend = (
  lengths: readonly number[],
  { key = ones(4, 6), numHeads = 2, sequenceLength = 2 } = {},
): Tensor =>
  attention(
    { query: ones(4, 6), key, value: ones(4, 6) },
    { numHeads, sequenceLength, lengths: Int32Array.from(lengths), dropout: undefined },
  );
const drop = (shape: Shape, rest: { rate?: number; numExamples?: number }): Tensor => {
  const stream = createStreams(1).stream("dropout/arguments");
  const site = { rate: 0.5, stream, step: 1, position: 0, numExamples: 1, ...rest };
  return operations.dropout(ones(...shape), site);
};

const integers: readonly Attempt[] = [
  ["dense: input is int32", () => dense(whole(2, 3), { weight: ones(2, 3) })],
  ["dense: weight is int32", () => dense(ones(2, 3), { weight: whole(2, 3) })],
  ["dense: input is bool", () => dense(tf.ones([2, 3], "bool"), { weight: ones(2, 3) })],
  ["relu: input is int32", () => operations.relu(whole(2))],
  ["gelu: input is int32", () => operations.gelu(whole(2))],
  ["tanh: input is bool", () => operations.tanh(tf.ones([2], "bool"))],
  ["sum: input is int32", () => operations.sum(whole(2))],
  ["add: left is int32", () => operations.add(whole(2), ones(2))],
  ["add: right is int32", () => operations.add(ones(2), whole(2))],
  ["embedding: table is int32", () => operations.embedding(whole(2, 2), Int32Array.of(0))],
  ["project: input is int32", () => project(whole(2, 3), ones(2, 3))],
  [
    "batchNorm: input is int32",
    () => images.batchNorm(whole(2, 3), { gain: ones(3), bias: ones(3), epsilon: 1 }),
  ],
  [
    "maxPool2d: input is int32",
    () => images.maxPool2d(whole(1, 4, 4, 1), { size: 2, stride: 2, padding: 0 }),
  ],
];

const multiplied: readonly Attempt[] = [
  ["tf.matMul or tf.dot: a is int32", () => tf.matMul(whole(2, 2), whole(2, 2))],
  [
    "tf.matMul or tf.dot: a is bool",
    () => tf.matMul(tf.ones([2, 2], "bool"), tf.ones([2, 2], "bool")),
  ],
  ["tf.matMul or tf.dot: a is int32", () => tf.dot(whole(3), whole(3))],
];

const shapes: readonly Attempt[] = [
  [
    "dense: weight has the shape [4, 5]; expected [out, 3]",
    () => dense(ones(2, 3), { weight: ones(4, 5) }),
  ],
  [
    "dense: bias has the shape [5]; expected [2]",
    () => dense(ones(2, 3), { weight: ones(2, 3), bias: ones(5) }),
  ],
  [
    "dense: input has the shape [2, 2, 3]; expected [rows, in]",
    () => dense(ones(2, 2, 3), { weight: ones(2, 3) }),
  ],
  [
    "project: weight has the shape [3, 2]; expected [out, 3]",
    () => project(ones(2, 3), ones(3, 2)),
  ],
  ["layerNorm: gain has the shape [2]; expected [3]", () => layerNorm(...norm([2, 3], 2, 3))],
  ["layerNorm: bias has the shape [2]; expected [3]", () => layerNorm(...norm([2, 3], 3, 2))],
  [
    "layerNorm: input has the shape [2, 2, 3]; expected [rows, width]",
    () => layerNorm(...norm([2, 2, 3], 3, 3)),
  ],
  ["batchNorm: gain has the shape [2]", () => images.batchNorm(...norm([2, 3], 2, 3))],
  [
    "fixedNorm: variance has the shape [1]; expected [3]",
    () =>
      images.fixedNorm(ones(2, 3), {
        ...norm([2, 3], 3, 3)[1],
        mean: ones(3),
        variance: ones(1),
      }),
  ],
  [
    "tf.matMul: a is [3, 4] and b is [5, 6]; expected as many rows of b as a has columns, 4",
    () => tf.matMul(ones(3, 4), ones(5, 6)),
  ],
  [
    "tf.matMul: a is [2, 5, 3] transposed and b is [4, 6] transposed; expected as many rows of b as a has columns, 5",
    () => tf.matMul(ones(2, 5, 3), ones(4, 6), true, true),
  ],
  ["tf.matMul: a is [3, 0] and b is [5, 6]", () => tf.matMul(ones(3, 0), ones(5, 6))],
  ["add: right has the shape [3]; expected [2]", () => operations.add(ones(2), ones(3))],
  [
    "reshape: input has the shape [2, 3]; expected as many values as in [100]",
    () => operations.reshape(ones(2, 3), [100]),
  ],
  [
    "firstOfSequence: rows of input is 5; expected a multiple of 2",
    () => firstOfSequence(ones(5, 3), 2),
  ],
  ["firstOfSequence: sequenceLength is 0", () => firstOfSequence(ones(4, 3), 0)],
  [
    "meanOfSequence: input has the shape [5, 3]; expected [4, width]",
    () => meanOfSequence(ones(5, 3), { lengths: Int32Array.of(1, 1), sequenceLength: 2 }),
  ],
  [
    "meanOfSequence: lengths[1] is 3; expected 0 to 2",
    () => meanOfSequence(ones(4, 3), { lengths: Int32Array.of(1, 3), sequenceLength: 2 }),
  ],
  [
    "attention: width of query is 6; expected a multiple of 4",
    () => attend([2, 2], { numHeads: 4 }),
  ],
  ["attention: rows of query is 4", () => attend([2], { sequenceLength: 3 })],
  [
    "attention: key has the shape [2, 6]; expected [4, 6]",
    () => attend([2, 2], { key: ones(2, 6) }),
  ],
  ["attention: lengths has 1 entries; expected 2", () => attend([2])],
  ["attention: lengths[0] is 9; expected 0 to 2", () => attend([9, 2])],
  ["attention: lengths[1] is -1; expected 0 to 2", () => attend([2, -1])],
  ["dropout: numExamples is 0", () => drop([4], { numExamples: 0 })],
  ["dropout: the first size of input is 4", () => drop([4], { numExamples: 3 })],
  ["dropout: rate is 1; expected 0 to below 1", () => drop([4], { rate: 1 })],
  [
    "softmaxCrossEntropy: logits has the shape [2, 3]; expected [1, classes]",
    () => softmaxCrossEntropy(ones(2, 3), Int32Array.of(0), { labelSmoothing: 0, divisor: 1 }),
  ],
];

const windows: readonly Attempt[] = [
  ["convolution2d: weight has the shape [1, 3, 3]", () => convolve([1, 3, 3])],
  [
    "convolution2d: input has the shape [1, 3, 3, 1]; expected [batch, height, width, 2]",
    () => convolve([1, 2, 2, 2]),
  ],
  [
    "convolution2d: bias has the shape [1]; expected [2]",
    () => convolve([2, 1, 2, 2], { bias: ones(1) }),
  ],
  ["convolution2d: stride is 0; expected a whole", () => convolve([1, 1, 2, 2], { stride: 0 })],
  ["convolution2d: stride is 1.5", () => convolve([1, 1, 2, 2], { stride: 1.5 })],
  ["convolution2d: padding is -1", () => convolve([1, 1, 2, 2], { padding: -1 })],
  ["convolution2d: the height of a window is 0", () => convolve([1, 1, 0, 2])],
  [
    "averagePool2d: input has the shape [4, 4, 1]",
    () => images.averagePool2d(ones(4, 4, 1), { size: 2, stride: 2, padding: 0 }),
  ],
  [
    "maxPool2d: stride is 0",
    () => images.maxPool2d(ones(1, 4, 4, 1), { size: 2, stride: 0, padding: 0 }),
  ],
  ["swapAxes: input has the shape [2, 2]", () => images.swapAxes(ones(2, 2))],
];

/** Whatever reaches a kernel is read by address: what does not fit must not get there. */
export function describeArguments(): void {
  describe.each(Object.entries({ integers, multiplied, shapes, windows }))(
    "%s",
    (_name, attempts) => {
      test.each(attempts)("%s", (message, attempt) => {
        let found: unknown;
        tf.tidy(() => {
          try {
            attempt();
          } catch (error) {
            found = error;
          }
        });
        expect(isExpError(found)).toBe(true);
        expect(String(found)).toContain(message);
      });
    },
  );
}

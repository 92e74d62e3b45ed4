/** Sums, extremes, running sums and what is made of them. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../../../../src/backend/tensor.ts";
import * as reference from "../reference-tensorflow.ts";
import { element, nd, reduced, unary, type Nd } from "../reference-tensorflow.ts";
import { pick } from "./operation-case.ts";
import type { TensorFlowCase } from "./tensorflow-case.ts";

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const reductions: readonly (readonly [
  name: string,
  operation: (input: Tensor, axes: number[]) => Tensor,
  fold: (values: readonly number[]) => number,
])[] = [
  ["sum", (input, axes) => tf.sum(input, axes), total],
  ["mean", (input, axes) => tf.mean(input, axes), (values) => total(values) / values.length],
  ["max", (input, axes) => tf.max(input, axes), (values) => Math.max(...values)],
  ["min", (input, axes) => tf.min(input, axes), (values) => Math.min(...values)],
];

const foldedCases = reductions.flatMap(([name, operation, fold]) =>
  [[0], [1], [2], [0, 2], [0, 1, 2]].map((axes): TensorFlowCase => ({
    title: `${name} over the axes ${axes.join()}`,
    shapes: [[5, 3, 9]],
    operation: (inputs) => operation(pick(inputs, 0), axes),
    reference: (inputs) => reduced(pick(inputs, 0), axes, fold),
  })),
);

/** Over the last axis, which stays. */
function moments(input: Nd, map: (values: readonly number[]) => number): Nd {
  return reduced(input, [input.shape.length - 1], map);
}

const otherCases: readonly TensorFlowCase[] = [
  ...[false, true].flatMap((exclusive) =>
    [false, true].map((reverse): TensorFlowCase => ({
      title: `cumsum${exclusive ? ", exclusive" : ""}${reverse ? ", from the end" : ""}`,
      shapes: [[3, 5, 2]],
      operation: (inputs) => tf.cumsum(pick(inputs, 0), 1, exclusive, reverse),
      reference: (inputs) =>
        nd([3, 5, 2], ([x = 0, y = 0, z = 0]) => {
          let sum = 0;
          for (let at = 0; at < 5; at++) {
            const isBefore = reverse ? at > y : at < y;
            if (isBefore || (at === y && !exclusive)) sum += element(pick(inputs, 0), [x, at, z]);
          }
          return sum;
        }),
    })),
  ),
  {
    title: "cumsum along an axis from the back",
    shapes: [[3, 4]],
    operation: (inputs) => tf.cumsum(pick(inputs, 0), -1),
    reference: (inputs) =>
      nd([3, 4], ([x = 0, z = 0]) =>
        total(Array.from({ length: z + 1 }, (_, at) => element(pick(inputs, 0), [x, at]))),
      ),
  },
  {
    title: "logSumExp",
    shapes: [[4, 7]],
    operation: (inputs) => tf.logSumExp(pick(inputs, 0), 1),
    reference: (inputs) => unary(moments(unary(pick(inputs, 0), Math.exp), total), Math.log),
  },
  {
    title: "norm",
    shapes: [[4, 7]],
    operation: (inputs) => tf.norm(pick(inputs, 0), "euclidean", 1),
    reference: (inputs) => moments(pick(inputs, 0), (values) => Math.hypot(...values)),
  },
  {
    title: "softmax over the last axis",
    shapes: [[2, 3, 11]],
    operation: (inputs) => tf.softmax(pick(inputs, 0)),
    reference: (inputs) => reference.softmaxLast(pick(inputs, 0)),
  },
  {
    title: "logSoftmax over the last axis",
    shapes: [[5, 7]],
    operation: (inputs) => tf.logSoftmax(pick(inputs, 0)),
    reference: (inputs) => unary(reference.softmaxLast(pick(inputs, 0)), Math.log),
  },
  {
    title: "layer norm of moments",
    shapes: [[4, 6], [6], [6]],
    operation: (inputs) => {
      const [x, gain, bias] = [pick(inputs, 0), pick(inputs, 1), pick(inputs, 2)];
      const { mean, variance } = tf.moments(x, -1, true);
      const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3)));
      return tf.add(tf.mul(normal, gain), bias);
    },
    reference: (inputs) => {
      const [x, gain, bias] = [pick(inputs, 0), pick(inputs, 1), pick(inputs, 2)];
      const means = moments(x, (values) => total(values) / 6);
      return nd([4, 6], (place) => {
        const [row = 0] = place;
        const own = Array.from({ length: 6 }, (_, at) => element(x, [row, at]));
        const mean = means.values[row] ?? NaN;
        const variance = total(own.map((value) => (value - mean) ** 2)) / 6;
        const normal = (element(x, place) - mean) / Math.sqrt(variance + 1e-3);
        return normal * element(gain, place) + element(bias, place);
      });
    },
  },
];

export const reductionCases: readonly TensorFlowCase[] = [...foldedCases, ...otherCases];

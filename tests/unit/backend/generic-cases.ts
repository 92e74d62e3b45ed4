/** The operations of `tf.*` that users' own models call, over odd shapes, with their references. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../../../src/backend/tensor.ts";
import * as reference from "./reference-generic.ts";
import { element, nd, reduced, unary, type Nd } from "./reference-generic.ts";

export interface GenericCase {
  readonly title: string;
  readonly shapes: readonly (readonly number[])[];
  /** Makes samples that the operation is defined for. */
  readonly domain?: (value: number) => number;
  readonly operation: (inputs: readonly Tensor[]) => Tensor;
  readonly reference: (inputs: readonly Nd[]) => Nd;
}

function pick<Input>(inputs: readonly Input[], index: number): Input {
  const input = inputs[index];
  if (input === undefined) throw new Error(`the case has no input ${index}`);
  return input;
}

const binaryOperations: readonly (readonly [
  name: string,
  operation: (a: Tensor, b: Tensor) => Tensor,
  compute: (a: number, b: number) => number,
])[] = [
  ["add", tf.add, (a, b) => a + b],
  ["sub", tf.sub, (a, b) => a - b],
  ["mul", tf.mul, (a, b) => a * b],
  ["div", tf.div, (a, b) => a / b],
  ["maximum", tf.maximum, Math.max],
  ["minimum", tf.minimum, Math.min],
  ["squaredDifference", tf.squaredDifference, (a, b) => (a - b) ** 2],
  ["greater", (a, b) => tf.cast(tf.greater(a, b), "float32"), (a, b) => Number(a > b)],
  ["equal", (a, b) => tf.cast(tf.equal(a, b), "float32"), (a, b) => Number(a === b)],
];

const pairs: readonly (readonly [left: readonly number[], right: readonly number[]])[] = [
  [[7], [7]],
  [[3, 5], [5]],
  [
    [3, 1],
    [1, 5],
  ],
  [
    [2, 3, 7],
    [3, 1],
  ],
  [[], [4, 3]],
  [[0, 3], [3]],
];

const away = (value: number): number => value + Math.sign(value || 1) * 0.5; // from 0, for quotients

const binaryCases = binaryOperations.flatMap(([name, operation, compute]) =>
  pairs.map(([left, right]): GenericCase => ({
    title: `${name} of [${left.join()}] and [${right.join()}]`,
    shapes: [left, right],
    domain: away,
    operation: (inputs) => operation(pick(inputs, 0), pick(inputs, 1)),
    reference: (inputs) => reference.binary(pick(inputs, 0), pick(inputs, 1), compute),
  })),
);

const unaryOperations: readonly (readonly [
  name: string,
  operation: (input: Tensor) => Tensor,
  compute: (value: number) => number,
])[] = [
  ["exp", tf.exp, Math.exp],
  ["log", tf.log, Math.log],
  ["sqrt", tf.sqrt, Math.sqrt],
  ["rsqrt", tf.rsqrt, (x) => 1 / Math.sqrt(x)],
  ["square", tf.square, (x) => x * x],
  ["neg", tf.neg, (x) => -x],
  ["abs", (input) => tf.abs(tf.neg(input)), Math.abs],
  ["tanh", tf.tanh, Math.tanh],
  ["sigmoid", tf.sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  ["relu", (input) => tf.relu(tf.sub(input, 1)), (x) => Math.max(x - 1, 0)],
];

const unaryCases = unaryOperations.flatMap(([name, operation, compute]) =>
  [[1], [5, 13], [0, 4]].map((shape): GenericCase => ({
    title: `${name} of [${shape.join()}]`,
    shapes: [shape],
    domain: (value) => Math.abs(value) + 0.1,
    operation: (inputs) => operation(pick(inputs, 0)),
    reference: (inputs) => unary(pick(inputs, 0), compute),
  })),
);

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

const reductionCases = reductions.flatMap(([name, operation, fold]) =>
  [[0], [1], [2], [0, 2], [0, 1, 2]].map((axes): GenericCase => ({
    title: `${name} over the axes ${axes.join()}`,
    shapes: [[5, 3, 9]],
    operation: (inputs) => operation(pick(inputs, 0), axes),
    reference: (inputs) => reduced(pick(inputs, 0), axes, fold),
  })),
);

const permutations = [
  [1, 0, 2],
  [2, 1, 0],
  [0, 2, 1],
  [2, 0, 1],
];
const transposeCases = permutations.map((axes): GenericCase => ({
  title: `transpose to the axes ${axes.join()}`,
  shapes: [[3, 4, 5]],
  operation: (inputs) => tf.transpose(pick(inputs, 0), axes),
  reference: (inputs) => reference.transposedTo(pick(inputs, 0), axes),
}));

const chosen = [4, 0, 4, 2];

/** Rows, parts and shapes. */
const layoutCases: readonly GenericCase[] = [
  {
    title: "reshape",
    shapes: [[6, 4]],
    operation: (inputs) => tf.reshape(pick(inputs, 0), [3, 8]),
    reference: (inputs) => ({ shape: [3, 8], values: pick(inputs, 0).values }),
  },
  {
    title: "slice",
    shapes: [[5, 7, 3]],
    operation: (inputs) => tf.slice(pick(inputs, 0), [1, 2, 0], [3, 4, 2]),
    reference: (inputs) =>
      nd([3, 4, 2], ([x = 0, y = 0, z = 0]) => element(pick(inputs, 0), [x + 1, y + 2, z])),
  },
  ...[0, 1].map((axis): GenericCase => ({
    title: `concat along the axis ${axis}`,
    shapes: [[3, 4], axis === 0 ? [2, 4] : [3, 5]],
    operation: (inputs) => tf.concat([...inputs], axis),
    reference: ([left, right]) => {
      if (!left || !right) throw new Error("concat takes two");
      const end = left.shape[axis] ?? NaN;
      const shape = left.shape.map(
        (length, i) => length + (i === axis ? (right.shape[i] ?? NaN) : 0),
      );
      return nd(shape, (place) =>
        (place[axis] ?? NaN) < end
          ? element(left, place)
          : element(
              right,
              place.map((at, i) => (i === axis ? at - end : at)),
            ),
      );
    },
  })),
  {
    title: "gather of rows, one of them twice",
    shapes: [[5, 3]],
    operation: (inputs) => tf.gather(pick(inputs, 0), tf.tensor1d(chosen, "int32")),
    reference: (inputs) =>
      nd([4, 3], ([row = 0, column = 0]) => element(pick(inputs, 0), [chosen[row] ?? NaN, column])),
  },
  {
    title: "where",
    shapes: [
      [4, 5],
      [4, 5],
    ],
    operation: (inputs) => {
      const [a, b] = [pick(inputs, 0), pick(inputs, 1)];
      return tf.where(tf.greater(a, b), a, tf.neg(b));
    },
    reference: (inputs) =>
      reference.binary(pick(inputs, 0), pick(inputs, 1), (a, b) => (a > b ? a : -b)),
  },
  {
    title: "cast to whole numbers and back, towards 0",
    shapes: [[3, 9]],
    domain: (value) => value * 10,
    operation: (inputs) => tf.cast(tf.cast(pick(inputs, 0), "int32"), "float32"),
    reference: (inputs) => unary(pick(inputs, 0), Math.trunc),
  },
  {
    title: "softmax over the last axis",
    shapes: [[2, 3, 11]],
    operation: (inputs) => tf.softmax(pick(inputs, 0)),
    reference: (inputs) => reference.softmaxLast(pick(inputs, 0)),
  },
  {
    title: "two-dimensional convolution",
    shapes: [
      [2, 5, 6, 3],
      [3, 2, 3, 4],
    ],
    operation: (inputs) =>
      tf.conv2d(pick(inputs, 0) as tf.Tensor4D, pick(inputs, 1) as tf.Tensor4D, 1, "valid"),
    reference: (inputs) => reference.convolved(pick(inputs, 0), pick(inputs, 1)),
  },
  {
    title: "max pooling, negative values too",
    shapes: [[2, 4, 6, 3]],
    domain: (value) => -Math.abs(value),
    operation: (inputs) => tf.maxPool(pick(inputs, 0) as tf.Tensor4D, 2, 2, "valid"),
    reference: (inputs) =>
      nd([2, 2, 3, 3], ([n = 0, y = 0, x = 0, c = 0]) => {
        const window = nd([2, 2], ([dy = 0, dx = 0]) =>
          element(pick(inputs, 0), [n, 2 * y + dy, 2 * x + dx, c]),
        );
        return Math.max(...window.values);
      }),
  },
];

export const genericCases: readonly GenericCase[] = [
  ...binaryCases,
  ...unaryCases,
  ...reductionCases,
  ...transposeCases,
  ...layoutCases,
];

/** Gradients of gradients, as a gradient penalty takes them: right, or refused by the name of the operation. */
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { valuesOf } from "../../../../src/backend/gradients.ts";
import * as operations from "../../../../src/backend/operations.ts";
import type { Tensor } from "../../../../src/backend/tensor.ts";
import { createStreams } from "../../../../src/random/streams.ts";
import { expectClose, gradientsOf } from "../compare.ts";
import type { ContractBackend } from "./backend.ts";

const point = [0.3, -0.4, 0.7, 1.1];
const factors = [0.5, -1.5, 2, 0.25];

/** What is differentiated twice: the sum of an operation's values, each times its factor. */
interface NestedCase {
  readonly title: string;
  readonly operation: (x: Tensor) => Tensor;
  readonly reference: (x: readonly number[]) => readonly number[];
}

const exponentials = (x: readonly number[]): readonly number[] => {
  const all = x.map((one) => Math.exp(one));
  const sum = all.reduce((a, b) => a + b, 0);
  return all.map((one) => one / sum);
};

const each =
  (compute: (x: number) => number) =>
  (x: readonly number[]): readonly number[] =>
    x.map(compute);

const mixed = [
  [1, 2, 0, 1],
  [0, 1, -1, 0.5],
  [2, 0, 1, -1],
  [0, 0.5, 1, 1],
];
const mix = (x: readonly number[]): readonly number[] =>
  mixed.map((row) => row.reduce((sum, weight, index) => sum + weight * (x[index] ?? 0), 0));

const cases: readonly NestedCase[] = [
  { title: "tanh", operation: tf.tanh, reference: each(Math.tanh) },
  { title: "sigmoid", operation: tf.sigmoid, reference: each((x) => 1 / (1 + Math.exp(-x))) },
  { title: "exp", operation: tf.exp, reference: each(Math.exp) },
  {
    title: "sqrt",
    operation: (x) => tf.sqrt(tf.add(1, x)),
    reference: each((x) => Math.sqrt(1 + x)),
  },
  { title: "elu", operation: tf.elu, reference: each((x) => (x > 0 ? x : Math.expm1(x))) },
  { title: "softmax", operation: (x) => tf.softmax(x), reference: exponentials },
  {
    title: "logSoftmax",
    operation: (x) => tf.logSoftmax(x),
    reference: (x) => exponentials(x).map(Math.log),
  },
  {
    title: "tanh of a product of matrices",
    operation: (x) => {
      const product: Tensor = tf.matMul(tf.tensor2d(mixed), tf.reshape(x, [4, 1]));
      return tf.reshape(tf.tanh(product), [4]);
    },
    reference: (x) => mix(x).map(Math.tanh),
  },
  {
    title: "batchNorm without scale and offset",
    operation: (x) =>
      tf.batchNorm(tf.square(x), tf.scalar(0.1), tf.scalar(2), undefined, undefined, 0.5),
    reference: each((x) => (x * x - 0.1) / Math.sqrt(2.5)),
  },
  {
    title: "a dense layer without an activation",
    operation: (x) => {
      const input = tf.reshape(tf.square(x), [1, 4]);
      return tf.reshape(operations.dense(input, { weight: tf.tensor2d(mixed) }), [4]);
    },
    reference: (x) => mix(x.map((one) => one * one)),
  },
];

/** The gradient of the sum of the gradient. */
function nested(operation: (x: Tensor) => Tensor): readonly number[] {
  const inner = (x: Tensor): Tensor => tf.sum(tf.mul(operation(x), tf.tensor1d(factors)));
  const [gradient] = gradientsOf([{ values: point, shape: [4] }], ([x = tf.zeros([4])]) =>
    tf.sum(tf.grad((y: Tensor) => inner(y))(x)),
  );
  return Array.from(gradient ?? []);
}

/** By second differences in float64, whose error is of the order of the step squared. */
function reference(compute: NestedCase["reference"]): readonly number[] {
  const value = (x: readonly number[]): number =>
    compute(x).reduce((sum, one, index) => sum + one * (factors[index] ?? 0), 0);
  const step = 1e-3;
  const moved = (moves: readonly (readonly [index: number, by: number])[]): number =>
    value(
      point.map(
        (one, index) =>
          one + step * moves.reduce((sum, [i, by]) => sum + (i === index ? by : 0), 0),
      ),
    );
  return point.map((_, i) => {
    const terms = point.map((_one, j) => {
      const [plus, minus] = [
        moved([
          [i, 1],
          [j, 1],
        ]),
        moved([
          [i, -1],
          [j, -1],
        ]),
      ];
      return (
        plus +
        minus -
        moved([
          [i, 1],
          [j, -1],
        ]) -
        moved([
          [i, -1],
          [j, 1],
        ])
      );
    });
    return terms.reduce((a, b) => a + b, 0) / (4 * step * step);
  });
}

const refusals: readonly (readonly [string, string, (x: Tensor) => Tensor])[] = [
  ["gelu", "gelu", (x) => operations.gelu(x)],
  [
    "a dense layer with GELU",
    "dense",
    (x) => {
      const layer = { weight: tf.tensor2d(mixed), activation: "gelu" } as const;
      return tf.reshape(operations.dense(tf.reshape(x, [1, 4]), layer), [4]);
    },
  ],
  [
    "a maximum over windows",
    "maxPool",
    (x) => tf.reshape(tf.maxPool(tf.reshape<tf.Rank.R4>(x, [1, 2, 2, 1]), 1, 1, "same"), [4]),
  ],
];

/** Over all that keeps its result for the backward pass, and what cannot be differentiated twice. */
export function describeNestedGradients({ tolerance }: ContractBackend): void {
  describe("gradients of gradients", () => {
    test.each(cases)("$title", ({ operation, reference: compute }) => {
      expectClose(nested(operation), reference(compute), 10 * tolerance + 1e-5);
    });

    test("through dropout, whose mask is a constant", () => {
      const stream = createStreams(11).stream("dropout/test");
      const site = { rate: 0.5, stream, step: 3, position: 0, numExamples: 4 };
      const mask = valuesOf(() => operations.dropoutMask([4], site));
      const twice = nested((x) => operations.dropout(tf.square(x), site));
      expectClose(
        twice,
        factors.map((factor, index) => 2 * factor * (mask[index] ?? NaN)),
      );
    });

    test.each(refusals)("%s is refused by name", (_title, named, operation) => {
      expect(() => nested(operation)).toThrow(
        `The gradient of a gradient through ${named} is not there.`,
      );
    });
  });
}

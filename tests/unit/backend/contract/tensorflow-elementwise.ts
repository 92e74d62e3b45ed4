/** Functions of each element, and of two elements at the same place. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../../../../src/backend/tensor.ts";
import * as reference from "../reference-tensorflow.ts";
import { unary } from "../reference-tensorflow.ts";
import { gelu } from "../reference.ts";
import { pick } from "./operation-case.ts";
import type { TensorFlowCase } from "./tensorflow-case.ts";

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
  ["pow", (a, b) => tf.pow(tf.abs(a), b), (a, b) => Math.abs(a) ** b],
  ["atan2", tf.atan2, Math.atan2],
  [
    "addN",
    (a, b) => tf.addN([a, tf.add(a, b)].map((one) => tf.add(one, tf.mul(0, b)))),
    (a, b) => 2 * a + b,
  ],
  [
    "where",
    (a, b) => tf.where(tf.greater(a, b), tf.mul(a, 2), tf.neg(b)),
    (a, b) => (a > b ? 2 * a : -b),
  ],
  ["mod", tf.mod, (a, b) => a - b * Math.floor(a / b)],
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
  pairs.map(([left, right]): TensorFlowCase => ({
    title: `${name} of [${left.join()}] and [${right.join()}]`,
    shapes: [left, right],
    domain: away,
    operation: (inputs) => operation(pick(inputs, 0), pick(inputs, 1)),
    reference: (inputs) => reference.binary(pick(inputs, 0), pick(inputs, 1), compute),
  })),
);

/** As GPT-2 has it, with rounded constants. */
function tanhGelu(x: Tensor): Tensor {
  const inner = tf.mul(0.8, tf.add(x, tf.mul(0.0447, tf.pow(x, 3))));
  return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
}

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
  ["clone", tf.clone, (x) => x],
  ["sin", tf.sin, Math.sin],
  ["cos", tf.cos, Math.cos],
  ["tan", (input) => tf.tan(tf.mul(input, 0.3)), (x) => Math.tan(0.3 * x)],
  ["sinh", tf.sinh, Math.sinh],
  ["cosh", tf.cosh, Math.cosh],
  ["asin", (input) => tf.asin(tf.mul(input, 0.2)), (x) => Math.asin(0.2 * x)],
  ["acos", (input) => tf.acos(tf.mul(input, 0.2)), (x) => Math.acos(0.2 * x)],
  ["atan", tf.atan, Math.atan],
  ["asinh", tf.asinh, Math.asinh],
  ["acosh", (input) => tf.acosh(tf.add(input, 1.5)), (x) => Math.acosh(x + 1.5)],
  ["atanh", (input) => tf.atanh(tf.mul(input, 0.2)), (x) => Math.atanh(0.2 * x)],
  ["expm1", tf.expm1, Math.expm1],
  ["log1p", tf.log1p, Math.log1p],
  ["reciprocal", tf.reciprocal, (x) => 1 / x],
  ["softplus", tf.softplus, (x) => Math.log(1 + Math.exp(x))],
  [
    "clipByValue",
    (input) => tf.clipByValue(input, 0.4, 1.2),
    (x) => Math.min(Math.max(x, 0.4), 1.2),
  ],
  ["floor, as a step", (input) => tf.add(tf.floor(input), input), (x) => Math.floor(x) + x],
  [
    "leakyRelu",
    (input) => tf.leakyRelu(tf.sub(input, 1), 0.1),
    (x) => (x > 1 ? x - 1 : 0.1 * (x - 1)),
  ],
  [
    "relu6",
    (input) => tf.relu6(tf.mul(tf.sub(input, 1), 9)),
    (x) => Math.min(Math.max(9 * (x - 1), 0), 6),
  ],
  ["elu", (input) => tf.elu(tf.sub(input, 1)), (x) => (x > 1 ? x - 1 : Math.exp(x - 1) - 1)],
  [
    "selu",
    (input) => tf.selu(tf.sub(input, 1)),
    (x) => 1.0507009873554805 * (x > 1 ? x - 1 : 1.6732632423543772 * (Math.exp(x - 1) - 1)),
  ],
  [
    "prelu",
    (input) => tf.prelu(tf.sub(input, 1), tf.mul(input, 0.5)),
    (x) => (x > 1 ? x - 1 : 0.5 * x * (x - 1)),
  ],
  [
    "gelu of erf",
    (input) => tf.mul(tf.mul(input, 0.5), tf.add(1, tf.erf(tf.mul(input, Math.SQRT1_2)))),
    gelu,
  ],
  ["gelu of tanh", tanhGelu, (x) => 0.5 * x * (1 + Math.tanh(0.8 * (x + 0.0447 * x ** 3)))],
  ["sigmoid", tf.sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  ["relu", (input) => tf.relu(tf.sub(input, 1)), (x) => Math.max(x - 1, 0)],
];

const unaryCases = unaryOperations.flatMap(([name, operation, compute]) =>
  [[1], [5, 13], [0, 4]].map((shape): TensorFlowCase => ({
    title: `${name} of [${shape.join()}]`,
    shapes: [shape],
    domain: (value) => Math.abs(value) + 0.1,
    operation: (inputs) => operation(pick(inputs, 0)),
    reference: (inputs) => unary(pick(inputs, 0), compute),
  })),
);

/** With every pair of shapes, and over empty tensors. */
export const elementwiseCases: readonly TensorFlowCase[] = [...binaryCases, ...unaryCases];

/** Products over axes, running products, formulas, and batch norm with given statistics. */
import * as tf from "@tensorflow/tfjs-core";
import { element, nd, reduced, type Nd } from "../reference-tensorflow.ts";
import { pick } from "./operation-case.ts";
import type { TensorFlowCase } from "./tensorflow-case.ts";

const times = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);
/** Some samples are 0, so that a product cannot be divided by them. */
const withZeros = (value: number): number => (Math.abs(value) < 0.3 ? 0 : value);

const prodCases = [[0], [1], [0, 2], [0, 1, 2]].map((axes): TensorFlowCase => ({
  title: `prod over the axes ${axes.join()}, of some zeros`,
  shapes: [[3, 4, 2]],
  domain: withZeros,
  operation: (inputs) => tf.prod(pick(inputs, 0), axes),
  reference: (inputs) => reduced(pick(inputs, 0), axes, times),
}));

const cumprodCases = [false, true].flatMap((exclusive) =>
  [false, true].map((reverse): TensorFlowCase => ({
    title: `cumprod${exclusive ? ", exclusive" : ""}${reverse ? ", from the end" : ""}, of some zeros`,
    shapes: [[3, 5, 2]],
    domain: withZeros,
    operation: (inputs) => tf.cumprod(pick(inputs, 0), 1, exclusive, reverse),
    reference: (inputs) =>
      nd([3, 5, 2], ([x = 0, y = 0, z = 0]) => {
        const places = [0, 1, 2, 3, 4].filter((at) => (reverse ? at > y : at < y));
        const own = exclusive ? places : [...places, y];
        return times(own.map((at) => element(pick(inputs, 0), [x, at, z])));
      }),
  })),
);

/** Sizes by letter. */
const letters: Readonly<Record<string, number>> = { b: 2, i: 3, j: 4, k: 5 };
const sizesOf = (names: string): number[] =>
  Array.from(names).map((letter) => letters[letter] ?? NaN);

const einsumCases = [
  "ij,jk->ik",
  "bij,bjk->bik",
  "bij,kj->bki",
  "i,j->ij",
  "ij,ij->",
  "ij,jk->i",
  "ij,k->i",
  "ij, kj -> k",
  "ij->ji",
  "bij->i",
].map((equation): TensorFlowCase => {
  const [left = "", result = ""] = equation.replaceAll(" ", "").split("->");
  const names = left.split(",");
  const summed = [...new Set(left.replace(",", ""))].filter((one) => !result.includes(one));
  return {
    title: `einsum ${equation}`,
    shapes: names.map(sizesOf),
    operation: (inputs) => tf.einsum(equation, ...inputs),
    reference: (inputs) =>
      nd(sizesOf(result), (outer) => {
        const terms = nd(sizesOf(summed.join("")), (inner) => {
          const at = (letter: string): number =>
            (result.includes(letter)
              ? outer[result.indexOf(letter)]
              : inner[summed.indexOf(letter)]) ?? NaN;
          return times(
            inputs.map((input, own) => element(input, Array.from(names[own] ?? "").map(at))),
          );
        });
        return terms.values.reduce((a, b) => a + b, 0);
      }),
  };
});

const epsilon = 1e-2;

function normalised([x, mean, variance, scale, offset]: readonly (Nd | undefined)[]): Nd {
  if (!x || !mean || !variance) throw new Error("batch norm takes three inputs at least");
  return nd(x.shape, (place) => {
    const channel = place.slice(-1);
    const deviation = element(x, place) - element(mean, channel);
    const normal = deviation / Math.sqrt(element(variance, channel) + epsilon);
    return normal * (scale ? element(scale, channel) : 1) + (offset ? element(offset, channel) : 0);
  });
}

const positive = (value: number): number => Math.abs(value) + 0.2;

const normCases: readonly TensorFlowCase[] = [
  {
    title: "batchNorm with scale and offset",
    shapes: [[2, 3, 2, 4], [4], [4], [4], [4]],
    domain: positive,
    operation: (inputs) => {
      const [x, mean, variance] = [pick(inputs, 0), pick(inputs, 1), pick(inputs, 2)];
      const [scale, offset] = [pick(inputs, 3), pick(inputs, 4)];
      return tf.batchNorm(x, mean, variance, offset, scale, epsilon);
    },
    reference: (inputs) => normalised(inputs),
  },
  {
    title: "batchNorm without scale and offset, of rows",
    shapes: [[5, 3], [3], [3]],
    domain: positive,
    operation: (inputs) => {
      const [x, mean, variance] = [pick(inputs, 0), pick(inputs, 1), pick(inputs, 2)];
      return tf.batchNorm(x, mean, variance, undefined, undefined, epsilon);
    },
    reference: (inputs) => normalised(inputs),
  },
];

/** Products of many factors. */
export const productCases: readonly TensorFlowCase[] = [
  ...prodCases,
  ...cumprodCases,
  ...einsumCases,
  ...normCases,
];

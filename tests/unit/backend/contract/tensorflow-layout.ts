/** What moves elements: shapes, parts, rows, choices. */
import * as tf from "@tensorflow/tfjs-core";
import * as reference from "../reference-tensorflow.ts";
import { element, nd, unary } from "../reference-tensorflow.ts";
import { pick } from "./operation-case.ts";
import type { TensorFlowCase } from "./tensorflow-case.ts";

const permutations = [
  [1, 0, 2],
  [2, 1, 0],
  [0, 2, 1],
  [2, 0, 1],
];
const transposeCases = permutations.map((axes): TensorFlowCase => ({
  title: `transpose to the axes ${axes.join()}`,
  shapes: [[3, 4, 5]],
  operation: (inputs) => tf.transpose(pick(inputs, 0), axes),
  reference: (inputs) => reference.transposedTo(pick(inputs, 0), axes),
}));

const chosen = [4, 0, 4, 2];

/** Rows, parts and shapes. */
export const layoutCases: readonly TensorFlowCase[] = [
  ...transposeCases,
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
  ...[0, 1].map((axis): TensorFlowCase => ({
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
    title: "gather along the second axis, of a table of indices",
    shapes: [[2, 4, 3]],
    operation: (inputs) =>
      tf.gather(
        pick(inputs, 0),
        tf.tensor2d(
          [
            [1, 3],
            [3, 0],
          ],
          [2, 2],
          "int32",
        ),
        1,
      ),
    reference: (inputs) =>
      nd([2, 2, 2, 3], ([n = 0, i = 0, j = 0, column = 0]) => {
        const taken =
          [
            [1, 3],
            [3, 0],
          ][i]?.[j] ?? NaN;
        return element(pick(inputs, 0), [n, taken, column]);
      }),
  },
  {
    title: "pad, then the parts of a split in another order",
    shapes: [[3, 4]],
    operation: (inputs) => {
      const padded = tf.pad(pick(inputs, 0), [
        [1, 0],
        [0, 2],
      ]);
      const [first = padded, , third = padded] = tf.split(padded, [1, 2, 3], 1);
      return tf.concat([third, tf.mul(first, 2)], 1);
    },
    reference: (inputs) =>
      nd([4, 4], ([row = 0, column = 0]) => {
        if (row === 0 || column === 1 || column === 2) return 0;
        const taken = column === 0 ? 3 : 0;
        return element(pick(inputs, 0), [row - 1, taken]) * (column === 3 ? 2 : 1);
      }),
  },
  {
    title: "unstack and stack, one part twice",
    shapes: [[2, 3]],
    operation: (inputs) => {
      const parts = tf.unstack(pick(inputs, 0), 1);
      return tf.stack([pick(parts, 2), pick(parts, 0), pick(parts, 2)], -1);
    },
    reference: (inputs) =>
      nd([2, 3], ([row = 0, at = 0]) => element(pick(inputs, 0), [row, [2, 0, 2][at] ?? NaN])),
  },
  {
    title: "tile",
    shapes: [[2, 3]],
    operation: (inputs) => tf.tile(pick(inputs, 0), [2, 3]),
    reference: (inputs) =>
      nd([4, 9], ([row = 0, column = 0]) => element(pick(inputs, 0), [row % 2, column % 3])),
  },
  {
    title: "reverse, expandDims, squeeze and broadcastTo",
    shapes: [[2, 3]],
    operation: (inputs) => {
      const turned = tf.reverse(pick(inputs, 0), 1);
      return tf.squeeze(tf.broadcastTo(tf.expandDims(turned, 1), [2, 4, 3]));
    },
    reference: (inputs) =>
      nd([2, 4, 3], ([row = 0, , column = 0]) => element(pick(inputs, 0), [row, 2 - column])),
  },
  {
    title: "slice to the end, of one used twice",
    shapes: [[4, 3]],
    operation: (inputs) => {
      const x = pick(inputs, 0);
      return tf.add(tf.slice(x, [1, 0], [-1, -1]), tf.slice(x, [0, 0], [3, 3]));
    },
    reference: (inputs) =>
      nd(
        [3, 3],
        ([row = 0, column = 0]) =>
          element(pick(inputs, 0), [row + 1, column]) + element(pick(inputs, 0), [row, column]),
      ),
  },
];

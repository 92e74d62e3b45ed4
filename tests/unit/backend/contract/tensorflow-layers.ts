/** Softmax, convolution, pooling, and layers that users compose. */
import * as tf from "@tensorflow/tfjs-core";
import * as reference from "../reference-tensorflow.ts";
import { element, nd, type Nd } from "../reference-tensorflow.ts";
import { pick } from "./operation-case.ts";
import type { TensorFlowCase } from "./tensorflow-case.ts";

const products = [
  [
    [5, 4],
    [4, 3],
  ],
  [
    [2, 5, 4],
    [2, 4, 3],
  ],
  [
    [2, 1, 5, 4],
    [3, 4, 3],
  ], // both batches are broadcast
];

const matMulCases = products.flatMap(([left = [], right = []]) =>
  [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ].map(([transposeA = false, transposeB = false]): TensorFlowCase => ({
    title: `matMul of [${left.join()}] and [${right.join()}], transposed ${transposeA}, ${transposeB}`,
    shapes: [transposeA ? swapped(left) : left, transposeB ? swapped(right) : right],
    operation: (inputs) => tf.matMul(pick(inputs, 0), pick(inputs, 1), transposeA, transposeB),
    reference: (inputs) =>
      reference.product(
        transposeA ? reference.swappedLast(pick(inputs, 0)) : pick(inputs, 0),
        transposeB ? reference.swappedLast(pick(inputs, 1)) : pick(inputs, 1),
      ),
  })),
);

function swapped(shape: readonly number[]): readonly number[] {
  return [...shape.slice(0, -2), ...shape.slice(-2).toReversed()];
}

interface Steps {
  readonly stride: number;
  readonly pad: "same" | "valid";
}

const convolutions: readonly Steps[] = [
  { stride: 1, pad: "same" },
  { stride: 2, pad: "same" },
  { stride: 2, pad: "valid" },
];

/** With three outputs under windows of 3 × 3. */
function convolved(input: Nd, filter: Nd, windows: Steps): Nd {
  return reference.windowed(input, { ...windows, size: 3, outputs: 3 }, (under, output) =>
    under.reduce(
      (sum, { value, y, x, channel }) => sum + value * element(filter, [y, x, channel, output]),
      0,
    ),
  );
}

const image = [1, 4, 3, 2] as const;

const transposedConvolution: TensorFlowCase = {
  title: "conv2dTranspose, stride 2, same",
  shapes: [
    [1, 2, 2, 3],
    [3, 3, 2, 3],
  ],
  operation: (inputs) => {
    const [input, filter] = [pick(inputs, 0) as tf.Tensor4D, pick(inputs, 1) as tf.Tensor4D];
    return tf.conv2dTranspose(input, filter, [...image], 2, "same");
  },
  // The slope of Σ convolution(x)·input along each element of x, which is linear in x.
  reference: (inputs) => {
    const [input, filter] = [pick(inputs, 0), pick(inputs, 1)];
    return nd(image, (place) => {
      const unit = nd(image, (own) => Number(own.every((at, axis) => at === place[axis])));
      const { values } = convolved(unit, filter, { stride: 2, pad: "same" });
      return values.reduce((sum, value, index) => sum + value * (input.values[index] ?? NaN), 0);
    });
  },
};

const windowCases = convolutions.flatMap(({ stride, pad }): TensorFlowCase[] => [
  {
    title: `conv2d, stride ${stride}, ${pad}`,
    shapes: [
      [2, 5, 6, 2],
      [3, 3, 2, 3],
    ],
    operation: (inputs) =>
      tf.conv2d(pick(inputs, 0) as tf.Tensor4D, pick(inputs, 1) as tf.Tensor4D, stride, pad),
    reference: (inputs) => convolved(pick(inputs, 0), pick(inputs, 1), { stride, pad }),
  },
  {
    title: `depthwiseConv2d, stride ${stride}, ${pad}`,
    shapes: [
      [2, 5, 6, 2],
      [3, 3, 2, 2],
    ],
    operation: (inputs) =>
      tf.depthwiseConv2d(
        pick(inputs, 0) as tf.Tensor4D,
        pick(inputs, 1) as tf.Tensor4D,
        stride,
        pad,
      ),
    reference: (inputs) =>
      reference.windowed(pick(inputs, 0), { size: 3, stride, pad, outputs: 4 }, (at, output) => {
        const channel = Math.floor(output / 2);
        return at.reduce(
          (sum, { value, y, x, channel: own }) =>
            sum +
            (own === channel ? value * element(pick(inputs, 1), [y, x, channel, output % 2]) : 0),
          0,
        );
      }),
  },
]);

/** Padded by a number, as many windows as reach an element are counted. */
const poolings = [...convolutions, { stride: 2, pad: 0 }, { stride: 2, pad: 1 }];

const poolingCases = poolings.flatMap(({ stride, pad }) =>
  (["max", "average"] as const).map((kind): TensorFlowCase => ({
    title: `${kind} pooling of 3, stride ${stride}, ${pad}`,
    shapes: [[2, 5, 6, 2]],
    operation: (inputs) => {
      const pool = kind === "max" ? tf.maxPool : tf.avgPool;
      const rounding = typeof pad === "number" ? "ceil" : undefined;
      return pool(pick(inputs, 0) as tf.Tensor4D, 3, stride, pad, rounding);
    },
    reference: (inputs) =>
      reference.windowed(pick(inputs, 0), { size: 3, stride, pad, outputs: 2 }, (at, output) => {
        const own = at.flatMap(({ value, channel }) => (channel === output ? [value] : []));
        return kind === "max" ? Math.max(...own) : own.reduce((a, b) => a + b, 0) / own.length;
      }),
  })),
);

export const layerCases: readonly TensorFlowCase[] = [
  ...matMulCases,
  ...windowCases,
  ...poolingCases,
  transposedConvolution,
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

/** Windows with dilations, windows over volumes, and over channels. */
import * as tf from "@tensorflow/tfjs-core";
import { element, nd, type Nd } from "../reference-tensorflow.ts";
import { pick } from "./operation-case.ts";
import type { TensorFlowCase } from "./tensorflow-case.ts";

/** One axis under windows. */
interface Axis {
  readonly length: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: "same" | "valid";
}

/** For each window of an axis where its values lie; undefined outside. */
function placesOf(axis: Axis): readonly (readonly (number | undefined)[])[] {
  const { length, size, stride, dilation, pad } = axis;
  const reach = (size - 1) * dilation + 1;
  const count =
    pad === "same" ? Math.ceil(length / stride) : Math.floor((length - reach) / stride) + 1;
  const missing = pad === "same" ? Math.max(0, (count - 1) * stride + reach - length) : 0;
  return Array.from({ length: count }, (_, window) =>
    Array.from({ length: size }, (__, at) => {
      const place = window * stride + at * dilation - Math.floor(missing / 2);
      return place >= 0 && place < length ? place : undefined;
    }),
  );
}

/** One value under a window: where it is in the window, and in the input. */
interface Under {
  readonly inWindow: readonly number[];
  readonly inInput: readonly number[];
}

/** Every combination of the axes' values. */
function under(lines: readonly (readonly (number | undefined)[])[]): readonly Under[] {
  return lines.reduce<readonly Under[]>(
    (before, line) =>
      before.flatMap(({ inWindow, inInput }) =>
        line.flatMap((place, at) =>
          place === undefined
            ? []
            : [{ inWindow: [...inWindow, at], inInput: [...inInput, place] }],
        ),
      ),
    [{ inWindow: [], inInput: [] }],
  );
}

/** [batch, …, channels]; `fold` gets what lies under a window, with batch and output. */
function windowed(
  axes: readonly Axis[],
  { batch, outputs }: { readonly batch: number; readonly outputs: number },
  fold: (values: readonly Under[], batch: number, output: number) => number,
): Nd {
  const places = axes.map(placesOf);
  const shape = [batch, ...places.map(({ length }) => length), outputs];
  return nd(shape, (place) => {
    const lines = places.map((windows, axis) => windows[place[axis + 1] ?? NaN] ?? []);
    return fold(under(lines), place[0] ?? NaN, place.at(-1) ?? NaN);
  });
}

function convolved(inputs: readonly Nd[], axes: readonly Axis[], outputs: number): Nd {
  const [input, filter] = [pick(inputs, 0), pick(inputs, 1)];
  const channels = input.shape.at(-1) ?? 0;
  return windowed(axes, { batch: input.shape[0] ?? 0, outputs }, (values, n, output) => {
    let sum = 0;
    for (const { inWindow, inInput } of values) {
      for (let c = 0; c < channels; c++) {
        sum += element(input, [n, ...inInput, c]) * element(filter, [...inWindow, c, output]);
      }
    }
    return sum;
  });
}

const dilated = (["same", "valid"] as const).flatMap((pad): TensorFlowCase[] => {
  const axes = [
    { length: 7, size: 3, stride: 1, dilation: 2, pad },
    { length: 6, size: 2, stride: 1, dilation: 3, pad },
  ];
  return [
    {
      title: `conv2d with dilations, ${pad}`,
      shapes: [
        [2, 7, 6, 2],
        [3, 2, 2, 3],
      ],
      operation: (inputs) => {
        const [x, filter] = [pick(inputs, 0) as tf.Tensor4D, pick(inputs, 1) as tf.Tensor4D];
        return tf.conv2d(x, filter, 1, pad, "NHWC", [2, 3]);
      },
      reference: (inputs) => convolved(inputs, axes, 3),
    },
    {
      title: `depthwiseConv2d with dilations, ${pad}`,
      shapes: [
        [1, 7, 6, 2],
        [3, 2, 2, 1],
      ],
      operation: (inputs) => {
        const [x, filter] = [pick(inputs, 0) as tf.Tensor4D, pick(inputs, 1) as tf.Tensor4D];
        return tf.depthwiseConv2d(x, filter, 1, pad, "NHWC", [2, 3]);
      },
      reference: (inputs) =>
        windowed(axes, { batch: 1, outputs: 2 }, (values, n, c) =>
          values.reduce(
            (sum, { inWindow, inInput }) =>
              sum +
              element(pick(inputs, 0), [n, ...inInput, c]) *
                element(pick(inputs, 1), [...inWindow, c, 0]),
            0,
          ),
        ),
    },
  ];
});

const volume = [1, 3, 4, 5, 2];

function volumeAxes(
  size: number,
  { stride, dilation, pad }: Omit<Axis, "length" | "size">,
): readonly Axis[] {
  return volume.slice(1, 4).map((length) => ({ length, size, stride, dilation, pad }));
}

const volumes = [
  { stride: 1, dilation: 1, pad: "same" as const },
  { stride: 2, dilation: 1, pad: "same" as const },
  { stride: 1, dilation: 1, pad: "valid" as const },
  { stride: 1, dilation: 2, pad: "same" as const },
].map((how): TensorFlowCase => ({
  title: `conv3d, stride ${how.stride}, dilation ${how.dilation}, ${how.pad}`,
  shapes: [volume, [2, 2, 2, 2, 3]],
  operation: (inputs) => {
    const [x, filter] = [pick(inputs, 0) as tf.Tensor5D, pick(inputs, 1) as tf.Tensor5D];
    return tf.conv3d(x, filter, how.stride, how.pad, "NDHWC", how.dilation);
  },
  reference: (inputs) => convolved(inputs, volumeAxes(2, how), 3),
}));

const transposedVolume: TensorFlowCase = {
  title: "conv3dTranspose, stride 2, same",
  shapes: [
    [1, 2, 2, 3, 3],
    [2, 2, 2, 2, 3],
  ],
  operation: (inputs) => {
    const [x, filter] = [pick(inputs, 0) as tf.Tensor5D, pick(inputs, 1) as tf.Tensor5D];
    return tf.conv3dTranspose(x, filter, [1, 3, 4, 5, 2], 2, "same");
  },
  reference: (inputs) => spreadVolume(pick(inputs, 0), pick(inputs, 1)),
};

/** Each value of a volume [1, 2, 2, 3, 3] times the filter, added where its window of stride 2 lies in [1, 3, 4, 5, 2]. */
function spreadVolume(x: Nd, filter: Nd): Nd {
  const shape = [1, 3, 4, 5, 2];
  const values = Array.from<number>({ length: 3 * 4 * 5 * 2 }).fill(0);
  const [before, last] = [
    [0, 0, 0],
    [2, 3, 4],
  ]; // "same": windows of 2 begin at 0 and reach one beyond an odd length
  for (const place of places([2, 2, 3, 3, 2, 2, 2, 2])) {
    const [d = 0, h = 0, w = 0, input = 0, i = 0, j = 0, k = 0, output = 0] = place;
    const at = [2 * d + i, 2 * h + j, 2 * w + k].map((one, axis) => one - (before[axis] ?? 0));
    if (at.some((one, axis) => one > (last[axis] ?? 0))) continue;
    const [z = 0, y = 0, column = 0] = at;
    const product = element(x, [0, d, h, w, input]) * element(filter, [i, j, k, output, input]);
    const index = ((z * 4 + y) * 5 + column) * 2 + output;
    values[index] = (values[index] ?? 0) + product;
  }
  return { shape, values };
}

/** All places of an array of that shape. */
function places(shape: readonly number[]): readonly (readonly number[])[] {
  let all: readonly (readonly number[])[] = [[]];
  for (const size of shape)
    all = all.flatMap((one) => Array.from({ length: size }, (_, i) => [...one, i]));
  return all;
}

const pools = (["same", "valid"] as const).flatMap((pad) =>
  (["max", "average"] as const).map((kind): TensorFlowCase => ({
    title: `${kind} pooling of volumes, stride 2, ${pad}`,
    shapes: [volume],
    operation: (inputs) => {
      const pool = kind === "max" ? tf.maxPool3d : tf.avgPool3d;
      return pool(pick(inputs, 0) as tf.Tensor5D, 3, 2, pad);
    },
    reference: (inputs) =>
      windowed(
        volumeAxes(3, { stride: 2, dilation: 1, pad }),
        { batch: 1, outputs: 2 },
        (values, n, c) => {
          const own = values.map(({ inInput }) => element(pick(inputs, 0), [n, ...inInput, c]));
          return kind === "max" ? Math.max(...own) : own.reduce((a, b) => a + b, 0) / own.length;
        },
      ),
  })),
);

const others: readonly TensorFlowCase[] = [
  {
    title: "localResponseNormalization",
    shapes: [[1, 2, 2, 6]],
    operation: (inputs) =>
      tf.localResponseNormalization(pick(inputs, 0) as tf.Tensor4D, 1, 0.5, 0.7, 0.4),
    reference: (inputs) =>
      nd([1, 2, 2, 6], (place) => {
        const channel = place[3] ?? NaN;
        let squares = 0;
        for (let c = Math.max(0, channel - 1); c <= Math.min(5, channel + 1); c++) {
          squares += element(pick(inputs, 0), [...place.slice(0, 3), c]) ** 2;
        }
        return element(pick(inputs, 0), place) * (0.5 + 0.7 * squares) ** -0.4;
      }),
  },
  {
    title: "dilation2d",
    shapes: [
      [1, 5, 4, 2],
      [2, 3, 2],
    ],
    operation: (inputs) =>
      tf.dilation2d(pick(inputs, 0) as tf.Tensor4D, pick(inputs, 1) as tf.Tensor3D, 1, "valid"),
    reference: (inputs) => {
      const axis = { stride: 1, dilation: 1, pad: "valid" as const };
      const axes = [
        { ...axis, length: 5, size: 2 },
        { ...axis, length: 4, size: 3 },
      ];
      return windowed(axes, { batch: 1, outputs: 2 }, (values, n, c) =>
        Math.max(
          ...values.map(
            ({ inWindow, inInput }) =>
              element(pick(inputs, 0), [n, ...inInput, c]) +
              element(pick(inputs, 1), [...inWindow, c]),
          ),
        ),
      );
    },
  },
];

/** What lies under windows. */
export const windowsCases: readonly TensorFlowCase[] = [
  ...dilated,
  ...volumes,
  transposedVolume,
  ...pools,
  ...others,
];

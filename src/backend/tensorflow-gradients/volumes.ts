/** Gradients of convolution and pooling over volumes [batch, depth, height, width, channels]. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../tensor.ts";
import { gathered, spread, spreadShape } from "./dilation.ts";
import { unsupported } from "./errors.ts";
import {
  gradientOf,
  one,
  read,
  run,
  type KernelAttributes,
  type KernelGradient,
} from "./gradient.ts";

/** One number for all three axes, or one each. */
type Three = number | readonly number[];

/** What windows over volumes are called with. */
interface Windows {
  readonly strides: Three;
  readonly pad: "valid" | "same" | number;
  readonly dilations?: Three;
  readonly filterSize?: Three;
}

function three(sizes: Three): readonly [number, number, number] {
  const [depth = 1, height = depth, width = depth] = [sizes].flat();
  return [depth, height, width];
}

const convolution = gradientOf("Conv3D", ["x", "filter"], ({ dy, input, attributes }) => {
  const [x, filter] = [input(0), input(1)];
  const { dilations = 1, strides, pad } = read<Windows>(attributes);
  const steps = three(dilations);
  return {
    x: () => {
      const inputs = { dy, filter: spread(filter, steps) };
      return run("Conv3DBackpropInputV2", inputs, { strides, pad, inputShape: x.shape });
    },
    filter: () => {
      const filterShape = spreadShape(filter.shape, steps);
      const whole = run("Conv3DBackpropFilterV2", { x, dy }, { strides, pad, filterShape });
      return gathered(whole, steps);
    },
  };
});

/** The gradient of a transposed convolution is a convolution. Dilations are in the filter, spread out, if at all. */
const transposedConvolution = gradientOf(
  "Conv3DBackpropInputV2",
  ["dy", "filter"],
  ({ dy, input, attributes }) => {
    const [x, filter] = [input(0), input(1)];
    const { strides, pad } = read<Windows>(attributes);
    const windows = { strides, pad, dilations: 1, dataFormat: "NDHWC" };
    return {
      dy: () => run("Conv3D", { x: dy, filter }, windows),
      filter: () => {
        const inputs = { x: dy, dy: x };
        return run("Conv3DBackpropFilterV2", inputs, { strides, pad, filterShape: filter.shape });
      },
    };
  },
);

const maxPool: KernelGradient = {
  kernelName: "MaxPool3D",
  inputsToSave: ["x"],
  outputsToSave: [true],
  gradFunc: (dy, [input = tf.zeros([]), output = input], attributes) => {
    checkPadding("tf.maxPool3d", attributes);
    return { x: () => run("MaxPool3DGrad", { dy: one(dy), input, output }, { ...attributes }) };
  },
};

/**
 * The kernel divides by the size of a whole window where the average was over the values that are there: the gradient is
 * first multiplied by that size and divided by their number.
 */
const averagePool = gradientOf("AvgPool3D", ["x"], ({ dy, input, attributes }) => ({
  x: () => {
    checkPadding("tf.avgPool3d", attributes);
    const x = input(0);
    const { filterSize = 1, strides, pad } = read<Windows>(attributes);
    const size = three(filterSize);
    const ones: Tensor = tf.ones([1, ...x.shape.slice(1, 4), 1]);
    const windows = { strides, pad, dilations: 1, dataFormat: "NDHWC" };
    const numbers = run("Conv3D", { x: ones, filter: tf.ones([...size, 1, 1]) }, windows);
    const whole = size[0] * size[1] * size[2];
    return run("AvgPool3DGrad", { dy: tf.mul(dy, tf.div(whole, numbers)), input: x }, attributes);
  },
}));

/** With a number, windows may be rounded up, which the kernels for gradients do not know. */
function checkPadding(operation: string, attributes: KernelAttributes): void {
  const { pad } = read<Windows>(attributes);
  if (typeof pad === "string") return;
  throw unsupported(
    operation,
    "padding by a number",
    'Use tf.pad before it and the padding "valid"',
  );
}

/** All of this file. */
export const volumeGradients: readonly KernelGradient[] = [
  convolution,
  transposedConvolution,
  maxPool,
  averagePool,
];

/** Gradients of matrix multiplication, convolution and pooling. */
import * as tf from "@tensorflow/tfjs-core";
import { axisSize, type Shape, type Tensor } from "../tensor.ts";
import { gathered, spread, spreadShape, stepsOf } from "./dilation.ts";
import { gradientOf, one, read, run, unbroadcast, type KernelGradient } from "./gradient.ts";

const matMul = gradientOf("BatchMatMul", ["a", "b"], ({ dy, input, attributes }) => {
  const [a, b] = [input(0), input(1)];
  const { transposeA, transposeB } = read<Record<"transposeA" | "transposeB", boolean>>(attributes);
  const ofA = (): Tensor =>
    transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB);
  const ofB = (): Tensor =>
    transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false);
  return { a: () => unbroadcast(ofA(), a.shape), b: () => unbroadcast(ofB(), b.shape) };
});

/** What convolutions are called with. */
interface Windows {
  readonly strides: number | [number, number];
  readonly pad: number | "valid" | "same";
  readonly dataFormat: "NHWC" | "NCHW";
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: "ceil" | "floor" | "round";
}

const convolution = gradientOf("Conv2D", ["x", "filter"], ({ dy, input, attributes }) => {
  const [x, filter] = [input(0), input(1)];
  const windows = { ...read<Windows>(attributes), dilations: 1 };
  const steps = stepsOf(attributes);
  return {
    x: () => {
      const wide = spread(filter, steps);
      return run("Conv2DBackpropInput", { dy, filter: wide }, { ...windows, inputShape: x.shape });
    },
    filter: () => {
      const filterShape = spreadShape(filter.shape, steps);
      return gathered(run("Conv2DBackpropFilter", { x, dy }, { ...windows, filterShape }), steps);
    },
  };
});

const transposedConvolution = gradientOf(
  "Conv2DBackpropInput",
  ["dy", "filter"],
  ({ dy, input, attributes }) => {
    const [x, filter] = [input(0), input(1)];
    const windows = read<Windows>(attributes);
    const own = { ...windows, dilations: 1 };
    return {
      dy: () => run("Conv2D", { x: dy, filter }, own),
      filter: () =>
        run("Conv2DBackpropFilter", { x: dy, dy: x }, { ...windows, filterShape: filter.shape }),
    };
  },
);

const depthwiseConvolution = gradientOf(
  "DepthwiseConv2dNative",
  ["x", "filter"],
  ({ dy, input, attributes }) => {
    const [x, filter] = [input(0), input(1)];
    const windows = { ...read<Windows>(attributes), dilations: 1 };
    const steps = stepsOf(attributes);
    const [ofInput, ofFilter] = ["Input", "Filter"].map(
      (of) => `DepthwiseConv2dNativeBackprop${of}`,
    );
    return {
      x: () => {
        const wide = spread(filter, steps);
        return run(ofInput ?? "", { dy, filter: wide }, { ...windows, inputShape: x.shape });
      },
      filter: () => {
        const filterShape = spreadShape(filter.shape, steps);
        return gathered(run(ofFilter ?? "", { x, dy }, { ...windows, filterShape }), steps);
      },
    };
  },
);

const maxPool: KernelGradient = {
  kernelName: "MaxPool",
  inputsToSave: ["x"],
  outputsToSave: [true],
  gradFunc: (dy, [input = tf.zeros([]), output = input], attributes) => ({
    x: () => run("MaxPoolGrad", { dy: one(dy), input, output }, { ...attributes }),
  }),
};

/** What averages are taken over, as TensorFlow.js passes it on. */
interface PoolingWindows extends Windows {
  readonly filterSize: number | [number, number];
}

/**
 * The kernel divides by the size of a whole window where the average was over the pixels that are there; so the gradient
 * is first multiplied by that size and divided by their number.
 */
const averagePool = gradientOf("AvgPool", ["x"], ({ dy, input, attributes }) => ({
  x: () => {
    const x = input(0);
    const { filterSize, strides, pad, dimRoundingMode } = read<PoolingWindows>(attributes);
    const [height = 1, width = height] = [filterSize].flat();
    const windows = { strides, pad, dimRoundingMode, dataFormat: "NHWC", dilations: 1 };
    const ones = {
      x: tf.ones([1, ...x.shape.slice(1, 3), 1]),
      filter: tf.ones([height, width, 1, 1]),
    };
    const scale = tf.div(height * width, run("Conv2D", ones, windows));
    const wide = tf.zeros(underWindows(x.shape, dy.shape, { height, width, strides, pad }));
    const gradient = run("AvgPoolGrad", { dy: tf.mul(dy, scale), input: wide }, { ...attributes });
    return tf.slice(gradient, [0, 0, 0, 0], x.shape);
  },
}));

interface Reach extends Pick<Windows, "strides"> {
  readonly height: number;
  readonly width: number;
  readonly pad: "valid" | "same" | number | readonly (readonly [number, number])[];
}

/**
 * The shape of the images with all that lies under a window: where the number of windows was rounded up, the last ones reach
 * beyond the padding, and the kernel, which rounds down, would leave them out.
 */
function underWindows(
  images: Shape,
  windows: Shape,
  { height, width, strides, pad }: Reach,
): [number, number, number, number] {
  const [batch = 0, rows = 0, columns = 0, channels = 0] = images;
  if (typeof pad === "string") return [batch, rows, columns, channels]; // which rounds nothing
  const [down = 1, right = down] = [strides].flat();
  const padded = (axis: number): number =>
    typeof pad === "number" ? 2 * pad : (pad[axis]?.[0] ?? 0) + (pad[axis]?.[1] ?? 0);
  const reachDown = (axisSize(windows, 1) - 1) * down + height - padded(1);
  const reachRight = (axisSize(windows, 2) - 1) * right + width - padded(2);
  return [batch, Math.max(rows, reachDown), Math.max(columns, reachRight), channels];
}

/** All of this file. */
export const layerGradients: readonly KernelGradient[] = [
  matMul,
  convolution,
  transposedConvolution,
  depthwiseConvolution,
  maxPool,
  averagePool,
];

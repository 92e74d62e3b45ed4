/** Gradients of what is done to images beside convolution and pooling. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../tensor.ts";
import { gradientOf, one, read, run, type KernelGradient } from "./gradient.ts";

/** What images are resized with. */
interface Resizing {
  readonly size: readonly [height: number, width: number];
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** Lines are resized as columns are, and each as a product with a matrix, of which the gradient is the transpose. */
const bilinear = gradientOf("ResizeBilinear", ["images"], ({ dy, input, attributes }) => ({
  images: () => {
    const [batch = 0, height = 0, width = 0, channels = 0] = input(0).shape;
    const { size, ...how } = read<Resizing>(attributes);
    const [toHeight, toWidth] = size;
    const down = resizing(height, toHeight, how);
    const across = resizing(width, toWidth, how);
    const lines = tf.reshape(dy, [batch, toHeight, toWidth * channels]);
    const shrunk = tf.reshape(tf.matMul(down, lines, true), [batch * height, toWidth, channels]);
    return tf.reshape(tf.matMul(across, shrunk, true), [batch, height, width, channels]);
  },
}));

/** [1, to, from]: resizing a line of that length, seen by resizing each unit vector, which stand in the channels. */
function resizing(from: number, to: number, how: Omit<Resizing, "size">): Tensor {
  const units = tf.reshape(tf.eye(from), [1, from, 1, from]);
  const resized = run("ResizeBilinear", { images: units }, { ...how, size: [to, 1] });
  return tf.reshape(resized, [1, to, from]);
}

const dilation = gradientOf("Dilation2D", ["x", "filter"], ({ dy, input, attributes }) => {
  const inputs = { x: input(0), filter: input(1), dy };
  return {
    x: () => run("Dilation2DBackpropInput", inputs, attributes),
    filter: () => run("Dilation2DBackpropFilter", inputs, attributes),
  };
});

const localResponse: KernelGradient = {
  kernelName: "LRN",
  inputsToSave: ["x"],
  outputsToSave: [true],
  gradFunc: (dy, [x = tf.zeros([]), y = x], attributes) => ({
    x: () => run("LRNGrad", { x, y, dy: one(dy) }, { ...attributes }),
  }),
};

/** All of this file. */
export const imageGradients: readonly KernelGradient[] = [bilinear, dilation, localResponse];

/** Gradients of sums, means and extremes over axes, running sums, and softmax. */
import * as tf from "@tensorflow/tfjs-core";
import type { Shape, Tensor } from "../tensor.ts";
import { axisSize } from "../tensor.ts";
import {
  flat,
  fromInput,
  read,
  one,
  type KernelAttributes,
  type KernelGradient,
} from "./gradient.ts";

/** The axes of a reduction; all of them where none is told. */
function axesOf(attributes: KernelAttributes, { rank, shape }: Tensor): readonly number[] {
  const { axis, reductionIndices } =
    read<Partial<Record<"axis" | "reductionIndices", number | number[] | null>>>(attributes);
  return tf.util.parseAxisParam(axis ?? reductionIndices ?? allAxes(rank), shape);
}

function allAxes(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** What was reduced, with axes of one element where axes have gone. */
function kept(reduced: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return tf.reshape(
    reduced,
    shape.map((length, axis) => (axes.includes(axis) ? 1 : length)),
  );
}

/** The output's gradient, for each of the elements that it was made from. */
function spread(dy: Tensor, x: Tensor, attributes: KernelAttributes): Tensor {
  if (x.size === 0) return tf.zeros(x.shape); // which `broadcastTo` would not give
  return tf.broadcastTo(kept(dy, x.shape, axesOf(attributes, x)), x.shape);
}

/** Elements that are equal to an extreme share its gradient. */
function extreme(kernelName: string): KernelGradient {
  return {
    kernelName,
    inputsToSave: ["x"],
    outputsToSave: [true],
    gradFunc: (dy, [x = tf.zeros([]), y = x], attributes) => ({
      x: () => {
        const axes = [...axesOf(attributes, x)];
        const isExtreme = tf.cast(tf.equal(x, kept(y, x.shape, axes)), "float32");
        const share = tf.div(kept(one(dy), x.shape, axes), tf.sum(isExtreme, axes, true));
        return tf.mul(isExtreme, share);
      },
    }),
  };
}

const softmax: KernelGradient = {
  kernelName: "Softmax",
  outputsToSave: [true],
  gradFunc: (dy, [y = tf.zeros([])], attributes) => ({
    logits: () => {
      const { dim } = read<Record<"dim", number>>(attributes);
      const weighted = tf.mul(one(dy), y);
      return tf.sub(weighted, tf.mul(tf.sum(weighted, dim, true), y));
    },
  }),
};

/** All of this file. */
export const reductionGradients: readonly KernelGradient[] = [
  fromInput("Sum", spread),
  fromInput("Mean", (dy, x, attributes) => {
    const count = axesOf(attributes, x).reduce((size, axis) => size * axisSize(x.shape, axis), 1);
    return tf.div(spread(dy, x, attributes), count);
  }),
  extreme("Max"),
  extreme("Min"),
  fromInput("Cumsum", (dy, _x, attributes) => {
    const { axis, exclusive, reverse } = read<{
      readonly axis: number;
      readonly exclusive: boolean;
      readonly reverse: boolean;
    }>(attributes);
    return tf.cumsum(dy, axis, exclusive, !reverse);
  }),
  softmax,
  flat("ArgMax", ["x"]),
  flat("ArgMin", ["x"]),
];

/**
 * Dilated windows, whose gradients TensorFlow.js' kernels compute wrongly: they are windows without dilation under filters
 * with zeros between their values.
 */
import * as tf from "@tensorflow/tfjs-core";
import { axisSize, sizeOf, type Shape, type Tensor } from "../tensor.ts";
import { read, type KernelAttributes } from "./gradient.ts";

/** How far apart the values of a filter are, for each of its first axes; 1 without dilation. */
export type Steps = readonly number[];

/** Those of a kernel for images. */
export function stepsOf(attributes: KernelAttributes): Steps {
  const { dilations = 1 } = read<{ readonly dilations?: number | readonly number[] }>(attributes);
  const [down = 1, right = down] = [dilations].flat();
  return [down, right];
}

/** The shape of a filter with zeros between its values. */
export function spreadShape(shape: Shape, steps: Steps): number[] {
  return shape.map((length, axis) => (length - 1) * (steps[axis] ?? 1) + 1);
}

/** A filter with zeros between its values. */
export function spread(filter: Tensor, steps: Steps): Tensor {
  return steps.reduce((wide, step, axis) => {
    if (step === 1) return wide;
    const [before, length, after] = aroundAxis(wide.shape, axis);
    const apart = tf.pad(tf.reshape(wide, [before * length, 1, after]), [
      [0, 0],
      [0, step - 1],
      [0, 0],
    ]);
    const whole = tf.reshape(apart, [before, length * step, after]);
    const shape = wide.shape.map((size, at) => (at === axis ? (length - 1) * step + 1 : size));
    return tf.reshape(tf.slice(whole, [0, 0, 0], [before, (length - 1) * step + 1, after]), shape);
  }, filter);
}

/** Only those values of a filter between which zeros were put: the way back from `spread`. */
export function gathered(wide: Tensor, steps: Steps): Tensor {
  return steps.reduce((filter, step, axis) => {
    if (step === 1) return filter;
    const length = (axisSize(filter.shape, axis) - 1) / step + 1;
    return tf.gather(filter, tf.range(0, length * step, step, "int32"), axis);
  }, wide);
}

function aroundAxis(shape: Shape, axis: number): readonly [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), axisSize(shape, axis), sizeOf(shape.slice(axis + 1))];
}

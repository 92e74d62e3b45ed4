/**
 * The gradient of `tf.batchNorm`. What it is called with may lack scale and offset, and TensorFlow.js keeps for a gradient
 * only inputs that are there: so the kernel notes the scale beside the attributes, which the gradient is given too.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../tensor.ts";
import { unsupported } from "./errors.ts";
import { gradientOf, read, unbroadcast, type KernelGradient } from "./gradient.ts";

interface NotedScale {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** By the attributes of a call; undefined for a call without a scale. */
const scales = new WeakMap<object, NotedScale | undefined>();

/** Called by the kernel, at each call. @param attributes - The object that the kernel was given. */
export function noteScale(attributes: object, scale: NotedScale | undefined): void {
  scales.set(attributes, scale);
}

const batchNorm: KernelGradient = gradientOf(
  "FusedBatchNorm",
  ["x", "mean", "variance"],
  ({ dy, input, attributes }) => {
    const [x, mean, variance] = [input(0), input(1), input(2)];
    if (!scales.has(attributes)) {
      throw unsupported(
        "tf.batchNorm",
        "this backend",
        "Compose it of tf.sub, tf.mul and tf.rsqrt",
      );
    }
    const noted = scales.get(attributes);
    const scale = noted ? tf.tensor(noted.values, [...noted.shape]) : tf.scalar(1);
    const { varianceEpsilon } = read<Record<"varianceEpsilon", number>>(attributes);
    const inverse = (): Tensor => tf.rsqrt(tf.add(variance, varianceEpsilon));
    const deviation = (): Tensor => tf.sub(x, mean);
    const scaled = (): Tensor => tf.mul(dy, tf.mul(inverse(), scale));
    const slope = (): Tensor => tf.mul(-0.5, tf.mul(inverse(), tf.square(inverse())));
    const all = (gradient: Tensor, like: Tensor): Tensor => unbroadcast(gradient, like.shape);
    return {
      x: () => scaled(),
      mean: () => all(tf.neg(scaled()), mean),
      variance: () => all(tf.mul(tf.mul(dy, deviation()), tf.mul(slope(), scale)), variance),
      scale: () => all(tf.mul(dy, tf.mul(deviation(), inverse())), scale),
      offset: () => all(dy, mean),
    };
  },
);

/** All of this file. */
export const batchNormGradients: readonly KernelGradient[] = [batchNorm];

/** The loss of classification, with its gradient. */
import * as tf from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import { checkTensor, refused } from "./arguments.ts";
import { differentiable } from "./differentiable.ts";
import { crossEntropy, type CrossEntropyAttributes } from "./kernels/cross-entropy.ts";
import { integers } from "./operations.ts";
import { axisSize, type Tensor } from "./tensor.ts";

/**
 * Softmax cross-entropy with label smoothing, summed over the rows and divided by `divisor`: with the size of the whole
 * batch as divisor, the losses and gradients of micro-batches add up to those of the whole.
 * @param logits - [rows, classes]
 * @param labels - Class of each row, [rows], from 0.
 * @returns The loss in nats, [].
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Int32Array,
  options: CrossEntropyAttributes,
): Tensor {
  checkTensor("softmaxCrossEntropy: logits", logits, [labels.length, "classes"]);
  const numClasses = axisSize(logits.shape, 1);
  for (const label of labels) {
    if (label >= 0 && label < numClasses) continue;
    const expected = `0 to ${numClasses - 1}, the classes of the logits`;
    throw refused("softmaxCrossEntropy: labels", `holds ${label}`, expected);
  }
  return differentiable([logits], () => {
    const [value, gradient] = crossEntropy.call({ logits, labels: integers(labels) }, options);
    if (!value || !gradient) throw new InternalError("cross-entropy gave too few outputs");
    return { value, kept: { gradient }, gradient: (dy, kept) => [tf.mul(kept.gradient, dy)] };
  });
}

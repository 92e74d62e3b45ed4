/** Softmax cross-entropy with label smoothing: the loss and its gradient in one pass over the logits. */
import { exp, log } from "../../random/math.ts";
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { axisSize } from "../tensor.ts";

export interface CrossEntropyAttributes {
  /** Share of each label that is spread evenly over all classes, its own among them; 0 to below 1. */
  readonly labelSmoothing: number;
  /** The sum over the rows is divided by it: the size of the whole batch, of which these rows may be a part. */
  readonly divisor: number;
}

/**
 * Outputs: the loss [] in nats and its gradient [rows, classes].
 * With K classes and smoothing ε the target of a row is (1 − ε)·onehot + ε/K, as in PyTorch.
 * @see Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016, section 7.
 */
export const crossEntropy: HostKernel<"logits" | "labels", CrossEntropyAttributes> = defineKernel({
  name: "CrossEntropy",
  inputs: ["logits", "labels"],
  outputShapes: ({ logits }) => [[], logits],
  compute: ({ floats, integers, shape, output, attributes }) => {
    const [rows, classes] = [axisSize(shape("logits"), 0), axisSize(shape("logits"), 1)];
    const [logits, labels, gradient] = [floats("logits"), integers("labels"), output(1)];
    const { labelSmoothing, divisor } = attributes;
    const spread = labelSmoothing / classes;
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const start = row * classes;
      const label = labels[row] ?? 0;
      const logSum = logSumExp(logits, start, classes);
      for (let k = 0; k < classes; k++) {
        const target = (k === label ? 1 - labelSmoothing : 0) + spread;
        const logProbability = (logits[start + k] ?? 0) - logSum;
        if (target !== 0) loss -= target * logProbability; // 0 · −∞ must not make a NaN
        gradient[start + k] = (exp(logProbability) - target) / divisor;
      }
    }
    output(0)[0] = loss / divisor;
  },
});

function logSumExp(values: Float32Array, start: number, count: number): number {
  let largest = -Infinity;
  for (let i = start; i < start + count; i++) largest = Math.max(largest, values[i] ?? 0);
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += exp((values[i] ?? 0) - largest);
  return largest + log(sum);
}

/** Operations with a gradient written by hand: the only way in which the operations of this folder are differentiated. */
import { customGrad, tidy } from "@tensorflow/tfjs-core";
import type { GradSaveFunc } from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import type { Tensor } from "./tensor.ts";

type Kept = Readonly<Record<string, Tensor>>;

export interface Differentiated<Names extends Kept> {
  readonly value: Tensor;
  /** What the gradient needs: kept until the backward pass is over, and handed to it. Nothing else survives. */
  readonly kept: Names;
  /**
   * The gradient of each input, in the order of the inputs, from that of the value. It may give one tensor several times,
   * `outputGradient` itself, or a kept one.
   */
  readonly gradient: (outputGradient: Tensor, kept: Names) => readonly Tensor[];
}

/**
 * Runs `forward` and remembers how to go back. Inputs that are not listed get no gradient and cost none.
 * @param inputs - Tensors that `forward` computes with and that may need a gradient.
 */
export function differentiable<Names extends Kept>(
  inputs: readonly Tensor[],
  forward: () => Differentiated<Names>,
): Tensor {
  const operation = customGrad((...values) => {
    const save = values.at(-1) as GradSaveFunc; // TensorFlow.js appends it to the inputs
    const { value, kept, gradient } = forward();
    const names = Object.keys(kept);
    save(Object.values(kept));
    return {
      value,
      gradFunc: (outputGradient: Tensor, saved: Tensor[]) =>
        tidy(() => {
          // The names in `kept` with the tensors that were saved under them.
          const gradients = gradient(outputGradient, named(names, saved) as Names);
          return owned(gradients, [outputGradient, ...saved]);
        }),
    };
  });
  return operation(...inputs);
}

/**
 * The gradients as tensors that nothing else refers to. Where an input has several uses, their gradients are added up and
 * the summands disposed: a tensor handed out for two inputs would be gone for the second. A clone shares the values, so
 * that nothing is copied.
 * @param taken - Tensors that somebody else refers to.
 */
function owned(gradients: readonly Tensor[], taken: readonly Tensor[]): Tensor[] {
  const seen = new Set(taken);
  return gradients.map((gradient) => {
    if (seen.has(gradient)) return gradient.clone();
    seen.add(gradient);
    return gradient;
  });
}

function named(names: readonly string[], saved: readonly Tensor[]): Kept {
  const kept: Record<string, Tensor> = {};
  for (const [index, name] of names.entries()) {
    const tensor = saved[index];
    if (tensor === undefined) throw new InternalError(`the gradient lost the tensor ${name}`);
    kept[name] = tensor;
  }
  return kept;
}

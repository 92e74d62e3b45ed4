/**
 * Gradient checkpointing: a part of a model keeps its inputs instead of everything in between, and is computed once more
 * when its gradient is wanted.
 * @see Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
 */
import { engine, tensor } from "@tensorflow/tfjs-core";
import { refusedAgain } from "./nested-gradients.ts";
import { derive } from "./backward.ts";
import { differentiable } from "./differentiable.ts";
import { disposingTape } from "./gradients.ts";
import { sizeOf, type Parameters, type Tensor } from "./tensor.ts";

/**
 * `compute(input, parameters)`, with less memory until the backward pass and one more forward pass in it. Value and
 * gradients have the same bits as without, where nothing outside uses these tensors too: gradients of several uses are
 * added up here first.
 * @param parameters - All that `compute` uses; those that it does not use get the gradient 0.
 * @param compute - Called twice, with other tensors of the same values: it must compute with what it is given, and give
 *   the same both times. A pure function of its arguments and of dropout sites is such.
 */
export function recomputed(
  input: Tensor,
  parameters: Parameters,
  compute: (input: Tensor, parameters: Parameters) => Tensor,
): Tensor {
  const names = [...parameters.keys()];
  const inputs = [input, ...parameters.values()];
  return differentiable(inputs, () => ({
    value: compute(input, parameters),
    kept: Object.fromEntries(inputs.map((one, index) => [`input ${index}`, one])),
    gradient: (outputGradient, kept) => {
      const given = Object.values(kept);
      const [first = input, ...others] = given;
      const byName = new Map(others.map((one, index) => [names[index] ?? "", one]));
      return innerGradients(() => compute(first, byName), given, outputGradient);
    },
  }));
}

/** The gradients of `compute` inside of a backward pass, whose own tape TensorFlow.js would throw away. */
function innerGradients(
  compute: () => Tensor,
  inputs: readonly Tensor[],
  outputGradient: Tensor,
): readonly Tensor[] {
  const { state } = engine();
  if (state.gradientDepth > 0)
    throw refusedAgain("what is computed again (gradient checkpointing)");
  const outerTape = state.activeTape;
  try {
    const { gradients } = disposingTape(() => derive(compute, inputs, () => outputGradient));
    return inputs.map(
      ({ shape }, index) =>
        gradients[index] ?? tensor(new Float32Array(sizeOf(shape)), [...shape], "float32"),
    );
  } finally {
    state.activeTape = outerTape;
  }
}

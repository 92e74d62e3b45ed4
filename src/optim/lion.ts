/**
 * Lion: the sign of an interpolation between momentum and gradient, with decoupled weight decay. With g the gradient:
 *   c = β₁m + (1−β₁)g;  θ ← θ − η·(sign(c) + λ·θ);  m ← β₂m + (1−β₂)g
 * The sign of 0 is 0: a parameter that nothing has ever moved keeps its value.
 * @see Chen et al., "Symbolic Discovery of Optimization Algorithms", NeurIPS 2023, Algorithm 2.
 */
import type { LionConfig } from "../../schemas/optimizer.ts";
import { lionUpdate } from "../backend/updates.ts";
import type { OptimizedParameter, Optimizer } from "./optimizer.ts";
import { floats, slotName, zeroSlots } from "./slots.ts";

/** Lion with the slot `momentum`. */
export function createLion(
  config: LionConfig,
  parameters: readonly OptimizedParameter[],
): Optimizer {
  const { beta1, beta2, weightDecay } = config;
  return {
    init: (values) => zeroSlots(["momentum"], values),
    update: (tensors, { learningRate }) => {
      lionUpdate(
        parameters.map(({ name, decay: isDecayed }) => {
          const parameter = floats(tensors.parameters, name);
          const gradient = floats(tensors.gradients, name);
          const momentum = floats(tensors.state, slotName("momentum", name));
          return { arrays: { parameter, gradient, momentum }, isDecayed };
        }),
        { learningRate, beta1, beta2, decay: learningRate * weightDecay },
      );
    },
  };
}

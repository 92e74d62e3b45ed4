/**
 * Adam, with the L2 penalty as PyTorch has it: the penalty is part of the gradient, and so of both running means. With g
 * the gradient at step t:
 *   g ← g + λ·θ;  m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  θ ← θ − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
 * @see Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, Algorithm 1.
 */
import type { AdamConfig } from "../../schemas/optimizer.ts";
import { adamUpdate } from "../backend/updates.ts";
import { integerPower } from "./integer-power.ts";
import type { OptimizedParameter, Optimizer } from "./optimizer.ts";
import { adamArrays, zeroSlots } from "./slots.ts";

/** Adam with the slots `m` (running mean of gradients) and `v` (of their squares). */
export function createAdam(
  config: AdamConfig,
  parameters: readonly OptimizedParameter[],
): Optimizer {
  const { beta1, beta2, epsilon, l2Penalty } = config;
  return {
    init: (values) => zeroSlots(["m", "v"], values),
    update: (tensors, { step, learningRate }) => {
      const stepSize = learningRate / (1 - integerPower(beta1, step));
      const rootCorrection = Math.sqrt(1 - integerPower(beta2, step));
      adamUpdate(
        parameters.map(({ name, decay }) => adamArrays(tensors, name, decay)),
        { beta1, beta2, epsilon, stepSize, rootCorrection, decay: 0, l2Penalty },
      );
    },
  };
}

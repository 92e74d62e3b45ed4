/**
 * AdamW. With g the gradient at step t:
 *   θ ← θ − η·λ·θ;  m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  θ ← θ − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)
 * Decay is multiplied by the learning rate, as in PyTorch and unlike the paper. As there, v is kept in float32: gradients
 * near 1e19 can overflow it (lasting ones of 1.9e19, or a single one of 6e20 where β₂ is 0.999). It then stays Infinity,
 * and the parameter is moved by its decay alone.
 * @see Loshchilov & Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, Algorithm 2.
 */
import type { AdamwConfig } from "../../schemas/optimizer.ts";
import { adamUpdate } from "../backend/updates.ts";
import { integerPower } from "./integer-power.ts";
import type { OptimizedParameter, Optimizer } from "./optimizer.ts";
import { adamArrays, zeroSlots } from "./slots.ts";

/** AdamW with the slots `m` (running mean of gradients) and `v` (of their squares). */
export function createAdamw(
  config: AdamwConfig,
  parameters: readonly OptimizedParameter[],
): Optimizer {
  const { beta1, beta2, epsilon, weightDecay } = config;
  return {
    init: (values) => zeroSlots(["m", "v"], values),
    update: (tensors, { step, learningRate }) => {
      const stepSize = learningRate / (1 - integerPower(beta1, step));
      const rootCorrection = Math.sqrt(1 - integerPower(beta2, step));
      adamUpdate(
        parameters.map(({ name, decay }) => adamArrays(tensors, name, decay)),
        {
          beta1,
          beta2,
          epsilon,
          stepSize,
          rootCorrection,
          decay: learningRate * weightDecay,
          l2Penalty: 0,
        },
      );
    },
  };
}

/**
 * Stochastic gradient descent with momentum, as PyTorch defines it:
 *   g ← g + λ·θ;  b ← g at the first step, then μ·b + g;  d = b, or g + μ·b with Nesterov;  θ ← θ − η·d
 * The learning rate is outside the momentum, unlike in Sutskever et al.
 * @see Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013.
 */
import type { SgdConfig } from "../../schemas/optimizer.ts";
import { sgdUpdate } from "../backend/updates.ts";
import type { OptimizedParameter, Optimizer } from "./optimizer.ts";
import { ExpError } from "../core/errors.ts";
import { floats, slotName, zeroSlots } from "./slots.ts";

/**
 * SGD with the slot `momentum`; without momentum it has no slots.
 * @throws {ExpError} `config` for Nesterov without momentum, which would silently be plain SGD.
 */
export function createSgd(config: SgdConfig, parameters: readonly OptimizedParameter[]): Optimizer {
  const { momentum, nesterov, l2Penalty } = config;
  if (nesterov && momentum === 0) {
    const message = "Nesterov looks ahead along the momentum, and optimizer.momentum is 0.";
    throw new ExpError("config", "The optimizer's options do not fit together.", {
      issues: [{ path: ["optimizer", "nesterov"], message, value: "true" }],
      hint: "Set optimizer.momentum above 0, or optimizer.nesterov to false.",
    });
  }
  return {
    init: (values) => zeroSlots(momentum === 0 ? [] : ["momentum"], values),
    update: (tensors, { learningRate }) => {
      sgdUpdate(
        parameters.map(({ name, decay: isDecayed }) => {
          const parameter = floats(tensors.parameters, name);
          const gradient = floats(tensors.gradients, name);
          // Starting from 0, μ·b + g is g: PyTorch's special first step needs no case of its own.
          const buffer =
            momentum === 0 ? undefined : floats(tensors.state, slotName("momentum", name));
          return { arrays: { parameter, gradient, buffer }, isDecayed };
        }),
        { learningRate, momentum, nesterov, l2Penalty },
      );
    },
  };
}

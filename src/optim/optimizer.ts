/**
 * An update rule as a pair of functions over named host tensors. The state is plain named tensors, so that a checkpoint
 * can hold it and a resumed run continues with the same bits.
 */
import type { AdamConfig, AdamwConfig, LionConfig, SgdConfig } from "../../schemas/optimizer.ts";
import type { HostTensors } from "../core/run-events.ts";
import { createAdam } from "./adam.ts";
import { createAdamw } from "./adamw.ts";
import { createLion } from "./lion.ts";
import { createSgd } from "./sgd.ts";

/** What an optimizer must know of a parameter; `ParameterSpec` of a model has it. */
export interface OptimizedParameter {
  readonly name: string;
  /** Weight decay (or the L2 penalty) acts on it. */
  readonly decay: boolean;
}

/** Everything that one update reads and writes. All of it belongs to the update, which may overwrite any of it. */
export interface OptimizerTensors {
  /** Overwritten with the new values. */
  readonly parameters: HostTensors;
  /** By parameter name; holds no useful values afterwards. */
  readonly gradients: HostTensors;
  /** From `init`, by `<slot>/<parameter name>`; overwritten. */
  readonly state: HostTensors;
}

export interface UpdateAt {
  /** Optimizer step, from 1. */
  readonly step: number;
  /** Of this step, after the schedule. */
  readonly learningRate: number;
}

export interface Optimizer {
  /** The first state: zeros, one tensor a slot and parameter, named `<slot>/<parameter name>`. */
  readonly init: (parameters: HostTensors) => HostTensors;
  readonly update: (tensors: OptimizerTensors, at: UpdateAt) => void;
  /** `update` only reads the gradients, so that they can be looked at after it. */
  readonly keepsGradients?: boolean;
}

/**
 * The optimizer that a config asks for.
 * @param config - `optimizer` of a resolved config.
 * @param parameters - Of the model, in its order.
 */
export function createOptimizer(
  config: AdamConfig | AdamwConfig | LionConfig | SgdConfig,
  parameters: readonly OptimizedParameter[],
): Optimizer {
  return { ...optimizerOf(config, parameters), keepsGradients: true };
}

function optimizerOf(
  config: AdamConfig | AdamwConfig | LionConfig | SgdConfig,
  parameters: readonly OptimizedParameter[],
): Optimizer {
  switch (config.kind) {
    case "adam":
      return createAdam(config, parameters);
    case "adamw":
      return createAdamw(config, parameters);
    case "lion":
      return createLion(config, parameters);
    case "sgd":
      return createSgd(config, parameters);
  }
}

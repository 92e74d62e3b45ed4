/** One of a model's equal layers, with gradient checkpointing where the run asks for it. */
import { recomputed } from "../backend/operations-recompute.ts";
import type { Parameters, Tensor } from "../backend/tensor.ts";
import type { Mode } from "./model.ts";

/** Where a layer stands in a model. */
export interface LayerPlace {
  readonly mode: Mode;
  /** All parameters of the model. */
  readonly parameters: Parameters;
  /** What the names of the layer's parameters begin with, to the last dot: `transformer.h.1.`. */
  readonly prefix: string;
}

/**
 * The output of a layer.
 * @param input - What the layer before it gave.
 * @param compute - The layer as a function of its input and of its own parameters alone; may be called twice.
 */
export function checkpointedLayer(
  { mode, parameters, prefix }: LayerPlace,
  input: Tensor,
  compute: (input: Tensor, parameters: Parameters) => Tensor,
): Tensor {
  if (mode.kind === "evaluate" || mode.gradientCheckpointing !== true) {
    return compute(input, parameters);
  }
  const own = new Map([...parameters].filter(([name]) => name.startsWith(prefix)));
  return recomputed(input, own, compute);
}

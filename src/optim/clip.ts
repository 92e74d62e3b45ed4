/** Clipping gradients by their global norm. */
import type { HostTensors } from "../core/run-events.ts";
import { scaleInPlace, squaredNorms } from "../backend/updates.ts";
import { floats } from "./slots.ts";

/** The L2 norm over all elements of all gradients, summed in double precision in the order of the map. */
export function globalNorm(gradients: HostTensors): number {
  const arrays = Array.from(gradients.keys(), (name) => floats(gradients, name));
  let sum = 0;
  for (const norm of squaredNorms(arrays)) sum += norm;
  return Math.sqrt(sum);
}

/** Added to the norm before dividing, as PyTorch does. */
const smallest = 1e-6;

interface Clipping {
  /** From `globalNorm`; must be finite. */
  readonly norm: number;
  readonly maxGradNorm: number;
}

/** Whether gradients of this norm are scaled. */
export function isClipped(clipping: Clipping): boolean {
  return clippingFactor(clipping) < 1;
}

function clippingFactor({ norm, maxGradNorm }: Clipping): number {
  return maxGradNorm / (norm + smallest);
}

/**
 * Scales all gradients in place so that their global norm is at most `maxGradNorm`; shorter ones stay as they are.
 * @see Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
 */
export function clipGradients(gradients: HostTensors, clipping: Clipping): void {
  if (!isClipped(clipping)) return;
  const factor = clippingFactor(clipping);
  for (const name of gradients.keys()) scaleInPlace(floats(gradients, name), factor);
}

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

/**
 * Scales all gradients in place so that their global norm is at most `maxGradNorm`; shorter ones stay as they are.
 * @param norm - From `globalNorm`; must be finite.
 * @see Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
 */
export function clipGradients(
  gradients: HostTensors,
  { norm, maxGradNorm }: { readonly norm: number; readonly maxGradNorm: number },
): void {
  const factor = maxGradNorm / (norm + smallest);
  if (factor >= 1) return;
  for (const name of gradients.keys()) scaleInPlace(floats(gradients, name), factor);
}

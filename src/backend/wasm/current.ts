/** The backend `wasm` of this process while it is of use: its memory holds what training keeps, and mostly the tensors too. */
import type { LockstepBackend } from "./backend.ts";

let current: LockstepBackend | undefined;
let holdsTensors = false;

/**
 * Called by `prepare.ts` alone.
 * @param options - Whether tensors live in it too; else it only holds what training keeps, and updates it.
 */
export function setCurrentBackend(
  backend: LockstepBackend | undefined,
  options: { readonly holdsTensors: boolean } = { holdsTensors: backend !== undefined },
): void {
  current = backend;
  holdsTensors = options.holdsTensors;
}

/** The one that holds what training keeps; undefined where that lies in ordinary arrays. */
export function currentBackend(): LockstepBackend | undefined {
  return current;
}

/** The one that tensors live on; undefined while another backend is in use. */
export function tensorBackend(): LockstepBackend | undefined {
  return holdsTensors ? current : undefined;
}

/** The backend `wasm` of this process while it is of use: its memory holds what training keeps, and mostly the tensors too. */
import type { LockstepBackend } from "./backend.ts";

let current: LockstepBackend | undefined;
let holdsTensors = false;
let mayRunAhead = false;

/** What else a process uses the backend for that holds what training keeps. */
export interface UseOfCurrent {
  /** Tensors live in it too. */
  readonly holdsTensors: boolean;
  /** Kernels may be done while JavaScript goes on: whoever looks at its memory waits for them. */
  readonly mayRunAhead: boolean;
}

/**
 * Called by `prepare.ts` alone.
 * @param use - Everything, by default.
 */
export function setCurrentBackend(
  backend: LockstepBackend | undefined,
  use: UseOfCurrent = { holdsTensors: true, mayRunAhead: true },
): void {
  current = backend;
  ({ holdsTensors, mayRunAhead } = use);
}

/** The one that holds what training keeps; undefined where that lies in ordinary arrays. */
export function currentBackend(): LockstepBackend | undefined {
  return current;
}

/** The one that tensors live on; undefined while another backend is in use. */
export function tensorBackend(): LockstepBackend | undefined {
  return holdsTensors ? current : undefined;
}

/** The one whose kernels may be done while JavaScript goes on. */
export function aheadBackend(): LockstepBackend | undefined {
  return mayRunAhead ? current : undefined;
}

/** The backend `wasm` of this process while it is the one in use. */
import type { LockstepBackend } from "./backend.ts";

let current: LockstepBackend | undefined;

/** Called by `prepare.ts` alone. */
export function setCurrentBackend(backend: LockstepBackend | undefined): void {
  current = backend;
}

/** Undefined while another backend is in use. */
export function currentBackend(): LockstepBackend | undefined {
  return current;
}

/**
 * Which backend the runs of this process compute on. TensorFlow.js has one for all of them: a run that starts on another one
 * would take it from those that are under way, which would go on with other bits.
 */
import { getBackend } from "@tensorflow/tfjs-core";
import { ExpError } from "../core/errors.ts";
import type { BackendName } from "./choose.ts";

let heldName: BackendName | undefined;
let numHolders = 0;

/**
 * Keeps all others to this backend, until what it gives back is called.
 * @throws {ExpError} as `refuseOtherBackend` does.
 */
export function holdBackend(name: BackendName): () => void {
  refuseOtherBackend(name);
  heldName = name;
  numHolders++;
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    numHolders--;
  };
}

/**
 * Asks whether a backend may be made the active one.
 * @throws {ExpError} `usage` where somebody holds another.
 */
export function refuseOtherBackend(name: BackendName): void {
  if (numHolders === 0 || heldName === undefined || heldName === name) return;
  throw new ExpError(
    "usage",
    `The backend ${name} cannot be used while a run of this process is under way on ${heldName}: ` +
      "one process computes on one backend at a time.",
    {
      hint: "Await that run first, or give its own processes to one of them: run(file, { jobs: 1 }).",
    },
  );
}

/**
 * Asks whether a run still computes where it began to.
 * @throws {ExpError} `training` where the active backend is another.
 */
export function refuseLostBackend(name: BackendName): void {
  const active = getBackend();
  if (active === name) return;
  throw new ExpError(
    "training",
    `The run computes on the backend ${name}, and code in this process made ${active} the active one.`,
    {
      hint: "Leave out tf.setBackend() while a run is under way; `backend` in the config chooses.",
    },
  );
}

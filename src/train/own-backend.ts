/** The backend of a run, which no other run of the process may take away while it lasts. */
import { chooseBackend } from "../backend/choose.ts";
import { holdBackend, refuseLostBackend } from "../backend/held.ts";
import type { AmbientSeal } from "./ambient-seal.ts";

/** A seal whose work is done on the run's own backend only. */
export interface OwnBackend {
  readonly seal: AmbientSeal;
  /** Lets other backends in; to be called when the run is over, however it ends. */
  readonly release: () => void;
}

/**
 * Holds the backend of a run, before it is prepared.
 * @param requested - As `RunInputs.backend`.
 * @param seal - Of the run: each of its pieces of work is one that computes.
 * @returns A seal that throws `training` (ExpError) where another backend is active before or after a piece of work.
 * @throws {ExpError} `usage` while another run of the process is under way on another backend.
 */
export function holdOwnBackend(requested: string, seal: AmbientSeal): OwnBackend {
  const { backend } = chooseBackend(requested);
  const release = holdBackend(backend);
  const run = <Result>(work: () => Result): Result => {
    refuseLostBackend(backend);
    try {
      return seal.run(work);
    } finally {
      refuseLostBackend(backend); // a model's own code may have changed it; what it threw then is a consequence
    }
  };
  return { seal: { ...seal, run }, release };
}

/**
 * The seal on `Math.random` around each piece of a run's work. A generator function cannot run inside one callback, and
 * its consumer must not be sealed; so the seal is entered and left for each piece, and the seeded generator's state is
 * carried from piece to piece.
 */
import type { TrainingConfig } from "../../schemas/training.ts";
import type { JsonObject } from "../core/json.ts";
import { ambientState, withSealedRandomness, type AmbientState } from "../random/seal.ts";

export interface AmbientSeal {
  /** Runs a piece of work, which is synchronous so that nobody else's code can run inside the seal. */
  readonly run: <Result>(work: () => Result) => Promise<Result>;
  /** Where the generator stands, for checkpoints; `null` where ambient randomness is forbidden. */
  readonly state: () => JsonObject | null;
}

/** The seal that a config asks for, with its generator at the beginning. */
export function createAmbientSeal({
  ambientRandomness,
  seed,
}: Pick<TrainingConfig, "ambientRandomness" | "seed">): AmbientSeal {
  let state: AmbientState | undefined;
  return {
    run: (work) =>
      withSealedRandomness(
        ambientRandomness === "seeded" ? { seed, state } : "forbidden",
        async () => {
          const result = work();
          state = ambientState();
          return result;
        },
      ),
    state: () => (state === undefined ? null : { i: state.i, j: state.j, S: [...state.S] }),
  };
}

/**
 * The seal on `Math.random` around each piece of a run's work. A generator function cannot run inside one callback, and
 * its consumer must not be sealed; so the seal is entered and left for each piece, and the seeded generator goes on from
 * piece to piece.
 */
import type { TrainingConfig } from "../../schemas/training.ts";
import type { JsonObject } from "../core/json.ts";
import {
  ambientState,
  prepareSeal,
  restoreAmbientState,
  sealRandomness,
  withSealedRandomness,
  type AmbientState,
} from "../random/seal.ts";

export interface AmbientSeal {
  /** Runs a piece of work, which is synchronous so that nobody else's code can run inside the seal. */
  readonly run: <Result>(work: () => Result) => Result;
  /**
   * Loads data under the seal, from which code that runs meanwhile is spared. A seeded generator of its own begins anew
   * each time: a run that goes on from a checkpoint loads what it loaded before.
   */
  readonly load: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Where the generator stands, for checkpoints; `null` where ambient randomness is forbidden. */
  readonly state: () => (JsonObject & AmbientState) | null;
  /**
   * Lets a seeded generator go on from a state.
   * @throws {ExpError} `store` for a state that is none.
   */
  readonly restore: (state: AmbientState) => void;
}

/** The seal that a config asks for, with its generator at the beginning. */
export async function createAmbientSeal({
  ambientRandomness,
  seed,
}: Pick<TrainingConfig, "ambientRandomness" | "seed">): Promise<AmbientSeal> {
  const isSeeded = ambientRandomness === "seeded";
  const sealed = await prepareSeal(isSeeded ? { seed } : "forbidden");
  return {
    run: (work) => sealRandomness(sealed, work),
    load: (work) =>
      withSealedRandomness(isSeeded ? { seed, purpose: "ambient/data" } : "forbidden", work),
    state: () => {
      const state = sealRandomness(sealed, ambientState);
      return state === undefined ? null : { i: state.i, j: state.j, S: [...state.S] };
    },
    restore: (state) => {
      sealRandomness(sealed, () => {
        restoreAmbientState(state);
      });
    },
  };
}

/**
 * Two seals on ambient inputs. `withSealedRandomness` stands while a run computes: everything random must come from a
 * named stream. `sealAmbient` stands while experiment modules are evaluated: the same file must give the same config
 * whenever and wherever it is evaluated.
 */
import { ExpError, InternalError } from "../core/errors.ts";
import { createStreams } from "./streams.ts";
import { ambientReplacements } from "./seal-ambient.ts";
import { callerPlace, projectPlace } from "./seal-caller.ts";

/** Where the seeded generator behind `Math.random` stands: plain data, made to be part of a checkpoint. */
export interface AmbientState {
  readonly i: number;
  readonly j: number;
  readonly S: readonly number[];
}

/** `Math.random` throws, or is a generator that the root seed starts, or that goes on from a state. */
export type RandomnessMode =
  "forbidden" | { readonly seed: number; readonly state?: AmbientState | undefined };

type SealedRandom = (() => number) & { readonly [sealedMark]: () => AmbientState | undefined };

/** On the function itself, so that two copies of this module agree on what is sealed. */
const sealedMark = Symbol.for("lockstep.sealed-random/1");

/** The purpose whose key seeds the generator behind `Math.random`. */
const ambientPurpose = "ambient";

/**
 * What `body` gives back, with `Math.random` replaced while it runs. Also when it throws, the original is put back.
 * TensorFlow.js draws from `Math.random` wherever it is given no seed (or seed 0), so this finds those places.
 * @throws {ExpError} `training`, from within `body`, where `Math.random` is called and the mode is `forbidden`.
 * @throws {ExpError} `config` for a seed that is no integer from 0 to 2^53 - 1, `store` for a state that is none.
 * @throws {InternalError} when another sealed body is still running: the two would put back each other's function.
 */
export async function withSealedRandomness<T>(
  mode: RandomnessMode,
  body: () => Promise<T>,
): Promise<T> {
  const sealed = mode === "forbidden" ? forbiddenRandom() : await seededRandom(mode);
  if (sealedMark in Math.random) throw new InternalError("Math.random is already sealed");
  const original = Math.random;
  Math.random = sealed;
  try {
    return await body();
  } finally {
    Math.random = original;
  }
}

/** The state of the generator behind `Math.random`, or `undefined` where it is not a seeded one of ours. */
export function ambientState(): AmbientState | undefined {
  const random: (() => number) & Partial<SealedRandom> = Math.random;
  return random[sealedMark]?.();
}

function forbiddenRandom(): SealedRandom {
  const random = (): number => {
    const place = callerPlace(random);
    throw new ExpError("training", `Math.random was called while the run computes${place}.`, {
      hint: 'Draw from a named stream, or ask for ambientRandomness: "seeded" in the task\'s config.',
    });
  };
  return Object.assign(random, { [sealedMark]: () => undefined });
}

async function seededRandom(mode: Exclude<RandomnessMode, "forbidden">): Promise<SealedRandom> {
  const { default: seedrandom } = await import("seedrandom"); // takes 7 ms, and few runs need it
  const key = createStreams(mode.seed).stream(ambientPurpose).key;
  const generator = seedrandom(key.join("/"), {
    state: mode.state === undefined ? true : checkedState(mode.state),
  });
  return Object.assign(() => generator(), { [sealedMark]: () => generator.state() });
}

/** The generator is ARC4: two places in a permutation of the bytes. Anything else would make it repeat itself. */
function checkedState({ i, j, S }: AmbientState): { i: number; j: number; S: number[] } {
  const isSound = [i, j, ...S].every(isByte) && S.length === 256 && new Set(S).size === 256;
  if (isSound) return { i, j, S: [...S] };
  throw new ExpError("store", "The stored state of the ambient generator is broken.", {
    hint: "Its checkpoint is damaged; use another one.",
  });
}

function isByte(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;
}

/**
 * Seals the clock, randomness and the environment against code of a project, until the function that it gives back is
 * called: `Math.random`, `new Date()`, `Date()`, `Date.now`, `performance.now`, `process.hrtime`, `process.env`, and
 * the random functions of `crypto`. Who calls decides: only where the nearest file on the stack lies in the project,
 * and neither in a `node_modules` nor in Lockstep, does a call throw; packages get the real thing. Whoever keeps a
 * sealed function beyond the end gets the real thing as well.
 * @param project - `projectDirectory`: absolute and without symbolic links, as stack traces name files.
 * @returns Opens the seal; a second call does nothing.
 * @throws {ExpError} `module`, from within the sealed functions, with file and line of the call.
 */
export function sealAmbient(project: { readonly projectDirectory: string }): () => void {
  let isSealed = true;
  const { projectDirectory } = project;
  return ambientReplacements({
    guard: (what, above) => {
      if (!isSealed) return;
      const place = projectPlace(projectDirectory, above);
      if (place === undefined) return;
      throw new ExpError("module", `${place}: ${what} was used while the module is evaluated.`, {
        hint:
          "A module of the project must give the same config whenever and wherever it is evaluated: " +
          "write the value down, or set it on the command line.",
      });
    },
    onOpen: () => {
      isSealed = false;
    },
  });
}

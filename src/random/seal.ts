/**
 * Two seals on ambient inputs. `sealRandomness` (and, for work that waits, `withSealedRandomness`) stands while a run
 * computes: everything random must come from a named stream. `sealAmbient` stands while experiment modules are evaluated: the same file must give the same config
 * whenever and wherever it is evaluated.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { ExpError } from "../core/errors.ts";
import { createStreams } from "./streams.ts";
import { ambientReplacements } from "./seal-ambient.ts";
import { callerPlace, projectPlace } from "./seal-caller.ts";

/** Where the seeded generator behind `Math.random` stands: plain data, made to be part of a checkpoint. */
export interface AmbientState {
  readonly i: number;
  readonly j: number;
  readonly S: readonly number[];
}

/**
 * `Math.random` throws, or is a generator that the root seed starts, or that goes on from a state. Another `purpose`
 * starts another generator.
 */
export type RandomnessMode =
  | "forbidden"
  | {
      readonly seed: number;
      readonly purpose?: string;
      readonly state?: AmbientState | undefined;
    };

/** What stands in for `Math.random`; a seeded one goes on from piece to piece of the work that it is put around. */
export type SealedRandom = (() => number) & {
  readonly [sealedMark]: () => AmbientState | undefined;
  /** Draws on behalf of `above`, the function that the code in question called. */
  readonly [drawMark]: (above: () => number) => number;
  /** Goes on from a state; without one, and where nothing is seeded, it does nothing. */
  readonly [restoreMark]: (state: AmbientState) => void;
};

/** On the function itself, so that two copies of this module agree on what is sealed. */
const sealedMark: unique symbol = Symbol.for("lockstep.sealed-random/1");
const drawMark: unique symbol = Symbol.for("lockstep.sealed-random-draw/1");
const restoreMark: unique symbol = Symbol.for("lockstep.sealed-random-restore/1");

/** The purpose whose key seeds the generator behind `Math.random`, unless the mode names another. */
const ambientPurpose = "ambient";

/**
 * Makes what `sealRandomness` puts in the place of `Math.random`; `mode` decides what it does.
 * @throws {ExpError} `config` for a seed that is no integer from 0 to 2^53 - 1, `store` for a state that is none.
 */
export async function prepareSeal(mode: RandomnessMode): Promise<SealedRandom> {
  return mode === "forbidden" ? forbiddenRandom() : seededRandom(mode);
}

/**
 * What `work` gives back, with `Math.random` replaced while it runs. `work` is synchronous, so nobody else's code runs
 * meanwhile; whatever was in its place comes back, also when `work` throws.
 * TensorFlow.js draws from `Math.random` wherever it is given no seed (or seed 0), so this finds those places.
 * @throws {ExpError} `training`, from within `work`, where `Math.random` is called and is forbidden.
 */
export function sealRandomness<T>(sealed: SealedRandom, work: () => T): T {
  const before = Math.random;
  Math.random = sealed;
  try {
    return work();
  } finally {
    Math.random = before;
  }
}

/**
 * As `sealRandomness`, for work that has to wait. Only what `body` itself calls and waits for is sealed: other code that
 * runs in between draws from the real `Math.random`, or from the seal of a body of its own.
 * @throws {ExpError} `training`, from within `body`, where `Math.random` is called and the mode is `forbidden`.
 * @throws {ExpError} `config` for a seed that is no integer from 0 to 2^53 - 1, `store` for a state that is none.
 */
export async function withSealedRandomness<T>(
  mode: RandomnessMode,
  body: () => Promise<T>,
): Promise<T> {
  // Waits: from here on this is never in the middle of synchronous sealed work, which would be taken for the original.
  const sealed = await prepareSeal(mode);
  const shared = sharedSeal();
  shared.numBodies++;
  try {
    return await shared.bodies.run(sealed, body);
  } finally {
    shared.numBodies--;
    // Where somebody else has replaced it meanwhile, theirs stays: ours, beneath it, lets everybody through.
    if (shared.numBodies === 0 && Math.random === shared.random) Math.random = shared.original;
  }
}

/** The state of the generator behind `Math.random`, or `undefined` where it is not a seeded one of ours. */
export function ambientState(): AmbientState | undefined {
  const random: (() => number) & Partial<SealedRandom> = Math.random;
  return random[sealedMark]?.();
}

/**
 * Lets the generator behind `Math.random` go on from a state; where it is not a seeded one of ours, nothing happens.
 * @throws {ExpError} `store` for a state that is none.
 */
export function restoreAmbientState(state: AmbientState): void {
  const random: (() => number) & Partial<SealedRandom> = Math.random;
  random[restoreMark]?.(state);
}

/** All bodies of `withSealedRandomness` that are running, each with a seal of its own. */
interface SharedSeal {
  readonly bodies: AsyncLocalStorage<SealedRandom>;
  readonly original: () => number;
  readonly random: () => number;
  numBodies: number;
}

const sharedMark = Symbol.for("lockstep.shared-seal/1");

type SharedRandom = (() => number) & { readonly [sharedMark]: SharedSeal };

/** The one that stands in `Math.random`, or a new one put there: it asks which body is calling. */
function sharedSeal(): SharedSeal {
  const original: (() => number) & Partial<SharedRandom> = Math.random;
  const standing = original[sharedMark];
  if (standing !== undefined) return standing;
  const bodies = new AsyncLocalStorage<SealedRandom>();
  const random = (): number => {
    const sealed = bodies.getStore();
    return sealed === undefined ? original() : sealed[drawMark](random);
  };
  const shared: SharedSeal = { bodies, original, random, numBodies: 0 };
  Math.random = Object.assign(random, {
    [sealedMark]: () => bodies.getStore()?.[sealedMark](),
    [restoreMark]: (state: AmbientState) => bodies.getStore()?.[restoreMark](state),
    [sharedMark]: shared,
  });
  return shared;
}

function forbiddenRandom(): SealedRandom {
  const draw = (above: () => number): never => {
    const place = callerPlace(above);
    throw new ExpError("training", `Math.random was called while the run computes${place}.`, {
      hint: 'Draw from a named stream, or ask for ambientRandomness: "seeded" in the task\'s config.',
    });
  };
  const random = (): number => draw(random);
  return Object.assign(random, {
    [sealedMark]: () => undefined,
    [drawMark]: draw,
    [restoreMark]: () => undefined,
  });
}

async function seededRandom(mode: Exclude<RandomnessMode, "forbidden">): Promise<SealedRandom> {
  const { default: seedrandom } = await import("seedrandom"); // takes 7 ms, and few runs need it
  const key = createStreams(mode.seed).stream(mode.purpose ?? ambientPurpose).key;
  const start = (state: AmbientState | undefined) =>
    // its type is seedrandom's own
    seedrandom(key.join("/"), { state: state === undefined ? true : checkedState(state) });
  let generator = start(mode.state);
  const draw = (): number => generator();
  return Object.assign(() => draw(), {
    [sealedMark]: () => generator.state(),
    [drawMark]: draw,
    [restoreMark]: (state: AmbientState) => {
      generator = start(state);
    },
  });
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

/** What to write in place of an ambient input. */
function insteadOf(what: string): string {
  const variable = /^process\.env\.(\w+)$/.exec(what)?.[1];
  if (variable !== undefined)
    return `use env("${variable}", fallback), which records what it reads.`;
  return "write the value down, set it on the command line, or pin it with external(key, fetch).";
}

/**
 * Seals the clock, randomness, the environment and the machine against code of a project, until the function that it
 * gives back is called: `Math.random`, `new Date()`, `Date()`, `Date.now`, `performance.now`, `process.env`, the random
 * functions of `crypto`, `node:os`, facts of `process` (`pid`, `platform`, `cwd()`, `hrtime`, `memoryUsage`, …), other
 * programs (`child_process`) and `fetch`. Directory listings come in code-unit order. Who calls decides: only where the nearest file on the stack lies in the project,
 * and neither in a `node_modules` nor in Lockstep, does a call throw; packages get the real thing. Whoever keeps a
 * sealed function beyond the end gets the real thing as well.
 * @param project - `projectDirectory`: absolute and without symbolic links, as stack traces name files.
 *   `reverseListings`: folders list their files the other way round to everybody else, to find who relies on it.
 * @returns Opens the seal; a second call does nothing.
 * @throws {ExpError} `module`, from within the sealed functions, with file and line of the call.
 */
export function sealAmbient(project: {
  readonly projectDirectory: string;
  readonly reverseListings?: boolean;
}): () => void {
  let isSealed = true;
  const { projectDirectory, reverseListings = false } = project;
  return ambientReplacements({
    guard: (what, above) => {
      if (!isSealed) return;
      const place = projectPlace(projectDirectory, above);
      if (place === undefined) return;
      throw new ExpError("module", `${place}: ${what} was used while the module is evaluated.`, {
        hint:
          "A module of the project must give the same config whenever and wherever it is evaluated: " +
          insteadOf(what),
      });
    },
    reverseListings,
    isProject: (above) => isSealed && projectPlace(projectDirectory, above) !== undefined,
    onOpen: () => {
      isSealed = false;
    },
  });
}

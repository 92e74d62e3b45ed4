/** Two processes at one store, on a disk in memory: one acts before one call of the other or the next. */
import { isExpError } from "../../../src/core/errors.ts";
import { createDisk } from "../../crash/simulated-disk.ts";
import type { FileOperations, FileStatus } from "../../../src/store/file-operations.ts";
import { createFileSystem, type FileSystem } from "../../../src/store/file-system.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore, type Store } from "../../../src/store/store.ts";

export const folder = "/project/runs";

/** A store that two living processes use. */
export interface SharedStore {
  readonly store: Store;
  readonly files: FileSystem;
}

export interface Played<Made, Result> {
  /** Before which call of `look` the other one acted. */
  readonly call: number;
  readonly shared: SharedStore;
  readonly made: Made;
  readonly result: Result;
}

interface Play<Made, Result> {
  readonly prepare: (shared: SharedStore) => Made;
  readonly look: (shared: SharedStore, made: Made) => Result;
  readonly act: (shared: SharedStore, made: Made) => void;
  /** Comes some calls later, where `look` is not over by then. */
  readonly actAgain?: (shared: SharedStore, made: Made) => void;
}

/**
 * A store of a living process.
 * @param pause - In place of waiting.
 * @param before - Called before each call to the disk.
 */
export function sharedStore(
  pause: (milliseconds: number) => void = () => undefined,
  before: () => void = () => undefined,
): SharedStore {
  const files = createFileSystem(watched(createDisk().operations, before));
  return { files, store: openStore(folder, { files, process: currentProcess(), pause }) };
}

/** All folders were changed a moment ago, as on a real disk where processes are at work. */
function watched(operations: FileOperations, before: () => void): FileOperations {
  const status = (path: string): FileStatus | undefined => {
    const found = operations.status(path);
    return found?.kind === "directory" ? { ...found, changedMs: Date.now() } : found;
  };
  return new Proxy(
    { ...operations, status },
    {
      get: (target, name, receiver): unknown => {
        before(); // a method is looked up when it is called
        return Reflect.get(target, name, receiver);
      },
    },
  );
}

/** What an error says to the user, `undefined` where there is none. */
export function errorIn(body: () => unknown): string | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    if (isExpError(error)) return error.message;
    throw error;
  }
}

/** From something that was there a moment ago to what is done about its absence. */
const numCallsBetween = 8;

/** Of the calls one in so many; what is taken for something else is so for several of them. */
const stride = process.env["CRASH"] === "full" ? 1 : 3;

/**
 * Plays `act` before the calls of `look`, on a fresh disk each time, and shows what came of it.
 * @returns How many calls there were.
 */
export function everywhere<Made, Result>(
  { prepare, look, act, actAgain }: Play<Made, Result>,
  show: (played: Played<Made, Result>) => void,
): number {
  for (let call = 0; ; call += stride) {
    let numCalls = Infinity;
    let hasActed = false;
    const before = (): void => {
      const isAgain = numCalls === call + numCallsBetween;
      if (numCalls++ !== call && !isAgain) return;
      const next = numCalls;
      numCalls = Infinity; // its own calls do not count
      hasActed = true;
      if (isAgain) actAgain?.(shared, made);
      else act(shared, made);
      numCalls = next;
    };
    const shared = sharedStore(undefined, before);
    const made = prepare(shared);
    numCalls = 0;
    const result = look(shared, made);
    numCalls = Infinity;
    if (!hasActed) return call;
    show({ call, shared, made, result });
  }
}

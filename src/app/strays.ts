/**
 * Errors that nobody waits for: a rejected promise that was dropped, a throw inside a timer. Node would end the process
 * with a stack trace; here the run whose code they come from fails, and the others go on. Whose code it is says the
 * asynchronous context, also when the run is over.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { ExpError } from "../core/errors.ts";
import { scrub } from "../core/secrets.ts";
import { thrownMessage } from "../core/thrown.ts";

/** An error, wrapped so that `undefined` may be one. */
export interface Stray {
  readonly error: unknown;
}

/** Hands over the stray errors of one stretch of work. */
export interface StrayErrors {
  /** Does the work of one run: the strays of all that it starts, now or later, are its own. */
  during<Result>(name: string, work: (own: OwnStrays) => Promise<Result>): Promise<Result>;
  /** The first stray since the last call whose origin is unknown. */
  take(): Stray | undefined;
  /** Those that came after their run was over, and have not been asked for yet. */
  takeLate(): readonly LateStray[];
}

/** The strays of a run that is on. */
export interface OwnStrays {
  /** The first stray of this run since the last call, or else of unknown origin. */
  take(): Stray | undefined;
}

/** A stray of a run that is over, or of a hook: nobody's failure. */
export interface LateStray extends Stray {
  /** Of the run, as `during` was told it, or whose the hook is. */
  readonly name: string;
  readonly isHook: boolean;
}

/** Catches strays until `release`. */
export interface StrayWatch extends StrayErrors {
  release(): void;
}

/** A run or a hook, as the asynchronous context of its code knows it. */
interface Owner {
  readonly name: string;
  readonly isHook: boolean;
  isOver: boolean;
  first: Stray | undefined;
}

const owners = new AsyncLocalStorage<Owner>();

interface Watch {
  unknown: Stray | undefined;
  late: LateStray[];
}

/** The run or hook in whose asynchronous context this is called; also after its end. */
export function ownerOfContext(): Pick<LateStray, "name" | "isHook"> | undefined {
  const owner = owners.getStore();
  return owner && { name: owner.name, isHook: owner.isHook };
}

/** Calls a hook: an error that it lets nobody wait for is told, and fails no run; `process.exit` in it throws. */
export function inHook<Result>(from: string, call: () => Result): Result {
  return owners.run({ name: from, isHook: true, isOver: true, first: undefined }, call);
}

/** What there is to say about a stray of a run that is over, or of a hook. */
export function lateText({ name, isHook, error }: LateStray): string {
  const text = scrub(thrownMessage(error));
  if (isHook) return `onEvent of ${name} let an error go that nobody waited for: ${text}`;
  return `after the run ${name} was over, an error came that nobody waited for: ${text}`;
}

/** Starts to catch. The listeners come first, so that no other listener ends the process before. */
export function watchStrays(): StrayWatch {
  const watch: Watch = { unknown: undefined, late: [] };
  const listener = (error: unknown): void => note(watch, owners.getStore(), { error });
  process.prependListener("unhandledRejection", listener);
  process.prependListener("uncaughtException", listener);
  const take = (): Stray | undefined => {
    const taken = watch.unknown;
    watch.unknown = undefined;
    return taken;
  };
  return {
    take,
    takeLate: () => watch.late.splice(0),
    during: async (name, work) => {
      const owner: Owner = { name, isHook: false, isOver: false, first: undefined };
      const takeOwn = (): Stray | undefined => {
        const taken = owner.first;
        owner.first = undefined;
        return taken ?? take();
      };
      try {
        return await owners.run(owner, () => work({ take: takeOwn }));
      } finally {
        owner.isOver = true;
      }
    },
    release: () => {
      process.off("unhandledRejection", listener);
      process.off("uncaughtException", listener);
    },
  };
}

function note(watch: Watch, owner: Owner | undefined, stray: Stray): void {
  if (owner === undefined) watch.unknown ??= stray;
  else if (owner.isOver) watch.late.push({ name: owner.name, isHook: owner.isHook, ...stray });
  else owner.first ??= stray;
}

/**
 * Lets the code of a run that calls `process.exit` fail its run, where it would end all runs after it as well. Code that is
 * no run's ends the process as ever.
 * @returns Takes the guard away.
 */
export function guardExit(): () => void {
  const exit = process.exit.bind(process);
  const guarded = (code?: number | string | null): never => {
    const owner = owners.getStore();
    if (owner === undefined) return exit(code);
    const error = exitError(owner.isHook ? `onEvent of ${owner.name}` : "The task", code);
    if (!owner.isOver) owner.first ??= { error }; // the task may catch what is thrown
    throw error;
  };
  process.exit = guarded;
  return () => {
    if (process.exit === guarded) process.exit = exit;
  };
}

function exitError(who: string, code: number | string | null | undefined): ExpError {
  return new ExpError("training", `${who} called process.exit(${code ?? ""}).`, {
    hint: "Return the figures where all is well, and throw an error where it is not.",
  });
}

/**
 * Errors that nobody waits for: a rejected promise that was dropped, a throw inside a timer. Node would end the process
 * with a stack trace; here the run in whose time they come fails, and the others go on.
 */

/** Hands over the stray errors of one stretch of work. */
export interface StrayErrors {
  /** The first stray error since the last call, wrapped so that `undefined` may be one. */
  take(): { readonly error: unknown } | undefined;
}

/** Catches strays until `release`. */
export interface StrayWatch extends StrayErrors {
  release(): void;
}

/** Starts to catch. The listeners come first, so that no other listener ends the process before. */
export function watchStrays(): StrayWatch {
  let first: { readonly error: unknown } | undefined;
  const listener = (error: unknown): void => {
    first ??= { error };
  };
  process.prependListener("unhandledRejection", listener);
  process.prependListener("uncaughtException", listener);
  return {
    take: () => {
      const taken = first;
      first = undefined;
      return taken;
    },
    release: () => {
      process.off("unhandledRejection", listener);
      process.off("uncaughtException", listener);
    },
  };
}

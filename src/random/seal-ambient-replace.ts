/** Putting something in the place of a function for a while. */
import type { Callable } from "../core/stack-frames.ts";

export interface AmbientGuard {
  /** Throws where this use is not allowed; `above` is the function that the caller in question called. */
  readonly guard: (what: string, above: Callable) => void;
  /** Tells whether code of the project called `above`; false once the seal is open. */
  readonly isProject: (above: Callable) => boolean;
  /** Whoever is not the project gets listings the other way round. */
  readonly reverseListings: boolean;
  /** Called when the seal is opened. */
  readonly onOpen: () => void;
}

type Guard = AmbientGuard["guard"];

/** Sets an own property, and gives back what undoes it: the old property, or none where it was inherited. */
export function replaceFunction(holder: object, name: string, value: object): () => void {
  const previous = Object.getOwnPropertyDescriptor(holder, name);
  const enumerable = previous?.enumerable ?? false;
  Object.defineProperty(holder, name, { value, writable: true, configurable: true, enumerable });
  return () => {
    if (Reflect.get(holder, name) !== value) return;
    if (previous === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, previous);
  };
}

/** A proxy, so that name, length and members stay, and `this` arrives unchanged. */
export function guardedFunction<F extends Callable>(original: F, what: string, guard: Guard): F {
  const apply = (target: F, self: unknown, args: never[]): unknown => {
    guard(what, apply);
    return Reflect.apply(target, self, args) as unknown;
  };
  return new Proxy(original, { apply });
}

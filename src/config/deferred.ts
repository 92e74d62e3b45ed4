/** Markers for values that this layer does not know: computed later, or said by a later layer. */
import { callSite } from "./call-site.ts";
import { markerOrStandIn } from "./collect-misuses.ts";
import { createMarker } from "./markers.ts";
import type { Deferred, Derived, Fit, Got } from "./marker-types.ts";
import { describeValue, isFunction, misuse } from "./misuse.ts";

/**
 * A value computed from the resolved config, after all layers and overrides. What it reads is found by watching it
 * read, so derived values may build on each other; a cycle is an error.
 * @param compute - Pure; is given the resolved config.
 * @throws {ExpError} `config` where `compute` is not a function.
 * @example warmupSteps: derived((c) => Math.ceil(0.1 * c.training.numSteps))
 */
export function derived<T, C, V = T>(compute: (config: C) => Fit<T, V>): Derived<Got<T, V>, C> {
  const call = callSite(derived);
  const candidate: unknown = compute;
  return markerOrStandIn(call, () => {
    if (!isFunction(candidate)) {
      throw misuse(call, `derived() takes a function, found ${describeValue(candidate)}.`);
    }
    return createMarker({ kind: "derived", compute: candidate, call });
  });
}

/**
 * A value that a later layer or the command line has to give; resolving without it is an error that names this place.
 * @example batchSize: required()
 */
export function required(): Deferred<never> {
  return createMarker({ kind: "required", call: callSite(required) });
}

/**
 * Recorded inputs: values that an experiment takes from outside of its modules. Each is read by Lockstep, never by the
 * module, so that a run can say what was read, and where it was asked for.
 */
import { variableName } from "../core/variables.ts";
import { callSite } from "./call-site.ts";
import { markerOrStandIn } from "./collect-misuses.ts";
import { createMarker } from "./markers.ts";
import type { Deferred, Fit, Got } from "./marker-types.ts";
import { describeValue, isFunction, misuse } from "./misuse.ts";

/**
 * The value of an environment variable, typed by the field that it stands in as on the command line: a text as it is,
 * `8` for a number, `true` for a boolean, `[64, 32]` for a list. What was read becomes part of the config, counts in its
 * identity, and is stored with the run.
 * @param name - Letters, digits and `_`.
 * @param fallback - Where the variable is not set. Without one, a later layer or the command line has to give a value.
 * @throws {ExpError} `config` for a wrong name, or for a fallback that is no text, number, boolean or null.
 * @example training: { batchSize: env("BATCH_SIZE", 32) }
 */
export function env<T, const V extends string | number | boolean | null = never>(
  name: string,
  fallback?: Fit<T, V>,
): Deferred<Got<T, V>> {
  const call = callSite(env);
  const given: { readonly name: unknown; readonly fallback: unknown } = { name, fallback };
  return markerOrStandIn(call, () => {
    if (typeof given.name !== "string" || !variableName.test(given.name)) {
      const found = describeValue(given.name);
      throw misuse(
        call,
        `env() takes the name of an environment variable (letters, digits and _), found ${found}.`,
      );
    }
    if (given.fallback === undefined) return createMarker({ kind: "env", name, call });
    if (
      given.fallback !== null &&
      !["string", "number", "boolean"].includes(typeof given.fallback)
    ) {
      const found = describeValue(given.fallback);
      throw misuse(
        call,
        `env("${name}"): the fallback is a text, a number, a boolean or null, found ${found}.`,
      );
    }
    return createMarker({ kind: "env", name, fallback: { value: given.fallback }, call });
  });
}

/** What the function that looks an external value up is given. */
export interface FetchContext {
  /** Aborted when the look-up has taken too long. */
  readonly signal: AbortSignal;
}

/**
 * A value that somebody else keeps: the newest revision of a data set, say. It is looked up once, by
 * `exp inputs update FILE`, and pinned in `inputs.lock.json`, which is committed; resolving only ever reads that file.
 * @param key - Under which the value is pinned: a text, the same in all experiments that share the value.
 * @param fetch - Looks the value up, and gives plain data. It may wait, and is not sealed.
 * @throws {ExpError} `config` for a key that is no text, or without a function.
 * @example data: { revision: external("sst2-revision", async () => (await fetch(url)).text()) }
 */
export function external<T, V = T>(
  key: string,
  fetch: (context: FetchContext) => Fit<T, V> | Promise<Fit<T, V>>,
): Deferred<Got<T, V>> {
  const call = callSite(external);
  const given: { readonly key: unknown; readonly fetch: unknown } = { key, fetch };
  return markerOrStandIn(call, () => {
    if (typeof given.key !== "string" || !/^[^\s=\p{C}]{1,200}$/u.test(given.key)) {
      const found = describeValue(given.key);
      throw misuse(
        call,
        `external() takes a key first, a text without blanks and "=", found ${found}.`,
      );
    }
    if (!isFunction(given.fetch)) {
      const found = describeValue(given.fetch);
      throw misuse(
        call,
        `external("${key}") takes a function second that looks the value up, found ${found}.`,
      );
    }
    return createMarker({ kind: "external", key, fetch: given.fetch, call });
  });
}

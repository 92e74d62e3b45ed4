/** What a derived value was computed from: it is computed once more, over the finished config, and watched. */
import type { JsonObject } from "../core/json.ts";
import { formatPath, valueAt, type Path } from "../core/path.ts";
import type { Draft } from "./build.ts";
import type { SchemaView } from "./schema-view.ts";
import { trackedConfig } from "./tracked.ts";

/**
 * The paths that a derived value reads, in the order of the first read.
 * @param compute - What `derived(…)` was given. It runs again, so whoever calls this closes ambient inputs.
 * @param config - The resolved config, in which the value stands already.
 */
export function readsOf(
  compute: (config: unknown) => unknown,
  config: JsonObject,
  view: SchemaView,
): readonly Path[] {
  const found = new Map<string, Path>();
  const read = (path: Path): void => {
    const isOfList = Array.isArray(valueAt(config, path.slice(0, -1)));
    const own = isOfList && typeof path.at(-1) === "string" ? path.slice(0, -1) : path; // `length`
    found.set(formatPath(own), own);
  };
  const copy = structuredClone(config) as Draft; // a proxy of a frozen object may not wrap what is in it
  const tracked = trackedConfig(copy, view, { fill: () => undefined, read });
  compute(tracked);
  return [...found.values()];
}

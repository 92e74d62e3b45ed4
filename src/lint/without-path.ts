/** Patches with one value less. */
import { markerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";

/**
 * A patch without the value at a path; objects that held nothing else go with it.
 * @returns `undefined` where the value does not stand in plain objects: inside of `replace(…)` or a list, say.
 */
export function withoutPath(patch: unknown, [key, ...rest]: Path): object | undefined {
  const isObject = isPlainObject(patch) && markerData(patch) === undefined;
  if (!isObject || typeof key !== "string" || !Object.hasOwn(patch, key)) return undefined;
  const { [key]: value, ...others } = patch;
  if (rest.length === 0) return others;
  const inner = withoutPath(value, rest);
  if (inner === undefined) return undefined;
  return Object.keys(inner).length === 0 ? others : { ...patch, [key]: inner };
}

/** The runs of a grid are mostly the same: parts that are equal are one object. */
import { isPlainObject } from "../core/json.ts";
import type { Draft } from "./build.ts";

/**
 * Puts the parts of an earlier config in the place of equal ones, so that a plan of many runs holds them once.
 * @param draft - Changed in place; plain data.
 * @param earlier - A frozen config; nothing happens where there is none.
 */
export function shareParts(draft: Draft, earlier: unknown): void {
  if (!isPlainObject(earlier)) return;
  for (const key of Object.keys(draft)) {
    const [own, other] = [draft[key], earlier[key]];
    if (typeof own !== "object" || own === null || typeof other !== "object") continue;
    if (isSame(own, other)) draft[key] = other;
    else if (isPlainObject(own)) shareParts(own, other);
  }
}

/** Whether two values of configs are the same, the order of their keys included. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one))
    return (
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((item, index) => isSame(item, other[index]))
    );
  if (!isPlainObject(one) || !isPlainObject(other)) return false;
  const names = Object.keys(other);
  const keys = Object.keys(one);
  if (keys.length !== names.length) return false;
  return keys.every((key, index) => key === names[index] && isSame(one[key], other[key]));
}

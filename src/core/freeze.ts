/** Freezing of plain data, so that nobody who is handed a config can change it for the others. */
import { isPlainObject } from "./json.ts";

/**
 * Freezes lists and plain objects at every depth, in place, and gives the same value back. Everything else (functions,
 * class instances, typed arrays) stays as it is. Data that contains itself is fine.
 */
export function deepFreeze<T>(value: T): T {
  freezeTree(value, new Set());
  return value;
}

function freezeTree(value: unknown, seen: Set<unknown>): void {
  if ((!Array.isArray(value) && !isPlainObject(value)) || seen.has(value)) return;
  seen.add(value); // not `Object.isFrozen`: a frozen parent may hold children that are not
  Object.freeze(value);
  for (const child of Object.values(value)) freezeTree(child, seen);
}

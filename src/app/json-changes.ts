/** Documents that are mostly equal, as one of them and what is different in each of the others. */
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";

/** A path and the value there; without a value, the field is not there. Lists are replaced as a whole. */
export type JsonChange = readonly [path: readonly string[], value?: JsonValue];

/**
 * What must be changed in `from` to get `to`, the order of keys included: a task may go through them.
 * @param limit - So many changes are enough to know: what comes after them is not looked at.
 */
export function changesBetween(
  from: JsonObject,
  to: JsonObject,
  limit: number = Infinity,
): readonly JsonChange[] {
  const changes: JsonChange[] = [];
  collect(from, to, { path: [], changes, limit });
  return changes;
}

/** New fields come last; where they do not, the object is replaced as a whole. */
function keepsOrder(from: JsonObject, to: JsonObject): boolean {
  const names = Object.keys(to);
  let numKept = 0;
  for (const key of Object.keys(from)) {
    if (names[numKept] === key) numKept++;
    else if (Object.hasOwn(to, key)) return false;
  }
  return true;
}

interface Collection {
  readonly path: readonly string[];
  readonly changes: JsonChange[];
  readonly limit: number;
}

function collect(from: JsonObject, to: JsonObject, { path, changes, limit }: Collection): void {
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) changes.push([[...path, key]]);
  for (const key of Object.keys(to)) {
    if (changes.length >= limit) return;
    const value = to[key] as JsonValue; // an own key
    const earlier = Object.hasOwn(from, key) ? from[key] : undefined;
    if (earlier === value) continue; // most fields of most runs
    const here = [...path, key];
    if (isObject(earlier) && isObject(value) && keepsOrder(earlier, value)) {
      collect(earlier, value, { path: here, changes, limit });
    } else if (JSON.stringify(earlier) !== JSON.stringify(value)) {
      changes.push([here, value]);
    }
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return isPlainObject(value);
}

/** The document that the changes lead to; it shares with `from` all that is equal. */
export function applyChanges(from: JsonObject, changes: readonly JsonChange[]): JsonObject {
  const owned = new Set<unknown>();
  const root = { ...from };
  owned.add(root);
  for (const change of changes) {
    const [path] = change;
    let holder: JsonObject = root;
    for (const key of path.slice(0, -1)) holder = ownedChild(holder, key, owned);
    const key = path.at(-1) ?? "";
    // Not by assignment: the key may be `__proto__`.
    if (change.length === 1) delete (holder as Record<string, unknown>)[key];
    else define(holder, key, change[1]);
  }
  return root;
}

function ownedChild(holder: JsonObject, key: string, owned: Set<unknown>): JsonObject {
  const child = Object.hasOwn(holder, key) ? holder[key] : undefined;
  if (isObject(child) && owned.has(child)) return child;
  const copy = isObject(child) ? { ...child } : {};
  owned.add(copy);
  define(holder, key, copy);
  return copy;
}

function define(holder: JsonObject, key: string, value: unknown): void {
  const property = { value, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(holder, key, property);
}

/** A config that notices which of its values are read. */
import { isPlainObject, type JsonObject, type JsonValue } from "./json.ts";
import { formatPath, type Path } from "./path.ts";

/** A config and what was read of it. */
export interface TrackedReads {
  /** Equal to the config that it was made of, and frozen: copying, cloning and writing it as JSON read what they take. */
  readonly config: JsonObject;
  /** Paths of values that nobody has read so far, in the order of the config; a list is one value. */
  readonly unread: () => readonly string[];
}

/**
 * A copy of a config with a getter in place of each value. Getters and no proxy: a copy of this can be handed to another
 * thread. Asking whether a key is there reads nothing.
 */
export function trackReads(config: JsonObject): TrackedReads {
  const left = new Set<string>();
  const tracked = copyOf(config, [], left);
  return { config: tracked, unread: () => [...left] };
}

/** What a part of a tracked config was made of. */
const originals = new WeakMap<object, object>();

/**
 * The object that a tracked one was made of, any other object itself: for what only writes a config down, which is no
 * use of its values.
 * @param holder - A config, or an object in it.
 */
export function untracked<T extends object>(holder: T): T {
  return (originals.get(holder) ?? holder) as T; // equal to it, so of its type
}

function copyOf(holder: JsonObject, path: Path, left: Set<string>): JsonObject {
  const copy: JsonObject = {};
  originals.set(copy, holder);
  for (const [key, value] of Object.entries(holder)) {
    const own = [...path, key];
    Object.defineProperty(copy, key, { enumerable: true, get: getterOf(value, own, left) });
  }
  return Object.freeze(copy);
}

function getterOf(value: JsonValue, path: Path, left: Set<string>): () => JsonValue {
  if (isPlainObject(value) && Object.keys(value).length > 0) {
    const inner = copyOf(value, path, left);
    return () => inner;
  }
  const text = formatPath(path);
  left.add(text);
  return () => {
    left.delete(text);
    return value;
  };
}

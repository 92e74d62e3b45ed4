/**
 * Read-only views of a config under construction that notice what is read: derived values are computed when somebody
 * asks for them, and a rule is blamed on exactly the values that it looked at.
 */
import { formatPath, type Path } from "../core/path.ts";
import { Hole, type Draft } from "./build.ts";
import { childViews, objectView, unionView } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

export interface ReadWatcher {
  /** The value of a derived field that is read before it was computed. */
  fill(hole: Hole): unknown;
  /** A scalar, or an absent optional field, was read. */
  read(path: Path): void;
  /** Something was asked for: what stands at a path, there or not; or which keys there are, of a whole object. */
  ask?(path: Path, what: "value" | "keys"): void;
}

/** Something was read that is not there. */
export class AbsentRead extends Error {
  readonly path: Path;
  /** Whether the schema knows the path: then the value is missing, and said to be so elsewhere. */
  readonly isKnown: boolean;

  constructor(path: Path, isKnown: boolean) {
    super(`${formatPath(path)} is not set`);
    this.path = path;
    this.isKnown = isKnown;
  }
}

interface TrackedPlace {
  readonly path: Path;
  readonly view: SchemaView | undefined;
}

/** Keys that engines and JSON ask of any object. */
const ambientKeys = new Set<string>([
  ...Object.getOwnPropertyNames(Object.prototype),
  "toJSON",
  "then",
]);

/** A read-only view of `root`. Reading a path that is absent and not optional throws `AbsentRead`. */
export function trackedConfig(root: Draft, view: SchemaView, watcher: ReadWatcher): unknown {
  const proxies = new WeakMap<object, unknown>(); // the same object is the same view, so that === holds
  const wrap = (target: Draft, place: TrackedPlace): unknown => {
    const known = proxies.get(target);
    if (known !== undefined) return known;
    const proxy = new Proxy(target, {
      get: (holder, key) => readKey(holder, key, place),
      has: (holder, key) => {
        watcher.ask?.(place.path, "keys");
        return Reflect.has(holder, key);
      },
      ownKeys: (holder) => {
        watcher.ask?.(place.path, "keys");
        return Reflect.ownKeys(holder);
      },
      getOwnPropertyDescriptor: (holder, key) => {
        watcher.ask?.(typeof key === "symbol" ? place.path : [...place.path, key], "keys");
        return Reflect.getOwnPropertyDescriptor(holder, key);
      },
      set: refuseChange,
      defineProperty: refuseChange,
      deleteProperty: refuseChange,
    });
    proxies.set(target, proxy);
    return proxy;
  };
  const readKey = (holder: Draft, key: string | symbol, place: TrackedPlace): unknown => {
    if (typeof key === "symbol") return Reflect.get(holder, key);
    const child = childPlace(holder, key, place);
    watcher.ask?.(child.path, "value");
    if (!Object.hasOwn(holder, key)) return readAbsent(holder, key, { ...place, child, watcher });
    const found = holder[key];
    const value = found instanceof Hole ? watcher.fill(found) : found;
    if (typeof value === "object" && value !== null) return wrap(value as Draft, child);
    watcher.read(child.path);
    return value;
  };
  return wrap(root, { path: [], view });
}

function refuseChange(): never {
  throw new TypeError("the config cannot be changed here: it is only read");
}

function childPlace(holder: Draft, key: string, { path, view }: TrackedPlace): TrackedPlace {
  const isIndex = Array.isArray(holder) && /^\d+$/.test(key);
  const part = isIndex ? Number(key) : key;
  const discriminator = unionView(view)?.discriminator;
  const kind = discriminator === undefined ? undefined : holder[discriminator];
  const own = isIndex ? view : objectView(view, kind);
  return { path: [...path, part], view: own && childViews(own, part)[0] };
}

interface AbsentPlace extends TrackedPlace {
  readonly child: TrackedPlace;
  readonly watcher: ReadWatcher;
}

function readAbsent(holder: Draft, key: string, { view, child, watcher }: AbsentPlace): unknown {
  if (Array.isArray(holder) || ambientKeys.has(key)) return Reflect.get(holder, key);
  const isOptional = child.view?.isOptional === true || view?.shape === "record";
  if (!isOptional && view !== undefined) throw new AbsentRead(child.path, child.view !== undefined);
  watcher.read(child.path);
  return undefined;
}

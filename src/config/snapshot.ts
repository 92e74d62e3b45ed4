/**
 * A frozen copy of what a user wrote, made when it is handed over: a literal that is shared and changed later must not
 * reach a definition that was recorded before. Markers are frozen already and stay as they are.
 */
import { formatPath, type Path } from "../core/path.ts";
import { isPlainObject } from "../core/json.ts";
import type { CallSite } from "./call-site.ts";
import { isStandIn } from "./collect-misuses.ts";
import { layerData, taskData } from "./definition.ts";
import { markerData } from "./markers.ts";
import { describeValue, misuse } from "./misuse.ts";

/** Deeper than any config that canonical JSON takes. */
const maxDepth = 200;

/** Longer lists are data, which lies in files. A list whose length alone was set would keep the machine busy for hours. */
export const maxListLength = 1_000_000;

/**
 * Copies objects and lists, keeps markers, and refuses what no config can hold.
 * @param value - What was written.
 * @param call - Where, for errors.
 * @throws {ExpError} `config` for what cannot be copied: accessors, symbol keys, `__proto__` keys, cycles and nesting
 *   beyond 200; and for fragments and tasks inside a patch. Values that no config can hold (undefined, functions, NaN,
 *   class instances) stay as they are: the resolver refuses them, each with its path and line.
 */
export function snapshot(value: unknown, call: CallSite): unknown {
  return copy(value, [], call);
}

/**
 * Like `snapshot`, for values that are taken as they are.
 * @param holder - The call that takes them, e.g. `choice()`.
 * @throws {ExpError} `config` as `snapshot` does, and for a marker at any depth, at the marker's own call.
 */
export function snapshotWithoutMarkers(value: unknown, call: CallSite, holder: string): unknown {
  const copied = snapshot(value, call);
  refuseMarkers(copied, holder);
  return copied;
}

/** A frozen list of copies. */
export function snapshotList(
  values: readonly unknown[],
  copyOne: (value: unknown) => unknown,
): readonly unknown[] {
  return Object.freeze(values.map(copyOne));
}

function refuseMarkers(value: unknown, holder: string): void {
  const marker = markerData(value);
  if (isStandIn(value)) return; // it was told itself
  if (marker) throw misuse(marker.call, `${marker.kind}() cannot stand inside ${holder}.`);
  if (typeof value !== "object" || value === null) return;
  for (const item of Object.values(value)) refuseMarkers(item, holder);
}

function copy(value: unknown, path: Path, call: CallSite): unknown {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  if (value === null || markerData(value)) return value;
  if (path.length > maxDepth) {
    const found = holdsItself(value)
      ? "holds itself"
      : `is nested more than ${maxDepth} levels deep`;
    throw misuse(call, `${place(path.slice(0, 3))} ${found}.`);
  }
  if (Array.isArray(value)) return copyList(value, path, call);
  if (isPlainObject(value) && !taskData(value)) return copyObject(value, path, call);
  const isPart = layerData(value) !== undefined || taskData(value) !== undefined;
  // A resolver refuses it with its own path and line, together with all else that is wrong.
  if (path.length > 0 && !isPart) return value;
  throw misuse(
    call,
    `${place(path)} is ${describeValue(value)}, which no config can hold.`,
    advice(value),
  );
}

/** More than any config has; a search in what has more ends without an answer. */
const maxSearched = 100_000;

function holdsItself(value: unknown): boolean {
  const seen = new Set<unknown>();
  const pending: unknown[] = [value];
  for (const one of pending) {
    if (typeof one !== "object" || one === null || seen.has(one)) continue;
    if (seen.size > maxSearched) return false;
    seen.add(one);
    for (const descriptor of Object.values(Object.getOwnPropertyDescriptors(one))) {
      if (descriptor.value === value) return true;
      pending.push(descriptor.value);
    }
  }
  return false;
}

function copyList(list: readonly unknown[], path: Path, call: CallSite): readonly unknown[] {
  if (list.length > maxListLength) {
    const found = `${place(path)} is a list of ${list.length} items`;
    throw misuse(call, `${found}; a config holds at most ${maxListLength} in one.`);
  }
  const items: unknown[] = [];
  for (let index = 0; index < list.length; index++) {
    items.push(copy(list[index], [...path, index], call)); // a hole reads as undefined, which is refused later
  }
  return Object.freeze(items);
}

function copyObject(source: Record<string, unknown>, path: Path, call: CallSite): object {
  const target: Record<string, unknown> = {};
  for (const key of Reflect.ownKeys(source)) {
    const descriptor = Object.getOwnPropertyDescriptor(source, key);
    if (typeof key === "symbol" || !descriptor || key === "__proto__") {
      throw misuse(call, `${place(path)} has the key ${String(key)}, which no config can hold.`);
    }
    if (!("value" in descriptor)) {
      throw misuse(call, `${place([...path, key])} is an accessor; a config holds plain values.`);
    }
    target[key] = copy(descriptor.value, [...path, key], call);
  }
  return Object.freeze(target);
}

function place(path: Path): string {
  return path.length === 0 ? "the argument" : formatPath(path);
}

function advice(value: unknown): string | undefined {
  if (layerData(value)) return "Hand fragments and presets to extend() as arguments of their own.";
  return undefined;
}

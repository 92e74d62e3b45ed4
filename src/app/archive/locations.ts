/**
 * Locations in the config of a finished run: files and folders that it names and that are no part of its identity. Elsewhere
 * they lie elsewhere; what is in them is proved by the data hash, wherever they lie.
 */
import { join } from "node:path";
import { canonicalJson } from "../../core/canonical-json.ts";
import { isPlainObject, parseJson, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Store } from "../../store/store.ts";

/** The kind of annotations that say where the data of an imported run lie. */
const relocationKind = "relocation";

/** A location of the config, and where it lies here; a type, so that it is JSON data. */
export type Relocation = {
  /** As the config has it, or a folder above that. */
  readonly from: string;
  /** Absolute, or relative to the folder of the runs. */
  readonly to: string;
  /** Whether `to` lies in the folder of the runs, and moves with it. */
  readonly isInStore: boolean;
};

/** Fields of every task that are no locations of data. */
const otherFields: ReadonlySet<string> = new Set([
  "name",
  "description",
  "tags",
  "mode",
  "backend",
  "runsDirectory",
  "tracking",
]);

/**
 * The locations of a config, each once, in the order of the config.
 * @param identityText - The run's `identity.json`.
 */
export function locationsOf(config: JsonObject, identityText: string): readonly string[] {
  const found = new Set<string>();
  replaceLocations(config, identityText, (text) => {
    found.add(text);
    return text;
  });
  return [...found];
}

/** All texts of a config that may name a file, each once: also those that are part of the identity. */
export function textsOf(config: JsonObject): readonly string[] {
  return locationsOf(config, "");
}

/**
 * The config with its locations where they are now.
 * @param here.store - The folder of the runs, absolute.
 */
export function relocate(
  config: JsonObject,
  identityText: string,
  here: { readonly relocations: readonly Relocation[]; readonly store: string },
): JsonObject {
  if (here.relocations.length === 0) return config;
  return replaceLocations(config, identityText, (text) => locationHere(text, here));
}

/** Where a location of a config is now. */
export function locationHere(
  location: string,
  { relocations, store }: { readonly relocations: readonly Relocation[]; readonly store: string },
): string {
  for (const { from, to, isInStore } of relocations) {
    if (!isWithin(location, from)) continue;
    return `${isInStore ? join(store, to) : to}${location.slice(from.length)}`;
  }
  return location;
}

/** Whether a location is another one, or lies below it. */
export function isWithin(location: string, folder: string): boolean {
  return location === folder || location.startsWith(`${folder}/`);
}

/** Where the data of a run lie, as it was said last; empty where they lie where its config says. */
export function relocationsOf(store: Store, runKey: string): readonly Relocation[] {
  const said = store
    .annotations(runKey)
    .annotations.findLast(({ kind }) => kind === relocationKind);
  const locations = said?.facts["locations"];
  return Array.isArray(locations) ? locations.filter(isRelocation) : [];
}

/** Says where the data of a run lie from now on; what was said before counts no more. */
export function saveRelocations(
  store: Store,
  runKey: string,
  relocations: readonly Relocation[],
): void {
  if (canonicalJson(relocationsOf(store, runKey)) === canonicalJson(relocations)) return;
  store.annotate({ runKey, kind: relocationKind, facts: { locations: [...relocations] } });
}

function isRelocation(value: unknown): value is Relocation {
  if (!isPlainObject(value)) return false;
  const { from, to, isInStore } = value;
  return typeof from === "string" && typeof to === "string" && typeof isInStore === "boolean";
}

/** Goes through the texts of a config that are not in its identity. */
function replaceLocations(
  config: JsonObject,
  identityText: string,
  replace: (text: string) => string,
): JsonObject {
  const whole = parseJson(identityText);
  const identity = isPlainObject(whole) ? whole["config"] : undefined;
  const counted = isPlainObject(identity) ? identity : {};
  const entries = Object.entries(config).map(([name, value]): [string, JsonValue] => [
    name,
    otherFields.has(name) ? value : replaceIn(value, counted[name], replace),
  ]);
  return Object.fromEntries(entries);
}

function replaceIn(
  value: JsonValue,
  counted: unknown,
  replace: (text: string) => string,
): JsonValue {
  if (typeof value === "string") return value === counted ? value : replace(value);
  if (Array.isArray(value)) {
    const items: readonly unknown[] = Array.isArray(counted) ? counted : [];
    return value.map((item: JsonValue, index) => replaceIn(item, items[index], replace));
  }
  if (!isPlainObject(value)) return value;
  const fields = isPlainObject(counted) ? counted : {};
  const entries = Object.entries(value).map(([name, field]): [string, JsonValue] => [
    name,
    replaceIn(field, fields[name], replace),
  ]);
  return Object.fromEntries(entries);
}

/**
 * Whether a config says all that its identity says. What counts nowhere stands in lists as an empty object.
 * @param identityText - The run's `identity.json`.
 */
export function isConfigOf(config: JsonObject, identityText: string): boolean {
  const whole = parseJson(identityText);
  return isPlainObject(whole) && holds(config, whole["config"]);
}

function holds(value: unknown, counted: unknown): boolean {
  if (Array.isArray(counted)) {
    if (!Array.isArray(value) || value.length !== counted.length) return false;
    return counted.every((item, index) => holds(value[index], item));
  }
  if (!isPlainObject(counted)) return value === counted;
  const names = Object.keys(counted);
  if (names.length === 0) return true;
  return isPlainObject(value) && names.every((name) => holds(value[name], counted[name]));
}

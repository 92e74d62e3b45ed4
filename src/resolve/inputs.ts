/**
 * Reading recorded inputs while layers are merged: environment variables, typed by the field that they stand in, and
 * external values from the project's lock. Each read is remembered, so that a run can say what it was made from.
 */
import type { CallSite } from "../config/call-site.ts";
import { markerData, markerLabel, type InputMarker } from "../config/markers.ts";
import { parseOverride } from "../config/override.ts";
import { isExpError } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { formatPath, type Path } from "../core/path.ts";
import type { Place } from "../core/stack-frames.ts";
import { readVariable } from "../core/variables.ts";
import { lockFileName, pinnedDigest, type InputsLock } from "./inputs-lock.ts";
import { projectLocation } from "./locations.ts";
import type { SchemaView } from "./schema-view.ts";
import { acceptsText, typeValue, valueProblems } from "./type-value.ts";

/** One input as it was read. */
export interface RecordedInput {
  readonly kind: InputMarker["kind"];
  /** Of the environment variable, or the key of the external value. */
  readonly name: string;
  /** Path in the config; what stands inside of an appended list has the list's. */
  readonly path: string;
  /** Where the value came from; `absent`: nowhere, so a later layer had to give one. */
  readonly from: "environment" | "fallback" | "lock" | "absent";
  readonly value?: JsonValue;
  /** Where it is asked for. */
  readonly call: CallSite;
  readonly marker: InputMarker;
}

/** What reading an input came to. */
export type InputReading =
  | { readonly kind: "value"; readonly value: unknown }
  /** A later layer may still give a value; else this is what is wrong. */
  | { readonly kind: "absent" }
  /** Wrong whatever later layers say. */
  | { readonly kind: "refused"; readonly message: string };

export interface InputReader {
  /** The value of an input for a field. The same marker at the same path is read once. */
  read(marker: InputMarker, path: Path, view: SchemaView | undefined): InputReading;
  /** Every input that was read, in order. */
  recorded(): readonly RecordedInput[];
}

export interface InputSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Read when the first external value is asked for. */
  readonly lock: () => InputsLock;
}

/** A reader with nothing read yet. */
export function createInputReader(sources: InputSources): InputReader {
  const readings = new Map<InputMarker, Map<string, InputReading>>();
  const recorded: RecordedInput[] = [];
  return {
    read(marker, path, view) {
      const ofMarker = readings.get(marker) ?? new Map<string, InputReading>();
      readings.set(marker, ofMarker);
      const name = formatPath(path);
      const known = ofMarker.get(name);
      if (known !== undefined) return known;
      const { reading, from } = readInput(marker, view, sources);
      ofMarker.set(name, reading);
      const value = reading.kind === "value" ? { value: reading.value as JsonValue } : {}; // checked when merged
      const { kind, call } = marker;
      recorded.push({ kind, name: inputName(marker), path: name, from, ...value, call, marker });
      return reading;
    },
    recorded: () => recorded,
  };
}

/** The variable's name, or the key of an external value. */
function inputName(marker: InputMarker): string {
  return marker.kind === "env" ? marker.name : marker.key;
}

/** Why a config has no value at a place where only this input would give one. */
export function absentInput(marker: InputMarker): string {
  if (marker.kind === "env") {
    return `is env("${marker.name}") without a fallback, the variable is not set, and no later layer gives a value`;
  }
  return `is external("${marker.key}"), which ${lockFileName} does not hold: look it up once with exp inputs update FILE ${marker.key}`;
}

interface Read {
  readonly reading: InputReading;
  readonly from: RecordedInput["from"];
}

function readInput(
  marker: InputMarker,
  view: SchemaView | undefined,
  { environment, lock }: InputSources,
): Read {
  if (marker.kind === "external") return readPinned(marker.key, lock());
  const text = readVariable(environment, marker.name);
  if (text !== undefined) {
    return { reading: { kind: "value", value: typeText(text, view) }, from: "environment" };
  }
  const { fallback } = marker;
  if (fallback === undefined) return { reading: { kind: "absent" }, from: "absent" };
  return { reading: { kind: "value", value: fallback.value }, from: "fallback" };
}

function readPinned(key: string, lock: InputsLock): Read {
  const pinned = lock.get(key);
  if (pinned === undefined) return { reading: { kind: "absent" }, from: "absent" };
  const digest = pinnedDigest(pinned.value);
  if (digest === pinned.sha256) {
    return { reading: { kind: "value", value: pinned.value }, from: "lock" };
  }
  const message = `is external("${key}"), whose entry in ${lockFileName} was changed by hand: its sha256 is not that of its value (${digest}). Look it up again with exp inputs update FILE ${key}`;
  return { reading: { kind: "refused", message }, from: "lock" };
}

/**
 * The text of a variable as the field takes it. A field for text gets it as it is, quotes and commas too; others get
 * what the command line would make of it, and what it cannot read stays a text for the schema to refuse.
 */
function typeText(text: string, view: SchemaView | undefined): unknown {
  const views = view === undefined ? [] : [view];
  if (isForTextOnly(views)) return text;
  try {
    const { value, written } = parseOverride(`value=${text}`, 0);
    const isOther = !holdsNoMarker(value) || valueProblems(value, views, written).length > 0;
    return isOther ? text : typeValue(value, views, written);
  } catch (error) {
    if (isExpError(error)) return text;
    throw error;
  }
}

function isForTextOnly(views: readonly SchemaView[]): boolean {
  return (
    acceptsText(views) &&
    views.every(
      ({ shape, scalars }) => shape === "scalar" && scalars.every((type) => type === "string"),
    )
  );
}

/** A sweep or a reference is written in a module or on a command line, never in the environment. */
function holdsNoMarker(value: unknown): boolean {
  if (markerData(value) !== undefined) return false;
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(holdsNoMarker);
}

/** Inputs as provenance and `exp inputs` show them: what was read, its value, and where it is asked for. */
export function describeInputs(
  inputs: readonly RecordedInput[],
  projectDirectory: string,
): readonly JsonObject[] {
  return inputs.map(({ kind, name, path, from, value, call }) => {
    const { line, column }: Place = call;
    const file = projectLocation(call.file, projectDirectory);
    return {
      kind,
      name,
      path,
      from,
      ...(value === undefined ? {} : { value }),
      file,
      line,
      column,
    };
  });
}

/** How a message names an input that a value came from: `env BATCH_SIZE`. */
export function inputLabel(value: unknown): string | undefined {
  const marker = markerData(value);
  if (marker?.kind !== "env" && marker?.kind !== "external") return undefined;
  return markerLabel(marker);
}

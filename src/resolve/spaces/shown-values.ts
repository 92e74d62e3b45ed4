/** What plans and tables show of a run: of everything that varies, the value that the run has. */
import { markerData } from "../../config/markers.ts";
import { isPlainObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { valueAt, type Path } from "../../core/path.ts";

/** Something that varies in a run. */
export interface ShownColumn {
  readonly name: string;
  /** Where it stands in the config; absent for the names of variants. */
  readonly path?: Path;
  /** What was written for it, or its name. */
  readonly written: unknown;
  /** Whether that is a name, which is shown as it is: of a preset, or the text of a reference or of an operation. */
  readonly isName: boolean;
}

/**
 * The values of a run by name, in the order of the plan. They are read from its config, since a later layer may have
 * changed what an axis gave. A run that lacks an axis shows what it has in its place, where that is no object.
 * @param all - The path of everything that varies in the plan, by name.
 */
export function shownValues(
  columns: readonly ShownColumn[],
  all: ReadonlyMap<string, Path | undefined>,
  config: JsonObject,
): JsonObject {
  const own = new Map(columns.map((column) => [column.name, column]));
  const entries = [...all].flatMap(([name, path]) => {
    const column = own.get(name);
    const value = column === undefined ? simpleValue(path, config) : shownValue(column, config);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function shownValue(
  { path, written, isName }: ShownColumn,
  config: JsonObject,
): JsonValue | undefined {
  if (path === undefined || isName) return written as JsonValue; // a name, or several
  return sameParts(written, valueAt(config, path) as JsonValue | undefined);
}

/** Of an object no more than was written: its defaults tell no run from another. */
function sameParts(written: unknown, value: JsonValue | undefined): JsonValue | undefined {
  const marker = markerData(written);
  if (marker?.kind === "replace") return sameParts(marker.value, value);
  if (marker !== undefined || !isPlainObject(written) || !isPlainObject(value)) return value;
  const entries = Object.keys(written).flatMap((key) => {
    const part = Object.hasOwn(value, key) ? sameParts(written[key], value[key]) : undefined;
    return part === undefined ? [] : [[key, part] as const];
  });
  return Object.fromEntries(entries);
}

function simpleValue(path: Path | undefined, config: JsonObject): JsonValue | undefined {
  if (path === undefined) return undefined;
  const value = valueAt(config, path) as JsonValue | undefined;
  return holdsObject(value) ? undefined : value;
}

function holdsObject(value: unknown): boolean {
  return Array.isArray(value) ? value.some(holdsObject) : isPlainObject(value);
}

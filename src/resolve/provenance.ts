/** Who set each value of a run, in order, with the line: what `explain` prints and a run stores. */
import { markerData, markerLabel } from "../config/markers.ts";
import type { Origin } from "../core/errors.ts";
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { formatPath, valueAt, type Path } from "../core/path.ts";
import type { Assignment } from "./assignments.ts";
import { describeInputs, type RecordedInput } from "./inputs.ts";
import { createOrigins, type Origins, type OriginsRequest } from "./origins.ts";
import type { ResolvedRun } from "./resolve.ts";

/**
 * The provenance of every value of a run, as `{"format": "lockstep/provenance/1", "values": {path: [assignment, …]}}`.
 * An assignment has its `layer`, the `value` it gave (of the last one the run's; of markers before it none), what `by` it was
 * given where that is a marker, the `path` where it wrote a part of a list, and either `file`, `line`, `column`, `isKey` or
 * the `argument` of the command line.
 * `inputs` lists what was read from outside of the modules, where anything was.
 * @param resolution - What the run was resolved with: where the project is, and its sources as they were evaluated.
 */
export async function provenance(
  { config, assignments }: Pick<ResolvedRun, "config" | "assignments">,
  resolution: OriginsRequest & { readonly inputs?: readonly RecordedInput[] },
): Promise<JsonObject> {
  const origins = await createOrigins(resolution);
  const values: Record<string, JsonValue> = {};
  for (const path of leafPaths(config, [])) {
    const value = valueAt(config, path) as JsonValue; // paths of a resolved config
    const holders = assignments.holders(path);
    const setter = holders.at(-1);
    const history = assignmentsOf(assignments.at(path), holders).map((assignment) =>
      describe(assignment, { path, origins, ...(assignment === setter ? { value } : {}) }),
    );
    const byDefault = setter === undefined ? [{ layer: "default", value }] : [];
    values[formatPath(path)] = [...history, ...byDefault];
  }
  const inputs = describeInputs(resolution.inputs ?? [], resolution.projectDirectory);
  return {
    format: "lockstep/provenance/1",
    values,
    ...(inputs.length === 0 ? {} : { inputs }),
  };
}

/** Of what was written to the very path, what came before its value was given for good; and what gave it. */
function assignmentsOf(
  own: readonly Assignment[],
  holders: readonly Assignment[],
): readonly Assignment[] {
  const last = holders.at(-1)?.order ?? Infinity;
  const all = new Set([...own.filter(({ order }) => order <= last), ...holders]);
  return [...all].toSorted((one, other) => one.order - other.order);
}

function leafPaths(value: unknown, path: Path): readonly Path[] {
  if (!isPlainObject(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, field]) => leafPaths(field, [...path, key]));
}

interface Description {
  readonly path: Path;
  readonly origins: Origins;
  /** The run's own value, for the assignment that it comes from. */
  readonly value?: JsonValue;
}

function describe(assignment: Assignment, { path, origins, value }: Description): JsonObject {
  const marker = markerData(assignment.value);
  const by = marker ?? assignment.axis?.marker;
  const isBelow = assignment.path.length > path.length;
  const written = marker === undefined && assignment.path.length === path.length;
  const isPlain = written && !containsMarker(assignment.value);
  const shown = value ?? (isPlain ? (assignment.value as JsonValue) : undefined);
  return {
    layer: assignment.layer.label,
    ...(isBelow ? { path: formatPath(assignment.path) } : {}),
    ...(by === undefined ? {} : { by: markerLabel(by) }),
    ...(shown === undefined || marker?.kind === "remove" ? {} : { value: shown }),
    ...describeOrigin(origins.ofAssignment(assignment, path)),
  };
}

function containsMarker(value: unknown): boolean {
  if (markerData(value) !== undefined) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(containsMarker);
}

function describeOrigin(origin: Origin): JsonObject {
  switch (origin.kind) {
    case "source": {
      const { file, line, column, isKey } = origin;
      return { file, line, column, isKey };
    }
    case "commandLine":
      return { argument: origin.text };
    case "default":
      break;
  }
  return {};
}

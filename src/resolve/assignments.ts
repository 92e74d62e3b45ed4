/** Who wrote what, in order: read off the layers once, the same for every run of a grid. */
import { markerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import { formatPath, startsWith, type Path } from "../core/path.ts";
import { visitPatch, type Layer } from "./layers.ts";

/** One value that a layer wrote at a path: a scalar, a list, a marker, or an empty object. */
export interface Assignment {
  readonly path: Path;
  readonly layer: Layer;
  readonly layerIndex: number;
  /** As written; axes, derived values and list changes are markers. */
  readonly value: unknown;
  /** Position among all assignments; later ones win. */
  readonly order: number;
}

/** Every assignment of a list of layers, in order. Independent of the run: axes are markers here. */
export interface Assignments {
  readonly all: readonly Assignment[];
  /** Those at exactly this path, in order. */
  at(path: Path): readonly Assignment[];
  /** The last one at the path or above it that is still in force. */
  setter(path: Path): Assignment | undefined;
  /** The last one at the path, above it or below it that is still in force. */
  lastAround(path: Path): Assignment | undefined;
}

/** Reads all assignments off the layers. */
export function readAssignments(layers: readonly Layer[]): Assignments {
  const all: Assignment[] = [];
  const byPath = new Map<string, Assignment[]>();
  const restarts = new Map<string, number>();
  for (const [layerIndex, layer] of layers.entries()) {
    for (const path of replacedPaths(layer.patch, [])) restarts.set(formatPath(path), layerIndex);
    visitPatch(layer.patch, [], (path, value) => {
      const key = formatPath(path);
      const same = byPath.get(key) ?? [];
      if (path.at(-1) === "kind" && same.length > 0 && same.at(-1)?.value !== value)
        restarts.set(formatPath(path.slice(0, -1)), layerIndex);
      const assignment = { path, layer, layerIndex, value, order: all.length };
      all.push(assignment);
      byPath.set(key, [...same, assignment]);
    });
  }
  /** Another `kind`, or `replace(…)`, ends whatever earlier layers had written below. */
  const isInForce = ({ path, layerIndex }: Assignment): boolean =>
    restarts.size === 0 ||
    prefixes(path).every((prefix) => (restarts.get(formatPath(prefix)) ?? 0) <= layerIndex);
  return query(all, (path) => byPath.get(formatPath(path)) ?? [], isInForce);
}

function query(
  all: readonly Assignment[],
  at: Assignments["at"],
  isInForce: (assignment: Assignment) => boolean,
): Assignments {
  const setter = (path: Path): Assignment | undefined =>
    latest(prefixes(path).map((prefix) => at(prefix).findLast(isInForce)));
  return {
    all,
    at,
    setter,
    lastAround: (path) =>
      latest([setter(path), all.findLast((one) => startsWith(one.path, path) && isInForce(one))]),
  };
}

/** The path itself, and everything above it. */
function prefixes(path: Path): readonly Path[] {
  return [...path.map((_, index) => path.slice(0, path.length - index)), []];
}

function replacedPaths(patch: unknown, path: Path): readonly Path[] {
  if (markerData(patch)?.kind === "replace") return [path];
  if (markerData(patch) !== undefined || !isPlainObject(patch)) return [];
  return Object.entries(patch).flatMap(([key, value]) => replacedPaths(value, [...path, key]));
}

function latest(assignments: readonly (Assignment | undefined)[]): Assignment | undefined {
  let last: Assignment | undefined;
  for (const assignment of assignments) {
    if (assignment !== undefined && assignment.order >= (last?.order ?? 0)) last = assignment;
  }
  return last;
}

/**
 * A reader that keeps the assignments of one list of layers at a time: a plan of thousands of branches needs each only
 * while its own run is looked at.
 * @returns The assignments, read when they are first asked for.
 */
export function createAssignmentsReader(): (layers: () => readonly Layer[]) => Assignments {
  let last: { readonly of: object; readonly read: Assignments } | undefined;
  return (layers) => {
    const self: Assignments = {
      get all() {
        return read().all;
      },
      at: (path) => read().at(path),
      setter: (path) => read().setter(path),
      lastAround: (path) => read().lastAround(path),
    };
    const read = (): Assignments => {
      if (last?.of !== self) last = { of: self, read: readAssignments(layers()) };
      return last.read;
    };
    return self;
  };
}

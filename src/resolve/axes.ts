/** Axes of a sweep: where they stand in a merged tree, and their values. */
import { markerData, type MarkerData } from "../config/markers.ts";
import { axisValues } from "../config/zip-axes.ts";
import { isPlainObject } from "../core/json.ts";
import { formatPath, startsWith, type Path } from "../core/path.ts";
import { IndexEdit, visitPatch } from "./layers.ts";
import type { Tree } from "./tree.ts";

/** One axis of a grid. */
export interface Axis {
  readonly path: Path;
  /** The path's text. */
  readonly name: string;
  readonly marker: MarkerData;
  /** At least one; in the order written. */
  readonly values: readonly unknown[];
}

/** The value of each axis in one run, by the axis' name. */
export type Point = ReadonlyMap<string, unknown>;

/** The marker's data where it is an axis. */
export function axisMarker(value: unknown): MarkerData | undefined {
  const marker = markerData(value);
  return marker?.kind === "choice" || marker?.kind === "range" ? marker : undefined;
}

/** Tells whether a value that is written holds an axis, at any depth. */
export function hasAxis(value: unknown): boolean {
  let found = false;
  const look = (_path: Path, written: unknown): void => {
    if (axisMarker(written) !== undefined) found = true;
    if (Array.isArray(written)) for (const item of written) visitPatch(item, [], look);
  };
  visitPatch(value, [], look);
  return found;
}

/** The axes that are alive in a tree, in the tree's own order. */
export function collectAxes(tree: Tree | undefined): readonly Axis[] {
  const found = new Map<string, Axis>();
  collect(tree, [], found);
  return [...found.values()];
}

function collect(tree: Tree | undefined, path: Path, found: Map<string, Axis>): void {
  if (tree?.kind === "object") {
    for (const [key, field] of tree.fields) collect(field, [...path, key], found);
  } else if (tree?.kind === "list") {
    for (const [index, item] of tree.items.entries()) collect(item, [...path, index], found);
  } else if (tree?.kind === "deferred") {
    collect(tree.base, path, found);
    for (const step of tree.steps) overlay(step.patch, path, found);
  }
}

/**
 * Which axes may change what stands at a path of a run's config, or below it, by the names of the axes. An axis may change
 * more than its own path: all that waits for it; the list that it is an item of; and, as a union's kind, the whole object.
 */
export function axisPlaces(
  tree: Tree | undefined,
  isKind: (path: Path) => boolean,
): ReadonlyMap<string, Path> {
  const places = new Map<string, Path>();
  const walk = (part: Tree | undefined, path: Path): void => {
    if (part?.kind === "object") {
      for (const [key, field] of part.fields) walk(field, [...path, key]);
    } else if (part?.kind === "list" || part?.kind === "deferred") {
      const found = new Map<string, Axis>();
      collect(part, path, found);
      const place = isKind(path) ? path.slice(0, -1) : path;
      for (const name of found.keys()) places.set(name, place);
    }
  };
  walk(tree, []);
  return places;
}

/** A patch that waits for an axis may hold axes of its own, and may end others that stand where it writes. */
function overlay(patch: unknown, path: Path, found: Map<string, Axis>): void {
  const marker = markerData(patch);
  if (patch instanceof IndexEdit) return overlay(patch.patch, [...path, patch.index], found);
  if (marker !== undefined && changesEach(marker)) return;
  if (marker === undefined && isPlainObject(patch)) {
    for (const [key, value] of Object.entries(patch)) overlay(value, [...path, key], found);
    return;
  }
  for (const [name, axis] of found) {
    if (!startsWith(axis.path, path)) continue;
    if (!mergesInto(marker, axis.path.slice(path.length))) found.delete(name);
  }
  if (marker?.kind === "replace") return overlay(marker.value, path, found);
  if (Array.isArray(patch)) {
    for (const [index, item] of patch.entries()) overlay(item, [...path, index], found);
  }
  const axis = axisMarker(patch);
  if (axis !== undefined) addAxis(axis, path, found);
}

/**
 * Whether an axis below the place of a new one lives on: the objects that the new one merges there leave it alone in some
 * run. Runs in which it does not matter are merged afterwards.
 */
function mergesInto(marker: MarkerData | undefined, below: Path): boolean {
  if (marker?.kind !== "choice" || below.length === 0) return false;
  return marker.values.some((value) => leavesAlone(value, below));
}

function leavesAlone(value: unknown, below: Path): boolean {
  const [key, ...rest] = below;
  if (key === undefined || !isPlainObject(value)) return false;
  return Object.hasOwn(value, key) ? leavesAlone(value[key], rest) : true;
}

/** What acts on each value of an axis instead of taking its place. */
function changesEach(marker: MarkerData): boolean {
  const { kind } = marker;
  if (kind === "remove") return marker.equals !== undefined;
  return kind === "append" || kind === "prepend" || kind === "subtract";
}

function addAxis(marker: MarkerData, path: Path, found: Map<string, Axis>): void {
  const name = formatPath(path);
  found.set(name, { path, name, marker, values: valuesOf(marker) ?? [] });
}

const valuesByMarker = new WeakMap<MarkerData, readonly unknown[]>();

/** The values of an axis, `undefined` for a marker that is none; those of a range are made once for all runs. */
export function valuesOf(marker: MarkerData | undefined): readonly unknown[] | undefined {
  const known = marker && valuesByMarker.get(marker);
  if (marker === undefined || known !== undefined) return known;
  const values = axisValues(marker);
  if (values !== undefined) valuesByMarker.set(marker, values);
  return values;
}

/** The first value of an axis. */
function firstAxisValue(marker: MarkerData): unknown {
  return marker.kind === "range" ? marker.start : valuesOf(marker)?.[0];
}

/** The value that an axis has in a run. */
export type Chooser = (marker: MarkerData, path: Path) => unknown;

/**
 * Gives the value of each axis in one run. An axis that a later layer replaced has no value of its own: whatever it gives
 * is overwritten, so it gives its first.
 * @param axes - Those that are alive, by name.
 */
export function createChooser(axes: ReadonlyMap<string, Axis>, point: Point): Chooser {
  return (marker, path) => {
    const name = formatPath(path);
    return axes.get(name)?.marker === marker ? point.get(name) : firstAxisValue(marker);
  };
}

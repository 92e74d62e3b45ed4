/** Where the axes of a branch stand in the order of runs. */
import { markerData, type MarkerData } from "../../config/markers.ts";
import { formatPath, startsWith, type Path } from "../../core/path.ts";
import { axisMarker, collectAxes, type Axis } from "../axes.ts";
import type { Branch, PlacedLayer } from "./branch.ts";
import { visitPatch, type Layer } from "../layers.ts";
import type { Slot } from "./run-order.ts";

/**
 * The slots of the axes that are alive in a branch, by name. An axis belongs to the segment in which its path first
 * became an axis, whatever takes its place later; in a segment, axes stand in the order in which their paths first
 * appear, whatever value they had there, so that a child which turns a value into an axis does not reorder the plan.
 * Axes of the command line follow, except where one takes the place of an axis, also of one that is pinned here: else it
 * would stand in two places in the branches of one plan.
 */
export function axisSlots(branch: Branch, axes: readonly Axis[]): ReadonlyMap<string, Slot> {
  const layers = branch.layers.toSorted((one, other) => one.position - other.position);
  const modules = layers.filter(({ isCommandLine }) => !isCommandLine);
  const given = layers.filter(({ isCommandLine }) => isCommandLine);
  const inModules = new Set(given.length === 0 ? [] : collectAxes(branch.written).map(nameOf));
  for (const { layer } of modules) for (const { name } of factsOf(layer).axes) inModules.add(name);
  const slots = axes.map((axis): readonly [string, Slot] => {
    const isGiven = given.some(({ layer }) => factsOf(layer).markers.has(axis.marker));
    const candidates = isGiven && !inModules.has(axis.name) ? given : modules;
    const first =
      candidates.find(({ layer }) => makesAxis(layer, axis)) ??
      layers.find(({ layer }) => makesAxis(layer, axis));
    const [position, order] = firstAppearance(axis.path, candidates);
    return [axis.name, [first?.segment ?? 0, position, order]];
  });
  return new Map(slots);
}

/** The axes of a branch's layers that are not alive any more: a later layer took their place. */
export function endedAxes({ layers }: Branch, alive: readonly Axis[]): readonly Axis[] {
  const names = new Set(alive.map(nameOf));
  const ended = new Map<string, Axis>();
  for (const { layer } of layers)
    for (const axis of factsOf(layer).axes) if (!names.has(axis.name)) ended.set(axis.name, axis);
  return [...ended.values()];
}

function nameOf({ name }: Axis): string {
  return name;
}

function makesAxis(layer: Layer, { name, marker }: Axis): boolean {
  const { names, markers } = factsOf(layer);
  return names.has(name) || markers.has(marker);
}

/** Whoever wrote at the path or below it stands before whoever wrote something above it. */
function firstAppearance(
  path: Path,
  layers: readonly PlacedLayer[],
): readonly [position: number, order: number] {
  const find = (
    fits: (written: Path) => boolean,
  ): readonly [position: number, order: number] | undefined => {
    for (const { layer, position } of layers) {
      const order = factsOf(layer).paths.findIndex(fits);
      if (order !== -1) return [position, order];
    }
    return undefined;
  };
  return (
    find((written) => startsWith(written, path)) ??
    find((written) => startsWith(path, written)) ?? [Infinity, 0]
  );
}

/** What a layer writes, read once. */
interface LayerFacts {
  readonly paths: readonly Path[];
  /** The paths at which it has an axis, as texts. */
  readonly names: ReadonlySet<string>;
  /** All its axes, wherever they stand. */
  readonly markers: ReadonlySet<MarkerData>;
  /** Those whose path the layer alone decides: not those inside of lists. */
  readonly axes: readonly Axis[];
}

const factsByLayer = new WeakMap<Layer, LayerFacts>();

function factsOf(layer: Layer): LayerFacts {
  const known = factsByLayer.get(layer);
  if (known !== undefined) return known;
  const facts = readFacts(layer);
  factsByLayer.set(layer, facts);
  return facts;
}

function readFacts({ patch }: Layer): LayerFacts {
  const paths: Path[] = [];
  const names = new Set<string>();
  const markers = new Set<MarkerData>();
  const look = (path: Path, value: unknown): void => {
    const marker = axisMarker(value);
    if (marker !== undefined) {
      names.add(formatPath(path));
      markers.add(marker);
      return;
    }
    for (const [index, item] of itemsIn(value).entries()) visitPatch(item, [...path, index], look);
  };
  const axes: Axis[] = [];
  visitPatch(patch, [], (path, value) => {
    if (path.length > 0) paths.push(path); // an empty patch writes nothing
    const marker = axisMarker(value);
    if (marker !== undefined) axes.push({ path, name: formatPath(path), marker, values: [] });
    look(path, value);
  });
  return { paths, names, markers, axes };
}

function itemsIn(value: unknown): readonly unknown[] {
  const marker = markerData(value);
  if (marker?.kind === "append" || marker?.kind === "prepend") return marker.items;
  return Array.isArray(value) ? value : [];
}

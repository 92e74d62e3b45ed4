/**
 * Who wrote what in one run, in order, and which of it the run's values come from. The first is read off the layers; the
 * second is asked of the merged tree itself, so that no second opinion on merging can be wrong about it.
 */
import { markerData, type MarkerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import { formatPath, startsWith, type Path } from "../core/path.ts";
import { axisMarker, type Chooser } from "./axes.ts";
import { leftWritings, nodeAt, settledTree, writingsOf, type Settling } from "./final-tree.ts";
import { visitPatch, type Layer } from "./layers.ts";
import type { SchemaView } from "./schema-view.ts";
import type { Tree, Writing } from "./tree.ts";

/** One value that a layer wrote at a path: a scalar, a list, a marker, or an empty object. */
export interface Assignment {
  readonly path: Path;
  readonly layer: Layer;
  /** As written; derived values, list changes and axes over single values are markers. */
  readonly value: unknown;
  /** Position among all assignments. */
  readonly order: number;
  /** The axis whose value in this run holds it. */
  readonly axis?: {
    readonly marker: MarkerData;
    /** Where the axis stands; absent for a preset, which stands in a literal of its own. */
    readonly path?: Path;
  };
}

/** One run as it was merged. */
export interface RunLayers extends Settling {
  /** In order. */
  readonly layers: readonly Layer[];
  /** The tree that they were merged into. */
  readonly tree: Tree | undefined;
  readonly view: SchemaView;
}

/** Every assignment of one run. */
export interface Assignments {
  /** In order. */
  readonly all: readonly Assignment[];
  /** Those at exactly this path, in order. */
  at(path: Path): readonly Assignment[];
  /** Those that the value at a path comes from, in order: of a list as many as wrote or changed its items. */
  holders(path: Path): readonly Assignment[];
  /** Those of the holders of which something is left: of a list those who wrote an item that stands in it. */
  left(path: Path): readonly Assignment[];
  /** The last one that a value other than an object comes from; `undefined` for a default of the schema. */
  setter(path: Path): Assignment | undefined;
  /** The last one that anything at or below a path comes from. */
  lastAround(path: Path): Assignment | undefined;
}

/** Reads the assignments of one run off its layers. */
function readAssignments(run: RunLayers): Assignments {
  const all = listAssignments(run);
  const byPath = groupBy(all, ({ path }) => formatPath(path));
  const byLayer = groupBy(all, ({ layer }) => layer);
  const tree = settledTree(run.tree, { ...run, path: [] });
  const at = (path: Path): readonly Assignment[] => byPath.get(formatPath(path)) ?? [];
  const ofWriting = ({ layer, path }: Writing): readonly Assignment[] =>
    layer === undefined ? [] : longestAbove(byLayer.get(layer) ?? [], path);
  const inOrder = (writings: readonly Writing[]): readonly Assignment[] => {
    const found = new Set(writings.flatMap(ofWriting));
    return [...found].toSorted((one, other) => one.order - other.order);
  };
  const held = (node: Tree): readonly Assignment[] => inOrder(writingsOf(node));
  const lastAround = (path: Path): Assignment | undefined => {
    const node = nodeAt(tree, path);
    const isRefused = node?.kind === "broken" && all.findLast((one) => isAround(one.path, path));
    return isRefused || (node && held(node).at(-1));
  };
  const isObject = (node: Tree): boolean => node.kind === "object" && node.fields.size > 0;
  return {
    all,
    at,
    holders: (path) => {
      const node = nodeAt(tree, path);
      return node === undefined || isObject(node) ? [] : held(node);
    },
    left: (path) => {
      const node = nodeAt(tree, path);
      return node === undefined || isObject(node) ? [] : inOrder(leftWritings(node));
    },
    setter: (path) => {
      const node = nodeAt(tree, path);
      return node === undefined || isObject(node) ? undefined : lastAround(path);
    },
    lastAround,
  };
}

function isAround(one: Path, other: Path): boolean {
  return startsWith(one, other) || startsWith(other, one);
}

/** Markers and lists are written as one value; what stands in them was written by whoever wrote them. */
function longestAbove(written: readonly Assignment[], path: Path): readonly Assignment[] {
  let found: Assignment | undefined;
  for (const one of written)
    if (startsWith(path, one.path) && one.path.length >= (found?.path.length ?? 0)) found = one;
  return found === undefined ? [] : [found];
}

function listAssignments({ layers, choose }: RunLayers): readonly Assignment[] {
  const all: Assignment[] = [];
  const visit = (patch: unknown, from: Pick<Assignment, "path" | "layer" | "axis">): void => {
    const { layer } = from;
    visitPatch(patch, from.path, (path, value) => {
      const inner = chosenPatch({ ...from, path, value }, choose);
      if (inner !== undefined) visit(inner.patch, inner);
      else
        all.push({ path, layer, value, order: all.length, ...(from.axis && { axis: from.axis }) });
    });
  };
  for (const layer of layers) visit(layer.patch, { path: [], layer });
  return all;
}

/** What an axis writes in this run, where that is more than one value of a field. */
function chosenPatch(
  { layer, path, value }: Pick<Assignment, "layer" | "path" | "value">,
  choose: Chooser,
): (Pick<Assignment, "path" | "layer" | "axis"> & { readonly patch: unknown }) | undefined {
  const marker = axisMarker(value);
  if (marker === undefined) return undefined;
  const patch = choose(marker, path);
  const preset = layer.alternatives?.get(patch);
  if (preset !== undefined) return { patch, path, layer: preset, axis: { marker } };
  const inner = markerData(patch);
  const whole = inner?.kind === "replace" ? inner.value : patch;
  const isObject = markerData(whole) === undefined && isPlainObject(whole);
  return isObject ? { patch, path, layer, axis: { marker, path } } : undefined;
}

function groupBy<K, V>(values: readonly V[], keyOf: (value: V) => K): ReadonlyMap<K, readonly V[]> {
  const groups = new Map<K, V[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/**
 * A reader that keeps the assignments of one run at a time: a plan of thousands of runs needs each only while that run
 * is looked at.
 * @returns The assignments, read when they are first asked for.
 */
export function createAssignmentsReader(): (run: () => RunLayers) => Assignments {
  let last: { readonly of: object; readonly read: Assignments } | undefined;
  return (run) => {
    const self: Assignments = {
      get all() {
        return read().all;
      },
      at: (path) => read().at(path),
      holders: (path) => read().holders(path),
      left: (path) => read().left(path),
      setter: (path) => read().setter(path),
      lastAround: (path) => read().lastAround(path),
    };
    const read = (): Assignments => {
      if (last?.of !== self) last = { of: self, read: readAssignments(run()) };
      return last.read;
    };
    return self;
  };
}

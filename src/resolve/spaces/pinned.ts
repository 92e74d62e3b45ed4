/** Values that a combinator gave and a later layer, the command line's too, took the place of. */
import { markerData } from "../../config/markers.ts";
import { isPlainObject } from "../../core/json.ts";
import { startsWith, type Path } from "../../core/path.ts";
import type { Branch } from "./branch.ts";
import { visitPatch, type Layer } from "../layers.ts";
import { treeAt } from "../refusal.ts";
import type { ShownValue } from "./space-nodes.ts";
import type { Tree } from "../tree.ts";

/** Where a value stands: an item that was added to a list has its index only there. */
export function placeOfValue({ path = [], appended }: ShownValue, tree: Tree | undefined): Path {
  if (appended === undefined) return path;
  const list = treeAt(tree, appended.list);
  const { length } = appended.list;
  const index = path[length];
  if (list?.kind !== "list" || typeof index !== "number") return path;
  const offset = list.items.length - appended.count;
  return [...path.slice(0, length), offset + index, ...path.slice(length + 1)];
}

/**
 * Where something stands in the end that some layers put at a path: an item moves up when one before it is taken away.
 * @param writers - Those layers.
 * @returns `undefined` where a later layer took its place.
 */
export function finalPlace(
  path: Path,
  writers: readonly Layer[],
  { layers, tree }: Branch,
): Path | undefined {
  let place = path;
  const last = layers.findLastIndex(({ layer }) => writers.includes(layer));
  for (const { layer } of layers.slice(last + 1)) {
    const { paths, removed } = writesOf(layer);
    if (paths.some((written) => startsWith(place, written))) return undefined;
    for (const item of removed) place = withoutItem(place, item);
  }
  return standsAt(tree, place) ? place : undefined;
}

function withoutItem(path: Path, item: Path): Path {
  const position = item.length - 1;
  const [index, gone] = [path[position], item[position]];
  if (typeof index !== "number" || typeof gone !== "number" || index < gone) return path;
  return startsWith(path, item.slice(0, -1)) ? path.with(position, index - 1) : path;
}

/** What a layer writes in place of something else; items that it adds or takes from a list leave the others. */
interface LayerWrites {
  readonly paths: readonly Path[];
  /** Items that it takes away by their index. */
  readonly removed: readonly Path[];
}

const writesByLayer = new WeakMap<Layer, LayerWrites>();

function writesOf(layer: Layer): LayerWrites {
  const known = writesByLayer.get(layer) ?? readWrites(layer);
  writesByLayer.set(layer, known);
  return known;
}

function readWrites({ patch }: Layer): LayerWrites {
  const paths: Path[] = [];
  const removed: Path[] = [];
  visitPatch(patch, [], (path, value) => {
    const kind = markerData(value)?.kind;
    const isEdit = kind === "append" || kind === "prepend" || kind === "subtract";
    const isNothing = isPlainObject(value) && Object.keys(value).length === 0;
    if (!isEdit && !isNothing) paths.push(path);
    if (kind === "remove" && typeof path.at(-1) === "number") removed.push(path);
  });
  return { paths, removed };
}

/** Below an axis anything may stand. */
function standsAt(tree: Tree | undefined, path: Path): boolean {
  let found = tree;
  for (const part of path) {
    if (found?.kind === "deferred") return true;
    if (found?.kind === "object") found = found.fields.get(String(part));
    else if (found?.kind === "list") found = found.items[Number(part)];
    else return false;
  }
  return found !== undefined;
}

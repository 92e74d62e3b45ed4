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
 * Whether what stands at a path is no longer what some layers put there.
 * @param writers - Those layers.
 */
export function isOverwritten(
  path: Path,
  writers: readonly Layer[],
  { layers, tree }: Branch,
): boolean {
  const last = layers.findLastIndex(({ layer }) => writers.includes(layer));
  return (
    layers.slice(last + 1).some(({ layer }) => writesOver(layer, path)) || !standsAt(tree, path)
  );
}

const wholePaths = new WeakMap<Layer, readonly Path[]>();

function writesOver(layer: Layer, path: Path): boolean {
  const known = wholePaths.get(layer) ?? readWholePaths(layer);
  wholePaths.set(layer, known);
  return known.some((written) => startsWith(path, written));
}

/** Where a layer writes a value in place of another; items that it adds or takes away leave the others. */
function readWholePaths({ patch }: Layer): readonly Path[] {
  const paths: Path[] = [];
  visitPatch(patch, [], (path, value) => {
    const kind = markerData(value)?.kind;
    const isEdit = kind === "append" || kind === "prepend" || kind === "subtract";
    const isNothing = isPlainObject(value) && Object.keys(value).length === 0;
    if (!isEdit && !isNothing) paths.push(path);
  });
  return paths;
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

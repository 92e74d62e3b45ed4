/** Layers of modules and of the command line, merged in order into one tree. */
import { valueAt, type Path } from "../core/path.ts";
import type { CommandLineLayer } from "./command-line.ts";
import type { InputReader } from "./inputs.ts";
import type { Layer } from "./layers.ts";
import { merge } from "./merge.ts";
import type { Report } from "./problems.ts";
import type { SchemaView } from "./schema-view.ts";
import type { Tree } from "./tree.ts";

/** What merging asks for, beside the layers. */
export interface MergeScope {
  readonly view: SchemaView;
  readonly report: Report;
  readonly inputs: InputReader | undefined;
}

/** The tree after module layers, in order. */
export function mergeLayers(
  base: Tree | undefined,
  layers: readonly Layer[],
  scope: MergeScope,
): Tree | undefined {
  let tree = base;
  for (const layer of layers) tree = merge(tree, layer.patch, { ...scope, path: [], layer });
  return tree;
}

/** The tree after the command line, which alone can ask for what is there to be absent. */
export function mergeCommandLine(
  base: Tree | undefined,
  layers: readonly CommandLineLayer[],
  scope: MergeScope,
): Tree | undefined {
  let tree = base;
  for (const layer of layers) {
    const { operation, path } = layer;
    if (operation === "add" && !canAdd(tree, layer)) {
      const text = "has a value already; “+” only adds what is not there";
      scope.report({ path, message: text, place: { kind: "layer", layer, path } });
      continue;
    }
    tree = mergeLayers(tree, [layer], scope);
  }
  return tree;
}

/** As in Hydra: `+` adds where nothing or `null` stands, and merges an object into an object. */
function canAdd(tree: Tree | undefined, { path, patch }: CommandLineLayer): boolean {
  const there = treeAt(tree, path);
  if (there === undefined || (there.kind === "leaf" && there.value === null)) return true;
  const added = valueAt(patch, path);
  const isObject = typeof added === "object" && added !== null && !Array.isArray(added);
  return there.kind === "object" && isObject;
}

/** What stands at a path of a tree, as far as it is decided; `undefined` below an axis. */
export function treeAt(tree: Tree | undefined, path: Path): Tree | undefined {
  let found = tree;
  for (const part of path) {
    if (found?.kind === "object") found = found.fields.get(String(part));
    else if (found?.kind === "list") found = found.items[Number(part)];
    else return undefined;
  }
  return found;
}

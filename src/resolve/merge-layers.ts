/** Layers of modules and of the command line, merged in order into one tree. */
import type { CommandLineLayer } from "./command-line.ts";
import type { InputReader } from "./inputs.ts";
import type { Layer } from "./layers.ts";
import { merge } from "./merge.ts";
import type { Report } from "./problems.ts";
import { emptyRemoval, refusal } from "./refusal.ts";
import type { SchemaView } from "./schema-view.ts";
import type { Tree } from "./tree.ts";

/** What merging asks for, beside the layers. */
export interface MergeScope {
  readonly view: SchemaView;
  readonly report: Report;
  readonly inputs: InputReader | undefined;
  readonly ownFields?: WeakSet<object>;
  /** For what is no mistake, but does nothing. */
  readonly note?: (text: string) => void;
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
  const own = { ...scope, ownFields: new WeakSet() }; // else a thousand arguments copy an object a thousand times
  for (const layer of layers) {
    const { path } = layer;
    const refused = refusal(tree, layer, scope.view);
    if (refused !== undefined) {
      scope.report({ ...refused, path, place: { kind: "layer", layer, path } });
      continue;
    }
    const note = emptyRemoval(tree, layer, scope.view);
    if (note !== undefined) scope.note?.(note);
    tree = mergeLayers(tree, [layer], own);
  }
  return tree;
}

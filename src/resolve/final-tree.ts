/** The merged tree of one run, in which every value knows who wrote it: asked only when somebody wants to be told. */
import type { Path } from "../core/path.ts";
import type { Chooser } from "./axes.ts";
import type { InputReader } from "./inputs.ts";
import { merge } from "./merge.ts";
import { childViews, listView, objectView, unionView } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";
import { leafValue, type DeferredTree, type Tree, type Writing } from "./tree.ts";

/** What the axes of a tree are given their values with. */
export interface Settling {
  readonly inputs: InputReader | undefined;
  readonly choose: Chooser;
}

interface SettlingPlace extends Settling {
  readonly path: Path;
  readonly view: SchemaView | undefined;
}

/** The tree with every axis at its value, as a run is built from it; what is wrong there is told by the run. */
export function settledTree(tree: Tree | undefined, at: SettlingPlace): Tree | undefined {
  switch (tree?.kind) {
    case "deferred":
      return settledTree(chosenTree(tree, at), at);
    case "object": {
      const discriminator = unionView(at.view)?.discriminator;
      const kind = discriminator && leafValue(tree.fields.get(discriminator));
      const view = objectView(at.view, kind);
      const fields = [...tree.fields].flatMap(([key, field]) => {
        const place = { ...at, path: [...at.path, key], view: view && childViews(view, key)[0] };
        const settled = settledTree(field, place);
        return settled === undefined ? [] : [[key, settled] as const];
      });
      return { ...tree, fields: new Map(fields) };
    }
    case "list": {
      const list = listView(at.view);
      const items = tree.items.flatMap((item, index) => {
        const place = { ...at, path: [...at.path, index], view: list?.entry(index) };
        return settledTree(item, place) ?? [];
      });
      return { ...tree, items };
    }
    default:
      return tree;
  }
}

function chosenTree(tree: DeferredTree, at: SettlingPlace): Tree | undefined {
  let chosen = tree.base;
  for (const { patch, layer } of tree.steps)
    chosen = merge(chosen, patch, { ...at, layer, report: () => {} });
  return chosen;
}

/** What stands at a path, or at the whole that is computed above it; `undefined` where the schema's default does. */
export function nodeAt(tree: Tree | undefined, path: Path): Tree | undefined {
  let node = tree;
  for (const part of path) {
    if (node?.kind === "object") node = node.fields.get(String(part));
    else if (node?.kind === "list") node = node.items[Number(part)];
    else return node;
  }
  return node;
}

/** Who wrote what is left of a tree: of a list those whose items stand in it, the last one where it is empty. */
export function leftWritings(tree: Tree): readonly Writing[] {
  if (tree.kind === "list" && tree.items.length === 0) return tree.writings.slice(-1);
  if (tree.kind === "list") return tree.items.flatMap(leftWritings);
  const isHolder = tree.kind === "object" && tree.fields.size > 0;
  return isHolder ? [...tree.fields.values()].flatMap(leftWritings) : writingsOf(tree);
}

/** Who wrote a tree, part by part. */
export function writingsOf(tree: Tree): readonly Writing[] {
  switch (tree.kind) {
    case "leaf":
    case "computed":
      return [tree];
    case "list":
      return [...tree.writings, ...tree.items.flatMap(writingsOf)];
    case "object":
      return [...(tree.writings ?? []), ...[...tree.fields.values()].flatMap(writingsOf)];
    case "deferred":
    case "broken":
      break;
  }
  return [];
}

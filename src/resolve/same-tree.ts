/** Comparing what stands in a tree with what an override names, for `tags-=x` and `~tags=[x]`. */
import { objectView, childViews, listView, unionView } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";
import { leafValue, type ObjectTree, type Tree } from "./tree.ts";

/** Gives the default of a field as a tree. */
export type FallbackTree = (view: SchemaView | undefined) => Tree | undefined;

/**
 * Tells whether two trees come to the same value, whatever is left to defaults in either. What is known only in each
 * run, such as an axis, equals nothing.
 */
export function sameTree(
  one: Tree | undefined,
  other: Tree | undefined,
  scope: { readonly view: SchemaView | undefined; readonly fallback: FallbackTree },
): boolean {
  const { view, fallback } = scope;
  if (one?.kind === "leaf" && other?.kind === "leaf") return one.value === other.value;
  if (one?.kind === "list" && other?.kind === "list") {
    const list = listView(view);
    const { items } = other;
    return (
      one.items.length === items.length &&
      one.items.every((item, index) =>
        sameTree(item, items[index], { view: list?.entry(index), fallback }),
      )
    );
  }
  if (one?.kind !== "object" || other?.kind !== "object") return false;
  return sameFields(one, other, scope);
}

function sameFields(
  one: ObjectTree,
  other: ObjectTree,
  { view, fallback }: Parameters<typeof sameTree>[2],
): boolean {
  const discriminator = unionView(view)?.discriminator;
  const kind = discriminator === undefined ? undefined : leafValue(one.fields.get(discriminator));
  const own = objectView(view, kind);
  return [...new Set([...one.fields.keys(), ...other.fields.keys()])].every((key) => {
    const child = own && childViews(own, key)[0];
    const first = one.fields.get(key) ?? fallback(child);
    return sameTree(first, other.fields.get(key) ?? fallback(child), { view: child, fallback });
  });
}

/** A tree as plain data for messages; what is known only in each run is named by what it is. */
export function plainTree(tree: Tree | undefined): unknown {
  switch (tree?.kind) {
    case "leaf":
      return tree.value;
    case "list":
      return tree.items.map(plainTree);
    case "object":
      return Object.fromEntries([...tree.fields].map(([key, field]) => [key, plainTree(field)]));
    case "computed":
      return `${tree.marker.kind}()`;
    case "deferred":
      return "(an axis)";
    case "broken":
    case undefined:
      break;
  }
  return undefined;
}

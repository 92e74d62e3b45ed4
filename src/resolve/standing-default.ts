/** The schema's defaults as they stand in a tree that does not say more. */
import { valueAt, type Path } from "../core/path.ts";
import { childViews, listView, objectView, unionView } from "./schema-queries.ts";
import type { Fallback, SchemaView } from "./schema-view.ts";
import { leafValue, type Tree } from "./tree.ts";

/**
 * The default that stands at a path, or the part of one that stands above it; `undefined` where the tree says more, where
 * it is not decided yet, and where nothing stands.
 */
export function standingDefault(
  tree: Tree | undefined,
  path: Path,
  root: SchemaView,
): Fallback | undefined {
  let there: Tree | undefined = tree ?? { kind: "object", fields: new Map() };
  let standing: Fallback | undefined;
  let view: SchemaView | undefined = root;
  for (const part of path) {
    if (there !== undefined && there.kind !== "object") return undefined;
    view = childView(view, part, { there, standing: standing?.value });
    if (standing?.value === null) return undefined; // below it is nothing
    const inside = valueAt(standing?.value, [part]);
    standing = inside === undefined ? view?.fallback : { value: inside };
    there = there?.fields.get(String(part));
    if (there === undefined && standing === undefined) return undefined;
  }
  return there === undefined ? standing : undefined;
}

interface Whole {
  readonly there: (Tree & { readonly kind: "object" }) | undefined;
  /** A default in its place. */
  readonly standing: unknown;
}

/** The view of a part: of a union, that of the member that the whole's kind names. */
function childView(
  view: SchemaView | undefined,
  part: string | number,
  { there, standing }: Whole,
): SchemaView | undefined {
  const key = unionView(view)?.discriminator ?? "";
  const kind = there === undefined ? valueAt(standing, [key]) : leafValue(there.fields.get(key));
  const own = typeof part === "number" ? listView(view) : objectView(view, kind);
  return own && childViews(own, part)[0];
}

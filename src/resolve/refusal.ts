/** What an override asks of the tree that it acts on: that something is there, or is not. */
import { valueAt, type Path } from "../core/path.ts";
import type { CommandLineLayer } from "./command-line.ts";
import { showValue } from "./problems.ts";
import { childViews, keysOf, objectView, unionView, viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";
import { leafValue, type Tree } from "./tree.ts";

/** Why an override cannot act on what stands there, as a sentence; `undefined` where it can. */
export function refusal(
  tree: Tree | undefined,
  layer: CommandLineLayer,
  view: SchemaView,
): string | undefined {
  const { operation, path, names } = layer;
  if (operation === "add" && path.length > 0 && !canAdd(tree, layer))
    return "has a value already; “+” only adds what is not there, “=” and “++” change it";
  if (operation === "append" && names.size > 0 && treeAt(tree, path)?.kind === "deferred")
    return "is an axis already, so it cannot vary in what is added to it too; write the lists out";
  return operation === "remove" ? absence(tree, path, view) : undefined;
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

/** As in Hydra: `+` adds where nothing or `null` stands, and merges an object into an object, but no second preset. */
function canAdd(tree: Tree | undefined, { path, patch, source }: CommandLineLayer): boolean {
  const there = treeAt(tree, path);
  if (there === undefined || (there.kind === "leaf" && there.value === null)) return true;
  if (source.kind === "module") return false;
  const added = valueAt(patch, path);
  const isObject = typeof added === "object" && added !== null && !Array.isArray(added);
  return there.kind === "object" && isObject;
}

/** What is never there cannot be removed: an entry that a record lacks, a field of another kind. */
function absence(tree: Tree | undefined, path: Path, root: SchemaView): string | undefined {
  const above = path.slice(0, -1);
  const key = path.at(-1);
  const fields = fieldsAt(tree, above);
  if (fields === undefined || typeof key !== "string" || fields.has(key)) return undefined;
  for (const view of viewsAt(root, above)) {
    const other = otherKind(view, fields, key);
    if (other !== undefined) return other;
    const isDefault = fields.size === 0 && view.fallback !== undefined;
    if (view.shape !== "record" || isDefault) continue;
    const entries = fields.size === 0 ? "none" : [...fields.keys()].join(", ");
    return `is not there to be removed; there are ${entries}`;
  }
  return undefined;
}

/** The fields of an object, none where it is absent; `undefined` where they depend on an axis, or it is no object. */
function fieldsAt(tree: Tree | undefined, path: Path): ReadonlyMap<string, Tree> | undefined {
  const onTheWay = [tree, ...path.map((_, index) => treeAt(tree, path.slice(0, index + 1)))];
  if (onTheWay.some((one) => one?.kind === "deferred")) return undefined;
  const holder = onTheWay.at(-1);
  if (holder === undefined) return new Map();
  return holder.kind === "object" ? holder.fields : undefined;
}

function otherKind(
  view: SchemaView,
  fields: ReadonlyMap<string, Tree>,
  key: string,
): string | undefined {
  const union = unionView(view);
  const kind = union && leafValue(fields.get(union.discriminator));
  const own = kind === undefined ? undefined : objectView(view, kind);
  if (union === undefined || own === undefined || childViews(own, key).length > 0) return undefined;
  const known = keysOf(own).join(", ");
  return `is not a field of ${union.discriminator} ${showValue(kind)}, which has ${known}`;
}

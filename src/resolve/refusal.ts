/** What an override asks of the tree that it acts on: that something is there, or is not. */
import { isDeepStrictEqual } from "node:util";
import { markerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import { formatPath, valueAt, type Path } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";
import type { CommandLineLayer } from "./command-line.ts";
import { showValue } from "./problems.ts";
import { childViews, keysOf, objectView, unionView, viewsAt } from "./schema-queries.ts";
import type { Fallback, SchemaView } from "./schema-view.ts";
import { standingDefault } from "./standing-default.ts";
import { leafValue, type Tree } from "./tree.ts";

/** Why an override cannot act on what stands there; `undefined` where it can. */
export function refusal(
  tree: Tree | undefined,
  layer: CommandLineLayer,
  view: SchemaView,
): Absence | undefined {
  const { operation, path, names } = layer;
  if (operation === "add" && path.length > 0) {
    const there = treeAt(tree, path);
    const standing = there === undefined ? standingDefault(tree, path, view) : undefined;
    const isFree = there === undefined ? canAddTo(standing, layer) : canAdd(there, layer);
    const what = standing === undefined ? "" : `, its default ${showValue(standing.value)}`;
    const message = `has a value already${what}; “+” only adds what is not there, “=” and “++” change it`;
    if (!isFree) return { message };
  }
  if (operation === "append" && names.size > 0 && treeAt(tree, path)?.kind === "deferred") {
    const message =
      "is an axis already, so it cannot vary in what is added to it too; write the lists out";
    return { message };
  }
  return operation === "remove" ? absence(tree, layer, view) : undefined;
}

/** A removal that takes nothing away, since only the schema's default stands there: what is noted of it. */
export function emptyRemoval(
  tree: Tree | undefined,
  { operation, path, source }: CommandLineLayer,
  view: SchemaView,
): string | undefined {
  if (operation !== "remove" || typeof path.at(-1) !== "string") return undefined;
  const standing = treeAt(tree, path) === undefined ? standingDefault(tree, path, view) : undefined;
  const isOwn = viewsAt(view, path).some(({ fallback }) =>
    isDeepStrictEqual(fallback?.value, standing?.value),
  );
  if (standing === undefined || !isOwn || source.kind !== "commandLine") return undefined;
  const shown = showValue(standing.value);
  return `${source.text} takes nothing away: ${formatPath(path)} has its default ${shown}.`;
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
function canAdd(there: Tree, layer: CommandLineLayer): boolean {
  if (there.kind === "leaf") return there.value === null;
  return there.kind === "object" && addsObject(layer);
}

function canAddTo(standing: Fallback | undefined, layer: CommandLineLayer): boolean {
  if (standing === undefined || standing.value === null) return true;
  return isPlainObject(standing.value) && addsObject(layer);
}

function addsObject({ path, patch, source }: CommandLineLayer): boolean {
  if (source.kind === "module") return false;
  const added = valueAt(patch, path);
  return typeof added === "object" && added !== null && !Array.isArray(added);
}

/** Why there is nothing to act on. */
interface Absence {
  readonly message: string;
  readonly suggestion?: string;
}

/** What is never there cannot be removed: an entry that a record lacks, a field that is not set or of another kind. */
function absence(
  tree: Tree | undefined,
  { path, patch }: CommandLineLayer,
  root: SchemaView,
): Absence | undefined {
  const above = path.slice(0, -1);
  const key = path.at(-1);
  const fields = fieldsAt(tree, above);
  if (fields === undefined || typeof key !== "string" || fields.has(key)) return undefined;
  const standing = standingDefault(tree, above, root)?.value;
  const entries = [...fields.keys(), ...(isPlainObject(standing) ? Object.keys(standing) : [])];
  if (entries.includes(key)) return undefined;
  for (const view of viewsAt(root, above)) {
    const union = unionView(view)?.discriminator ?? "";
    const kind = leafValue(fields.get(union)) ?? valueAt(standing, [union]);
    const other = otherKind(view, kind, key);
    if (other !== undefined) return { message: other };
    if (view.shape === "record") return absentEntry(above, key, entries);
  }
  const marker = markerData(valueAt(patch, path));
  const isPlain = marker?.kind === "remove" && marker.equals === undefined; // else its value is compared
  const isNothing = standingDefault(tree, path, root) === undefined;
  return isPlain && isNothing
    ? { message: "is not set, so there is nothing to remove" }
    : undefined;
}

function absentEntry(above: Path, key: string, entries: readonly string[]): Absence {
  const message = `is not there to be removed; there are ${entries.join(", ") || "none"}`;
  const suggestion = nearest(key, entries);
  return suggestion === undefined
    ? { message }
    : { message, suggestion: formatPath([...above, suggestion]) };
}

/** The fields of an object, none where it is absent; `undefined` where they depend on an axis, or it is no object. */
function fieldsAt(tree: Tree | undefined, path: Path): ReadonlyMap<string, Tree> | undefined {
  const onTheWay = [tree, ...path.map((_, index) => treeAt(tree, path.slice(0, index + 1)))];
  if (onTheWay.some((one) => one?.kind === "deferred")) return undefined;
  const holder = onTheWay.at(-1);
  if (holder === undefined) return new Map();
  return holder.kind === "object" ? holder.fields : undefined;
}

function otherKind(view: SchemaView, kind: unknown, key: string): string | undefined {
  const union = unionView(view);
  const own = kind === undefined ? undefined : objectView(view, kind);
  if (union === undefined || own === undefined || childViews(own, key).length > 0) return undefined;
  const known = keysOf(own).join(", ");
  return `is not a field of ${union.discriminator} ${showValue(kind)}, which has ${known}`;
}

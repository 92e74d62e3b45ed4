/**
 * Merging one layer into what the layers before it made. Objects merge, lists and scalars replace; markers say anything
 * else. The schema is asked for three things only: which key tells the members of a union apart, what the default is
 * that a change starts from, and which fields exclude each other. Everything else is checked on the finished config.
 */
import { markerData, type InputMarker, type MarkerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";
import { axisMarker, hasAxis } from "./axes.ts";
import type { InputReader } from "./inputs.ts";
import { maxListLength } from "../config/snapshot.ts";
import { IndexEdit, type Layer } from "./layers.ts";
import { showValue, type Report } from "./problems.ts";
import { childViews, listView, objectView, unionView } from "./schema-queries.ts";
import { plainTree, sameTree, type FallbackTree } from "./same-tree.ts";
import type { SchemaView } from "./schema-view.ts";
import { brokenTree, leafValue, type DeferredTree, type ObjectTree, type Tree } from "./tree.ts";

/** Where and for whom a patch is merged. */
export interface MergePlace {
  readonly path: Path;
  readonly view: SchemaView | undefined;
  /** Who writes; `undefined` for the schema's default. */
  readonly layer: Layer | undefined;
  readonly report: Report;
  /** Reads recorded inputs; absent where none can stand, as in defaults of a schema. */
  readonly inputs?: InputReader | undefined;
  /** The value of an axis in one run; absent while layers are merged for all runs together. */
  readonly choose?: (marker: MarkerData, path: Path) => unknown;
}

/** More levels than any config has: a patch that contains itself must not end in a stack overflow. */
const maxDepth = 100;

/**
 * What stands at a place after `patch` was written over `base`.
 * @returns The merged tree, or `undefined` where nothing stands there any more.
 */
export function merge(base: Tree | undefined, patch: unknown, at: MergePlace): Tree | undefined {
  if (at.path.length > maxDepth) return refuse(at, "is nested too deeply");
  const marker = markerData(patch);
  if (marker !== undefined) return mergeMarker({ base, marker, patch }, at);
  if (patch instanceof IndexEdit) return mergeItem(base, patch, at);
  if (Array.isArray(patch) && patch.length > maxListLength)
    return refuse(at, `is a list of ${patch.length} items; at most ${maxListLength} are allowed`);
  if (Array.isArray(patch)) return { kind: "list", items: items(patch, 0, at) };
  if (isPlainObject(patch)) return mergeObject(base, patch, at);
  return leafTree(patch, at);
}

/** The tree of a value with nothing below it, such as a default of the schema. */
export function treeOf(value: unknown, at: MergePlace): Tree {
  return merge(undefined, value, at) ?? brokenTree;
}

function refuse(at: MergePlace, message: string, value?: unknown): Tree {
  at.report({
    path: at.path,
    message,
    ...(value === undefined ? {} : { value: showValue(value) }),
    ...(at.layer === undefined ? {} : { place: { kind: "layer", layer: at.layer, path: at.path } }),
  });
  return brokenTree;
}

function leafTree(value: unknown, at: MergePlace): Tree {
  if (value === undefined) {
    return refuse(at, "is undefined: leave the key out, or take the field away with remove()");
  }
  const isScalar = value === null || typeof value === "boolean" || typeof value === "string";
  if (isScalar) return { kind: "leaf", value, layer: at.layer };
  if (typeof value === "number" && Number.isFinite(value)) {
    return { kind: "leaf", value: value === 0 ? 0 : value, layer: at.layer }; // JSON knows no -0
  }
  const advice = typeof value === "function" ? ": compute a value with derived((c) => …)" : "";
  return refuse(at, `must be plain data that JSON can say${advice}`, value);
}

interface MarkedChange {
  readonly base: Tree | undefined;
  readonly marker: MarkerData;
  readonly patch: unknown;
}

function mergeMarker({ base, marker, patch }: MarkedChange, at: MergePlace): Tree | undefined {
  switch (marker.kind) {
    case "choice":
    case "range":
      if (at.choose === undefined)
        return deferred(base?.kind === "deferred" ? base.base : base, patch, at);
      return merge(base, at.choose(marker, at.path), at);
    case "env":
    case "external":
      return mergeInput(base, marker, at);
    case "derived":
    case "required":
    case "reference":
      return { kind: "computed", marker, layer: at.layer };
    case "replace":
      return merge(undefined, marker.value, at);
    case "remove":
      return removeTree({ base, marker, patch }, at);
    case "subtract":
      return subtractItems({ base, patch, unwanted: marker.items }, at);
    case "append":
      return mergeItems({ base, patch, added: marker.items, atEnd: true }, at);
    case "prepend":
      return mergeItems({ base, patch, added: marker.items, atEnd: false }, at);
    case "interval":
      return refuse(at, "needs a search: a grid takes choice(), range() or linspace()");
    case "glob":
      return refuse(at, "is chosen from presets by glob(), but no presets are known for this path");
  }
}

/** What is read is merged as if it had been written; without it a later layer may still say the value. */
function mergeInput(base: Tree | undefined, marker: InputMarker, at: MergePlace): Tree | undefined {
  const reading = at.inputs?.read(marker, at.path, at.view);
  if (reading?.kind === "value") return merge(base, reading.value, at);
  if (reading?.kind === "absent") return { kind: "computed", marker, layer: at.layer };
  const message = reading?.message ?? `holds ${marker.kind}(), which cannot stand here`;
  at.report({ path: at.path, message, place: { kind: "call", call: marker.call } });
  return brokenTree;
}

function deferred(base: Tree | undefined, patch: unknown, at: MergePlace): Tree {
  if (at.layer === undefined) return refuse(at, "must be plain data that JSON can say");
  return { kind: "deferred", base, steps: [{ patch, layer: at.layer }] };
}

function addStep(base: DeferredTree, patch: unknown, at: MergePlace): Tree {
  if (at.layer === undefined) return base;
  return { ...base, steps: [...base.steps, { patch, layer: at.layer }] };
}

function items(values: readonly unknown[], offset: number, at: MergePlace): Tree[] {
  const list = listView(at.view);
  return values.map((value, position) => {
    const index = offset + position;
    return treeOf(value, { ...at, path: [...at.path, index], view: list?.entry(index) });
  });
}

/** Nothing; or the problem, where only a certain value was to be taken away. */
function removeTree({ base, marker, patch }: MarkedChange, at: MergePlace): Tree | undefined {
  const equals = marker.kind === "remove" ? marker.equals : undefined;
  if (equals === undefined || base?.kind === "broken") return undefined;
  if (base?.kind === "deferred") return addStep(base, patch, at);
  const found = base ?? defaultTree(at);
  const wanted = treeOf(equals.value, at);
  if (sameTree(found, wanted, { view: at.view, fallback: fallbackFor(at) })) return undefined;
  const is = found === undefined ? "is not set" : `is ${showValue(plainTree(found))}`;
  return refuse(at, `${is}, not ${showValue(equals.value)}, and so it is not removed`);
}

interface ItemsRemoval {
  readonly base: Tree | undefined;
  readonly patch: unknown;
  readonly unwanted: readonly unknown[];
}

function subtractItems({ base: given, patch, unwanted }: ItemsRemoval, at: MergePlace): Tree {
  const base = given ?? defaultTree(at);
  if (base?.kind === "broken") return base;
  if (base?.kind === "deferred") return addStep(base, patch, at);
  if (base !== undefined && base.kind !== "list")
    return refuse(at, `cannot lose items: what stands there is ${describeTree(base)}, not a list`);
  let kept = base?.items ?? [];
  const missing: unknown[] = [];
  const scope = { view: listView(at.view)?.entry(0), fallback: fallbackFor(at) };
  for (const value of unwanted) {
    const wanted = treeOf(value, { ...at, view: scope.view });
    const rest = kept.filter((item) => !sameTree(item, wanted, scope));
    if (rest.length === kept.length) missing.push(value);
    kept = rest;
  }
  if (missing.length === 0) return { kind: "list", items: kept };
  const found = base === undefined ? [] : base.items.map((item) => showValue(plainTree(item)));
  const holds = found.length === 0 ? "is empty" : `holds ${found.join(", ")}`;
  return refuse(at, `has no item ${missing.map(showValue).join(" and no item ")}; it ${holds}`);
}

function fallbackFor(at: MergePlace): FallbackTree {
  return (view) => defaultTree({ ...at, view });
}

interface ItemsChange {
  readonly base: Tree | undefined;
  readonly patch: unknown;
  readonly added: readonly unknown[];
  readonly atEnd: boolean;
}

function mergeItems(change: ItemsChange, at: MergePlace): Tree {
  const base = change.base ?? defaultTree(at);
  const name = change.atEnd ? "append()" : "prepend()";
  if (base?.kind === "broken") return base;
  if (base?.kind === "deferred") {
    // Where an item would stand is known only in each run, so an axis in it would have no path.
    if (change.added.some(hasAxis))
      return refuse(at, `holds an axis inside ${name} to a list that is an axis itself`);
    return addStep(base, change.patch, at);
  }
  if (base !== undefined && base.kind !== "list")
    return refuse(
      at,
      `cannot take ${name}: what stands there is ${describeTree(base)}, not a list`,
    );
  const existing = base?.items ?? [];
  const added = items(change.added, change.atEnd ? existing.length : 0, at);
  return { kind: "list", items: change.atEnd ? [...existing, ...added] : [...added, ...existing] };
}

function mergeItem(base: Tree | undefined, edit: IndexEdit, at: MergePlace): Tree {
  const list = base ?? defaultTree(at);
  if (list?.kind === "broken") return list;
  if (list?.kind === "deferred") return addStep(list, edit, at);
  const place = {
    ...at,
    path: [...at.path, edit.index],
    view: listView(at.view)?.entry(edit.index),
  };
  if (list?.kind !== "list") return refuse(place, "is an item of a list, but no list stands there");
  const { length } = list.items;
  if (edit.index >= length) return refuse(place, `is not an item of the list, which has ${length}`);
  const changed = merge(list.items[edit.index], edit.patch, place);
  const kept = changed === undefined ? [] : [changed];
  return { kind: "list", items: list.items.toSpliced(edit.index, 1, ...kept) };
}

function mergeObject(
  base: Tree | undefined,
  patch: Record<string, unknown>,
  at: MergePlace,
): Tree | undefined {
  if (base?.kind === "deferred") return addStep(base, patch, at);
  if (base?.kind === "computed" && ["derived", "reference"].includes(base.marker.kind))
    return refuse(at, "changes parts of a derived value; write the whole with replace(…)");
  const discriminator = unionView(at.view)?.discriminator;
  if (discriminator !== undefined && at.choose === undefined && axisMarker(patch[discriminator]))
    return deferred(base, patch, at);
  // A default is itself the lowest layer, and stands on nothing.
  const inherited = base === undefined && at.layer !== undefined ? defaultTree(at) : base;
  if (inherited === undefined && isRemoval(patch)) return undefined;
  const start: ObjectTree =
    inherited?.kind === "object" ? inherited : { kind: "object", fields: new Map() };
  if (discriminator === undefined)
    return mergeFields(start, patch, { ...at, view: objectView(at.view, undefined) });
  return mergeMember(start, patch, { ...at, discriminator });
}

/** Taking away from what is not there must not bring it about. */
function isRemoval(patch: unknown, depth = 0): boolean {
  if (!isPlainObject(patch)) return markerData(patch)?.kind === "remove";
  if (depth > maxDepth) return false; // it may hold itself
  const values = Object.values(patch);
  return values.length > 0 && values.every((value) => isRemoval(value, depth + 1));
}

/** A change of a union: another `kind` drops all that the old member had. */
function mergeMember(
  inherited: ObjectTree,
  patch: Record<string, unknown>,
  { discriminator, ...at }: MergePlace & { readonly discriminator: string },
): Tree {
  const before = leafValue(inherited.fields.get(discriminator));
  if (!Object.hasOwn(patch, discriminator))
    return mergeFields(inherited, patch, { ...at, view: objectView(at.view, before) });
  const path = [...at.path, discriminator];
  if (markerData(patch[discriminator])?.kind === "derived")
    return refuse({ ...at, path }, "must be written out or an axis: other fields hang on it");
  const kind = leafValue(merge(undefined, patch[discriminator], { ...at, path, view: undefined }));
  const isOther = before !== undefined && kind !== before;
  const start: ObjectTree = isOther ? { kind: "object", fields: new Map() } : inherited;
  return mergeFields(start, patch, { ...at, view: objectView(at.view, kind) });
}

function mergeFields(start: ObjectTree, patch: Record<string, unknown>, at: MergePlace): Tree {
  const fields = new Map(start.fields);
  dropExcluded(fields, patch, at);
  for (const key of Object.keys(patch)) {
    const path = [...at.path, key];
    const place = { ...at, path, view: at.view && childViews(at.view, key)[0] };
    if (key === "__proto__") {
      refuse(place, "is not allowed as a key");
      continue;
    }
    const merged = merge(fields.get(key), patch[key], place);
    if (merged === undefined) fields.delete(key);
    else fields.set(key, merged);
  }
  return { kind: "object", fields };
}

/** Of fields that exclude each other, the one that this layer sets takes the place of the one set before. */
function dropExcluded(
  fields: Map<string, Tree>,
  patch: Record<string, unknown>,
  at: MergePlace,
): void {
  const { exactlyOneOf = [], atMostOneOf = [] } = at.view?.facts ?? {};
  for (const group of [...exactlyOneOf, ...atMostOneOf]) {
    const isSet = (key: string): boolean =>
      Object.hasOwn(patch, key) && markerData(patch[key])?.kind !== "remove";
    const [first, second] = group.filter(isSet);
    if (first === undefined) continue;
    for (const other of group) if (other !== first) fields.delete(other);
    if (second === undefined) continue;
    refuse(
      { ...at, path: [...at.path, second] },
      `cannot be set together with ${first}`,
      patch[second],
    );
  }
}

/** The default of the schema as a tree: the lowest layer, under every other. */
export function defaultTree(at: MergePlace): Tree | undefined {
  const fallback = at.view?.fallback;
  return fallback === undefined ? undefined : treeOf(fallback.value, { ...at, layer: undefined });
}

function describeTree(tree: Tree): string {
  if (tree.kind === "leaf") return showValue(tree.value);
  return tree.kind === "computed" ? `${tree.marker.kind}()` : "an object";
}

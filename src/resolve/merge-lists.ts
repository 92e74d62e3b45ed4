/** Merging what changes lists: their items as a whole, some more, some less, and one alone. */
import { hasAxis } from "./axes.ts";
import type { IndexEdit } from "./layers.ts";
import {
  addStep,
  defaultAt,
  describeTree,
  fallbackFor,
  refuse,
  valueTree,
  type MergePart,
} from "./merge-place.ts";
import { showValue } from "./problems.ts";
import { plainTree, sameTree } from "./same-tree.ts";
import { listView } from "./schema-queries.ts";
import type { Tree, Writing } from "./tree.ts";

/** A list and all who wrote it: the one at this place is added to those before. */
export function listTree(
  items: readonly Tree[],
  before: readonly Writing[],
  { layer, path }: MergePart,
): Tree {
  return {
    kind: "list",
    items,
    writings: layer === undefined ? before : [...before, { layer, path }],
  };
}

/** Values as the items of a list, from an index on. */
export function listItems(values: readonly unknown[], offset: number, at: MergePart): Tree[] {
  const list = listView(at.view);
  return values.map((value, position) => {
    const index = offset + position;
    return valueTree(value, { ...at, path: [...at.path, index], view: list?.entry(index) });
  });
}

/** Items to be taken out of a list. */
export interface ItemsRemoval {
  readonly base: Tree | undefined;
  readonly patch: unknown;
  readonly unwanted: readonly unknown[];
}

/** The list without some items; refused where it lacks one of them. */
export function subtractItems({ base: given, patch, unwanted }: ItemsRemoval, at: MergePart): Tree {
  const base = given ?? defaultAt(at);
  if (base?.kind === "broken") return base;
  if (base?.kind === "deferred") return addStep(base, patch, at);
  if (base !== undefined && base.kind !== "list")
    return refuse(at, `cannot lose items: what stands there is ${describeTree(base)}, not a list`);
  let kept = base?.items ?? [];
  const missing: unknown[] = [];
  const scope = { view: listView(at.view)?.entry(0), fallback: fallbackFor(at) };
  for (const value of unwanted) {
    const wanted = valueTree(value, { ...at, view: scope.view });
    const rest = kept.filter((item) => !sameTree(item, wanted, scope));
    if (rest.length === kept.length) missing.push(value);
    kept = rest;
  }
  if (missing.length === 0) return listTree(kept, base?.writings ?? [], at);
  const found = base === undefined ? [] : base.items.map((item) => showValue(plainTree(item)));
  const holds = found.length === 0 ? "is empty" : `holds ${found.join(", ")}`;
  return refuse(at, `has no item ${missing.map(showValue).join(" and no item ")}; it ${holds}`);
}

/** Items to be put before or behind those of a list. */
export interface ItemsChange {
  readonly base: Tree | undefined;
  readonly patch: unknown;
  readonly added: readonly unknown[];
  readonly atEnd: boolean;
}

/** The list with more items. */
export function mergeItems(change: ItemsChange, at: MergePart): Tree {
  const base = change.base ?? defaultAt(at);
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
  const added = listItems(change.added, change.atEnd ? existing.length : 0, at);
  const items = change.atEnd ? [...existing, ...added] : [...added, ...existing];
  return listTree(items, base?.writings ?? [], at);
}

/** The list with one item changed or taken out. */
export function mergeItem(base: Tree | undefined, edit: IndexEdit, at: MergePart): Tree {
  const list = base ?? defaultAt(at);
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
  const changed = at.merge(list.items[edit.index], edit.patch, place);
  if (changed === undefined)
    return listTree(list.items.toSpliced(edit.index, 1), list.writings, place);
  return { ...list, items: list.items.with(edit.index, changed) };
}

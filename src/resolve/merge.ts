/**
 * Merging one layer into what the layers before it made. Objects merge, lists and scalars replace; markers say anything
 * else. The schema is asked for three things only: which key tells the members of a union apart, what the default is
 * that a change starts from, and which fields exclude each other. Everything else is checked on the finished config.
 */
import { markerData, type InputMarker, type MarkerData } from "../config/markers.ts";
import { maxListLength } from "../config/snapshot.ts";
import { isPlainObject } from "../core/json.ts";
import { startsWith, type Path } from "../core/path.ts";
import { IndexEdit } from "./layers.ts";
import { listItems, listTree, mergeItem, mergeItems, subtractItems } from "./merge-lists.ts";
import { mergeObject } from "./merge-objects.ts";
import {
  addStep,
  defaultAt,
  deferred,
  fallbackFor,
  maxDepth,
  refuse,
  valueTree,
  type MergePart,
  type MergePlace,
} from "./merge-place.ts";
import { showValue, type Report } from "./problems.ts";
import { plainTree, sameTree } from "./same-tree.ts";
import type { SchemaView } from "./schema-view.ts";
import { brokenTree, type Tree } from "./tree.ts";

/**
 * What stands at a place after `patch` was written over `base`.
 * @returns The merged tree, or `undefined` where nothing stands there any more.
 */
export function merge(base: Tree | undefined, patch: unknown, at: MergePlace): Tree | undefined {
  return mergePart(base, patch, { ...at, merge: mergePart });
}

/** The tree of a value with nothing below it, such as a default of the schema. */
export function treeOf(value: unknown, at: MergePlace): Tree {
  return valueTree(value, { ...at, merge: mergePart });
}

/** Trees of defaults by the view that has them: every run of a grid asks for the same ones. */
const defaultTrees = new WeakMap<SchemaView, { readonly path: Path; readonly tree: Tree }>();

/** The default of the schema as a tree: the lowest layer, under every other. */
export function defaultTree(at: MergePlace): Tree | undefined {
  if (at.view?.fallback === undefined) return undefined;
  const known = defaultTrees.get(at.view);
  if (
    known !== undefined &&
    known.path.length === at.path.length &&
    startsWith(at.path, known.path)
  )
    return known.tree;
  let isRefused = false;
  const report: Report = (problem) => {
    isRefused = true;
    at.report(problem);
  };
  const tree = defaultAt({ ...at, report, merge: mergePart });
  // What was refused is refused anew each time, so that each run says so.
  if (tree !== undefined && !isRefused) defaultTrees.set(at.view, { path: at.path, tree });
  return tree;
}

function mergePart(base: Tree | undefined, patch: unknown, at: MergePart): Tree | undefined {
  if (at.path.length > maxDepth) return refuse(at, "is nested too deeply");
  const marker = markerData(patch);
  if (marker !== undefined) return mergeMarker({ base, marker, patch }, at);
  if (patch instanceof IndexEdit) return mergeItem(base, patch, at);
  if (Array.isArray(patch) && patch.length > maxListLength)
    return refuse(at, `is a list of ${patch.length} items; at most ${maxListLength} are allowed`);
  if (Array.isArray(patch)) return listTree(listItems(patch, 0, at), [], at);
  if (isPlainObject(patch)) return mergeObject(base, patch, at);
  return leafTree(patch, at);
}

function leafTree(value: unknown, at: MergePart): Tree {
  if (value === undefined) {
    return refuse(at, "is undefined: leave the key out, or take the field away with remove()");
  }
  const isScalar = value === null || typeof value === "boolean" || typeof value === "string";
  if (isScalar) return { kind: "leaf", value, layer: at.layer, path: at.path };
  if (typeof value === "number" && Number.isFinite(value)) {
    return { kind: "leaf", value: value === 0 ? 0 : value, layer: at.layer, path: at.path }; // JSON knows no -0
  }
  return refuse(at, `must be plain data that JSON can say${adviceFor(value)}`, value);
}

function adviceFor(value: unknown): string {
  if (typeof value === "function") return ": compute a value with derived((c) => …)";
  return typeof value === "bigint" ? ": a BigInt is none; write a number, or a text" : "";
}

interface MarkedChange {
  readonly base: Tree | undefined;
  readonly marker: MarkerData;
  readonly patch: unknown;
}

function mergeMarker({ base, marker, patch }: MarkedChange, at: MergePart): Tree | undefined {
  switch (marker.kind) {
    case "choice":
    case "range":
      if (at.choose === undefined)
        return deferred(base?.kind === "deferred" ? base.base : base, patch, at);
      return mergeChosen(base, at.choose(marker, at.path), at);
    case "env":
    case "external":
      return mergeInput(base, marker, at);
    case "derived":
    case "required":
    case "reference":
      return { kind: "computed", marker, layer: at.layer, path: at.path };
    case "replace":
      return mergePart(undefined, marker.value, at);
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

/** A preset that an axis chose was written where that preset stands. */
function mergeChosen(base: Tree | undefined, chosen: unknown, at: MergePart): Tree | undefined {
  const layer = at.layer?.alternatives?.get(chosen) ?? at.layer;
  return mergePart(base, chosen, layer === at.layer ? at : { ...at, layer });
}

/** What is read is merged as if it had been written; without it a later layer may still say the value. */
function mergeInput(base: Tree | undefined, marker: InputMarker, at: MergePart): Tree | undefined {
  const reading = at.inputs?.read(marker, at.path, at.view);
  if (reading?.kind === "value") return mergePart(base, reading.value, at);
  if (reading?.kind === "absent")
    return { kind: "computed", marker, layer: at.layer, path: at.path };
  const message = reading?.message ?? `holds ${marker.kind}(), which cannot stand here`;
  at.report({ path: at.path, message, place: { kind: "call", call: marker.call } });
  return brokenTree;
}

/** Nothing; or the problem, where only a certain value was to be taken away. */
function removeTree({ base, marker, patch }: MarkedChange, at: MergePart): Tree | undefined {
  const equals = marker.kind === "remove" ? marker.equals : undefined;
  if (equals === undefined || base?.kind === "broken") return undefined;
  if (base?.kind === "deferred") return addStep(base, patch, at);
  const found = base ?? defaultAt(at);
  const wanted = valueTree(equals.value, at);
  if (sameTree(found, wanted, { view: at.view, fallback: fallbackFor(at) })) return undefined;
  const is = found === undefined ? "is not set" : `is ${showValue(plainTree(found))}`;
  return refuse(at, `${is}, not ${showValue(equals.value)}, and so it is not removed`);
}

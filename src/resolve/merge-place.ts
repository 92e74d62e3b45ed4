/** Where a patch is merged and for whom, what is refused there, and what waits for an axis. */
import type { Path } from "../core/path.ts";
import type { Chooser } from "./axes.ts";
import type { InputReader } from "./inputs.ts";
import type { Layer } from "./layers.ts";
import { showValue, type Report } from "./problems.ts";
import type { FallbackTree } from "./same-tree.ts";
import type { SchemaView } from "./schema-view.ts";
import { brokenTree, type DeferredTree, type Tree } from "./tree.ts";

/** More levels than any config has: a patch that contains itself must not end in a stack overflow. */
export const maxDepth = 100;

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
  readonly choose?: Chooser;
  /** Fields that were copied for the layers being merged: nobody else sees them yet, so they may be changed in place. */
  readonly ownFields?: WeakSet<object>;
}

/** A place with the way back into merging: what lies inside of a whole is merged as the whole is. */
export interface MergePart extends MergePlace {
  readonly merge: (base: Tree | undefined, patch: unknown, at: MergePart) => Tree | undefined;
}

/** Reports what is wrong at a place, where its layer wrote it; `value` is what was found. */
export function refuse(at: MergePlace, message: string, value?: unknown): Tree {
  at.report({
    path: at.path,
    message,
    ...(value === undefined ? {} : { value: showValue(value) }),
    ...(at.layer === undefined ? {} : { place: { kind: "layer", layer: at.layer, path: at.path } }),
  });
  return brokenTree;
}

/** A patch that waits for the value of an axis. */
export function deferred(base: Tree | undefined, patch: unknown, at: MergePlace): Tree {
  if (at.layer === undefined) return refuse(at, "must be plain data that JSON can say");
  return { kind: "deferred", base, steps: [{ patch, layer: at.layer }] };
}

/** A further patch for what waits already. */
export function addStep(base: DeferredTree, patch: unknown, at: MergePlace): Tree {
  if (at.layer === undefined) return base;
  return { ...base, steps: [...base.steps, { patch, layer: at.layer }] };
}

/** Defaults of the schema, as the comparison of two trees asks for them. */
export function fallbackFor(at: MergePart): FallbackTree {
  return (view) => defaultAt({ ...at, view });
}

/** The default of the schema as a tree: the lowest layer, under every other. */
export function defaultAt(at: MergePart): Tree | undefined {
  const fallback = at.view?.fallback;
  return fallback === undefined
    ? undefined
    : valueTree(fallback.value, { ...at, layer: undefined });
}

/** The tree of a value with nothing below it, such as a default of the schema. */
export function valueTree(value: unknown, at: MergePart): Tree {
  return at.merge(undefined, value, at) ?? brokenTree;
}

/** What stands somewhere, for messages. */
export function describeTree(tree: Tree): string {
  if (tree.kind === "leaf") return showValue(tree.value);
  return tree.kind === "computed" ? `${tree.marker.kind}()` : "an object";
}

/**
 * Merged layers before a run is known: plain values beside axes that wait for their value and functions that wait for
 * the others. Trees are never changed in place, so that one merged tree serves every run of a grid.
 */
import type { InputMarker, MarkerData } from "../config/markers.ts";
import type { Path } from "../core/path.ts";
import type { Layer } from "./layers.ts";

export type Tree = ObjectTree | ListTree | LeafTree | ComputedTree | DeferredTree | BrokenTree;

/** Who wrote something, and the path that it had then: items of lists are moved by what is put before them. */
export interface Writing {
  /** `undefined` for the schema's default. */
  readonly layer: Layer | undefined;
  readonly path: Path;
}

export interface ObjectTree {
  readonly kind: "object";
  readonly fields: ReadonlyMap<string, Tree>;
  /** Who wrote it without a field, or took one away: what none of its fields can tell. */
  readonly writings?: readonly Writing[];
}

export interface ListTree {
  readonly kind: "list";
  readonly items: readonly Tree[];
  /** Who wrote it, put items to it and took some away, in order. */
  readonly writings: readonly Writing[];
}

export interface LeafTree extends Writing {
  readonly kind: "leaf";
  readonly value: null | boolean | number | string;
}

/** `derived(…)` or `required()`, a recorded input that was not there to be read, or a reference of the command line. */
export interface ComputedTree extends Writing {
  readonly kind: "computed";
  readonly marker: MarkerData & {
    readonly kind: "derived" | "required" | "reference" | InputMarker["kind"];
  };
}

/** Something that depends on the value of an axis: what stood there, and what to merge once the axis is chosen. */
export interface DeferredTree {
  readonly kind: "deferred";
  readonly base: Tree | undefined;
  readonly steps: readonly DeferredStep[];
}

export interface DeferredStep {
  readonly patch: unknown;
  readonly layer: Layer;
}

/** A place whose value was refused; the problem is reported already. */
export interface BrokenTree {
  readonly kind: "broken";
}

/** The one broken place; it has no parts to tell two apart. */
export const brokenTree: BrokenTree = { kind: "broken" };

/** The text of a union's discriminator in a tree, or `undefined` where none is known yet. */
export function leafValue(tree: Tree | undefined): LeafTree["value"] | undefined {
  return tree?.kind === "leaf" ? tree.value : undefined;
}

/** One way through the combinators of a definition, and what was chosen and decided on it. */
import type { Axis } from "../axes.ts";
import type { Branch } from "./branch.ts";
import type { Layer } from "../layers.ts";
import type { Places } from "./places.ts";
import type { Slot } from "./run-order.ts";
import type { Alternative, AlternativesNode, ShownValue } from "./space-nodes.ts";

/** One way: a branch, and what was chosen to get there. */
export interface Way {
  readonly branch: Branch;
  readonly choices: readonly Choice[];
  /** Axes whose value is decided, by name, because a condition was asked about it. */
  readonly fixed: ReadonlyMap<string, FixedAxis>;
  /** Which alternative of the command line will be taken, where a condition was asked about it. */
  readonly planned: ReadonlyMap<AlternativesNode, number>;
}

/** An alternative that was taken. */
export interface Choice {
  readonly node: AlternativesNode;
  readonly slot: Slot;
  readonly index: number;
  readonly values: readonly ShownValue[];
  /** Those that write the values. */
  readonly writers: readonly Layer[];
  /** Whether the command line writes them. */
  readonly isGiven: boolean;
}

/** An axis at one of its values. */
export interface FixedAxis {
  readonly axis: Axis;
  readonly index: number;
}

/** An alternative as what was chosen. */
export function choiceOf(
  node: AlternativesNode,
  { index, values, nodes: [first] }: Alternative,
  places: Places,
): Choice {
  const writers =
    first?.kind === "layer" ? [first.layer] : first?.kind === "commandLine" ? first.layers : [];
  return {
    node,
    slot: [places(node).segment, 0, 0],
    index,
    values,
    writers,
    isGiven: first?.kind === "commandLine",
  };
}

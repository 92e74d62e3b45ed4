/**
 * Every way through the combinators of a definition. Axes that stand for a value stay open on a way, except where a
 * condition of `when` hangs on them.
 */
import type { Axis } from "../axes.ts";
import { emptyBranch, withCommandLine, withLayer, type Branch, type LayerPlace } from "./branch.ts";
import type { MergeScope } from "../merge-layers.ts";
import { requireRunnable } from "./grid.ts";
import type { Slot } from "./run-order.ts";
import type { Alternative, ShownValue, SpaceNode } from "./space-nodes.ts";
import { splitWays, type SplitScope } from "./split-ways.ts";

/** One way: a branch, and what was chosen to get there. */
export interface Way {
  readonly branch: Branch;
  readonly choices: readonly Choice[];
  /** Axes whose value is decided, by name, because a condition was asked about it. */
  readonly fixed: ReadonlyMap<string, FixedAxis>;
}

/** An alternative that was taken. */
export interface Choice {
  readonly slot: Slot;
  readonly index: number;
  readonly values: readonly ShownValue[];
  /** Of the last layer that writes the values; those beyond came later. */
  readonly position: number;
}

/** An axis at one of its values. */
export interface FixedAxis {
  readonly axis: Axis;
  readonly index: number;
}

/** All ways through the nodes of a definition, each of which is visited once. */
export function findWays(nodes: readonly SpaceNode[], scope: SplitScope): readonly Way[] {
  const walk: Walk = { scope, position: 0, segment: 0 };
  return visitAll([{ branch: emptyBranch, choices: [], fixed: new Map() }], nodes, walk);
}

/** Counts on while nodes are visited, so that places are the same on all ways. */
interface Walk {
  scope: SplitScope;
  position: number;
  segment: number;
}

function visitAll(ways: readonly Way[], nodes: readonly SpaceNode[], walk: Walk): readonly Way[] {
  let found = ways;
  for (const node of nodes) found = visit(found, node, walk);
  return found;
}

function visit(ways: readonly Way[], node: SpaceNode, walk: Walk): readonly Way[] {
  switch (node.kind) {
    case "layer":
    case "commandLine":
      return visitLayers(ways, node, walk);
    case "rule":
      return changeBranches(ways, (branch) => ({ ...branch, rules: [...branch.rules, node.rule] }));
    case "filter":
      return changeBranches(ways, (branch) => {
        return { ...branch, filters: [...branch.filters, node.check] };
      });
    case "sequence":
      return visitSequence(ways, node.nodes, walk);
    case "alternatives":
      return visitAlternatives(ways, node.alternatives, walk);
    case "when":
      break;
  }
  const { met, unmet } = splitWays(ways, node.check, walk.scope);
  walk.segment++;
  const on = visitAll(met, node.nodes, walk);
  walk.segment++;
  return [...on, ...unmet];
}

/** Each layer of a product is a segment of its own, so that its axes vary faster than those before it. */
function visitSequence(
  ways: readonly Way[],
  nodes: readonly SpaceNode[],
  walk: Walk,
): readonly Way[] {
  let found = ways;
  for (const node of nodes) {
    walk.segment++;
    found = visit(found, node, walk);
  }
  walk.segment++;
  return found;
}

function visitLayers(
  ways: readonly Way[],
  node: SpaceNode & { readonly kind: "layer" | "commandLine" },
  walk: Walk,
): readonly Way[] {
  const { view, inputs } = walk.scope;
  const scope: Omit<MergeScope, "report"> = { view, inputs };
  if (node.kind === "layer") {
    const place = nextPlace(walk, 1);
    return changeBranches(ways, (branch) => withLayer(branch, node.layer, { place, scope }));
  }
  walk.segment++;
  const place = nextPlace(walk, node.layers.length);
  walk.segment++;
  const given = walk.scope.given.filter((layer) => !node.layers.includes(layer));
  walk.scope = { ...walk.scope, given }; // what is merged need not be looked ahead to
  return changeBranches(ways, (branch) => withCommandLine(branch, node.layers, { place, scope }));
}

function nextPlace(walk: Walk, count: number): LayerPlace {
  const place = { position: walk.position + 1, segment: walk.segment };
  walk.position += count;
  return place;
}

/** Ways that share a branch go on sharing it. */
function changeBranches(ways: readonly Way[], change: (branch: Branch) => Branch): readonly Way[] {
  const changed = new Map<Branch, Branch>();
  return ways.map((way) => {
    const branch = changed.get(way.branch) ?? change(way.branch);
    changed.set(way.branch, branch);
    return { ...way, branch };
  });
}

function visitAlternatives(
  ways: readonly Way[],
  alternatives: readonly Alternative[],
  walk: Walk,
): readonly Way[] {
  const count = ways.length * alternatives.length;
  requireRunnable(count, () => `${ways.length} × ${alternatives.length} combinations of changes`);
  const slot: Slot = [++walk.segment, 0, 0];
  const found = alternatives.flatMap(({ index, values, nodes }) => {
    const choice: Choice = { slot, index, values, position: walk.position + numWriters(nodes) };
    const taken = ways.map((way) => ({ ...way, choices: [...way.choices, choice] }));
    return visitAll(taken, nodes, walk);
  });
  walk.segment++;
  return found;
}

/** How many layers write the values that an alternative shows: those of its first node. */
function numWriters([first]: readonly SpaceNode[]): number {
  return first?.kind === "commandLine" ? first.layers.length : 1;
}

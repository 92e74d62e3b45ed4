/** How many ways there are through combinators, counted without making one. */
import type { SpaceNode } from "./space-nodes.ts";

/** At least so many: how a condition splits ways is known only where it is asked. */
export interface WayCount {
  readonly count: number;
  /** What the number comes from, for messages. */
  readonly text: string;
}

/** The least number of ways through nodes, one after the other. */
export function countWays(nodes: readonly SpaceNode[]): WayCount {
  const factors = factorsOf(nodes);
  const count = factors.reduce((product, factor) => product * factor, 1);
  return { count, text: `${factors.join(" × ")} combinations of changes` };
}

function factorsOf(nodes: readonly SpaceNode[]): readonly number[] {
  return nodes.flatMap((node) => {
    if (node.kind === "sequence") return factorsOf(node.nodes);
    if (node.kind !== "alternatives") return [];
    const counts = node.alternatives.map((alternative) => countWays(alternative.nodes).count);
    const sum = counts.reduce((total, count) => total + count, 0);
    return sum === 1 ? [] : [sum];
  });
}

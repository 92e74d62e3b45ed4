/**
 * Every way through the combinators of a definition. Axes that stand for a value stay open on a way, except where a
 * condition of `when` hangs on them.
 */
import { emptyBranch, withLayer, type Branch } from "./branch.ts";
import { countWays } from "./count-ways.ts";
import { GivenWays } from "./given-ways.ts";
import { requireRunnable } from "./grid.ts";
import { placeNodes, type Places } from "./places.ts";
import type { AlternativesNode, SpaceNode } from "./space-nodes.ts";
import { splitWays, type SplitScope } from "./split-ways.ts";
import { choiceOf, type Way } from "./way.ts";

/** The nodes of a definition, and those of the command line. */
export interface WaysRequest {
  readonly nodes: readonly SpaceNode[];
  readonly given: readonly SpaceNode[];
}

/**
 * All ways through a definition with the command line behind it.
 * @throws {ExpError} `config` for more than a million.
 */
export function findWays({ nodes, given }: WaysRequest, scope: SplitScope): readonly Way[] {
  const { count, text } = countWays([...nodes, ...given]);
  requireRunnable(count, () => text);
  const places = placeNodes([...nodes, ...given]);
  const start: Way = { branch: emptyBranch, choices: [], fixed: new Map(), planned: new Map() };
  const commandLine = new GivenWays(given, { ...scope, places });
  const walk: Walk = { scope, places, commandLine };
  return commandLine.after(visitAll([start], nodes, walk));
}

interface Walk {
  readonly scope: SplitScope;
  readonly places: Places;
  readonly commandLine: GivenWays;
}

function visitAll(ways: readonly Way[], nodes: readonly SpaceNode[], walk: Walk): readonly Way[] {
  let found = ways;
  for (const node of nodes) found = visit(found, node, walk);
  return found;
}

function visit(ways: readonly Way[], node: SpaceNode, walk: Walk): readonly Way[] {
  switch (node.kind) {
    case "layer": {
      const place = walk.places(node);
      const change = { place, scope: walk.scope };
      return changeBranches(ways, (branch) => withLayer(branch, node.layer, change));
    }
    case "rule":
      return changeBranches(ways, (branch) => ({ ...branch, rules: [...branch.rules, node.rule] }));
    case "filter":
      return changeBranches(ways, (branch) => {
        return { ...branch, filters: [...branch.filters, node.check] };
      });
    case "sequence":
      return visitAll(ways, node.nodes, walk);
    case "alternatives":
      return visitAlternatives(ways, node, walk);
    case "when": {
      const look = (way: Way): readonly Way[] => walk.commandLine.ahead(way);
      const { met, unmet } = splitWays(ways, node.check, { ...walk.scope, look });
      return [...visitAll(met, node.nodes, walk), ...unmet];
    }
    case "commandLine":
      break;
  }
  return ways; // the command line comes last, as a whole
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
  node: AlternativesNode,
  walk: Walk,
): readonly Way[] {
  const { alternatives } = node;
  const count = ways.length * alternatives.length;
  requireRunnable(count, () => `${ways.length} × ${alternatives.length} combinations of changes`);
  return alternatives.flatMap((alternative) => {
    const choice = choiceOf(node, alternative, walk.places);
    const taken = ways.map((way) => ({ ...way, choices: [...way.choices, choice] }));
    return visitAll(taken, alternative.nodes, walk);
  });
}

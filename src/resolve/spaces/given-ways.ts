/**
 * The command line behind the layers of modules. It is one step in time: what chooses presets, profiles and kinds is
 * merged first and all else after it, inside of combinators too; and its conditions are asked when all of that is known.
 */
import { formatPath } from "../../core/path.ts";
import { withCommandLine, type Branch, type GivenLayer } from "./branch.ts";
import type { Check } from "./conditions.ts";
import { requireRunnable } from "./grid.ts";
import type { Places } from "./places.ts";
import type { SpaceNode } from "./space-nodes.ts";
import { splitWays, type SplitScope } from "./split-ways.ts";
import { choiceOf, type Way } from "./way.ts";

type WhenNode = SpaceNode & { readonly kind: "when" };
type LayersNode = SpaceNode & { readonly kind: "commandLine" };

/** A way whose part of the command line is known, but not yet merged. */
interface OpenWay {
  readonly way: Way;
  /** In the order written. */
  readonly layers: readonly LayersNode[];
  readonly filters: readonly Check[];
  /** Conditions that are still to be asked, in order. */
  readonly whens: readonly WhenNode[];
}

export interface GivenScope extends SplitScope {
  readonly places: Places;
}

/** The ways through a command line. */
export class GivenWays {
  private readonly nodes: readonly SpaceNode[];
  private readonly scope: GivenScope;
  /** Branches by what was put behind which: ways share them. */
  private readonly made = new WeakMap<Branch, Map<object, Branch>>();
  private readonly parts = new WeakMap<LayersNode, NodeLayers>();

  constructor(nodes: readonly SpaceNode[], scope: GivenScope) {
    this.nodes = nodes;
    this.scope = scope;
  }

  /** The ways with the whole command line behind them. */
  after(ways: readonly Way[]): readonly Way[] {
    return this.through(ways, this.scope);
  }

  /** What will come of a way, for a condition of a module; what is wrong with the command line is told by `after`. */
  ahead(way: Way): readonly Way[] {
    return this.through([way], { ...this.scope, reportIn: () => {} });
  }

  private through(ways: readonly Way[], scope: GivenScope): readonly Way[] {
    const start = ways.map((way): OpenWay => ({ way, layers: [], filters: [], whens: [] }));
    let open = this.gather(start, this.nodes);
    const found: OpenWay[] = [];
    while (open.length > 0) {
      found.push(...open.filter(({ whens }) => whens.length === 0));
      open = this.askNext(open, scope);
      requireRunnable(open.length, () => `${open.length} combinations of changes`);
    }
    return found.map((one) => this.merged(one));
  }

  /** Notes what nodes write, without merging it; forks are taken, conditions put off. */
  private gather(ways: readonly OpenWay[], nodes: readonly SpaceNode[]): readonly OpenWay[] {
    let found = ways;
    for (const node of nodes) {
      if (node.kind === "sequence") found = this.gather(found, node.nodes);
      else if (node.kind === "alternatives") found = found.flatMap((one) => this.fork(one, node));
      else found = found.map((one) => withNode(one, node));
    }
    return found;
  }

  private fork(
    open: OpenWay,
    node: SpaceNode & { readonly kind: "alternatives" },
  ): readonly OpenWay[] {
    const planned = open.way.planned.get(node);
    return node.alternatives.flatMap((alternative) => {
      if (planned !== undefined && planned !== alternative.index) return [];
      const choice = choiceOf(node, alternative, this.scope.places);
      const way = { ...open.way, choices: [...open.way.choices, choice] };
      return this.gather([{ ...open, way }], alternative.nodes);
    });
  }

  /** Asks the first condition of each way that has one. */
  private askNext(ways: readonly OpenWay[], scope: GivenScope): readonly OpenWay[] {
    return ways.flatMap((open) => {
      const [when, ...whens] = open.whens;
      if (when === undefined) return [];
      const look = (way: Way): readonly Way[] => [this.merged({ ...open, way })];
      const { met, unmet } = splitWays([open.way], when.check, { ...scope, look });
      const on = met.map((way) => ({ ...open, way, whens: [] }));
      return [
        ...this.gather(on, when.nodes).map((one) => ({ ...one, whens: [...one.whens, ...whens] })),
        ...unmet.map((way) => ({ ...open, way, whens })),
      ];
    });
  }

  private merged({ way, layers, filters }: OpenWay): Way {
    const { places } = this.scope;
    const ordered = layers.toSorted((one, other) => places(one).position - places(other).position);
    const parts = ordered.map((node) => this.partsOf(node));
    let { branch } = way;
    const choosing = withoutChangedKinds(parts.map((one) => one.choosing));
    for (const part of [...choosing, ...parts.map((one) => one.others)]) {
      if (part.length === 0) continue;
      branch = this.make(branch, part, (before) => withCommandLine(before, part, this.scope));
    }
    for (const check of filters) {
      branch = this.make(branch, check, (before) => {
        return { ...before, filters: [...before.filters, check] };
      });
    }
    return { ...way, branch };
  }

  private make(before: Branch, part: object, change: (branch: Branch) => Branch): Branch {
    const known = this.made.get(before) ?? new Map<object, Branch>();
    this.made.set(before, known);
    const branch = known.get(part) ?? change(before);
    known.set(part, branch);
    return branch;
  }

  private partsOf(node: LayersNode): NodeLayers {
    const known = this.parts.get(node) ?? splitLayers(node, this.scope.places);
    this.parts.set(node, known);
    return known;
  }
}

interface NodeLayers {
  readonly choosing: readonly GivenLayer[];
  readonly others: readonly GivenLayer[];
}

function splitLayers(node: LayersNode, places: Places): NodeLayers {
  const { position, segment } = places(node);
  const placed = node.layers.map((layer, index) => {
    return { layer, position: position + index, segment, isCommandLine: true };
  });
  return {
    choosing: placed.filter(({ layer }) => layer.chooses),
    others: placed.filter(({ layer }) => !layer.chooses),
  };
}

/** A kind that a run chooses twice is chosen once: the first choice must not take the fields of the last one away. */
function withoutChangedKinds(
  parts: readonly (readonly GivenLayer[])[],
): readonly (readonly GivenLayer[])[] {
  const kinds = parts.flat().filter(isSetKind);
  const last = new Map(kinds.map(({ layer }) => [formatPath(layer.path), layer]));
  if (last.size === kinds.length) return parts;
  const counts = (one: GivenLayer): boolean =>
    !isSetKind(one) || last.get(formatPath(one.layer.path)) === one.layer;
  return parts.map((part) => (part.every(counts) ? part : part.filter(counts)));
}

/** Of what chooses, that which is no preset; `~` asks for what was there before. */
function isSetKind({ layer: { source, operation } }: GivenLayer): boolean {
  return source.kind === "commandLine" && (operation === "set" || operation === "forceAdd");
}

function withNode(open: OpenWay, node: SpaceNode): OpenWay {
  switch (node.kind) {
    case "commandLine":
      return { ...open, layers: [...open.layers, node] };
    case "filter":
      return { ...open, filters: [...open.filters, node.check] };
    case "when":
      return { ...open, whens: [...open.whens, node] };
    case "layer":
    case "rule":
    case "sequence":
    case "alternatives":
      break;
  }
  return open; // of modules, or gone into already
}

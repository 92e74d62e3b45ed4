/** A definition with the command line behind it, as the nodes from which runs are found. */
import type { CombinatorCall } from "../../config/combinator-call.ts";
import type { DefinitionData } from "../../config/definition.ts";
import type { Override } from "../../config/override.ts";
import { aliasesOf, reportAliases } from "../aliases.ts";
import { checkOverrides, type GivenOverride } from "../check-overrides.ts";
import { combinatorNode } from "./command-line-spaces.ts";
import { placedNodes, type CombinatorScope } from "./combinator-changes.ts";
import { moveLayers, movesOf } from "../deprecated.ts";
import type { Layer } from "../layers.ts";
import type { Folders } from "../locations.ts";
import { fieldOverrides } from "../object-overrides.ts";
import { placeOverride } from "../place-override.ts";
import type { PresetGroup, PresetGroups } from "../presets.ts";
import type { Report } from "../problems.ts";
import { viewsAt } from "../schema-queries.ts";
import type { SchemaView } from "../schema-view.ts";
import { moduleNodes, type SpaceNode } from "./space-nodes.ts";
import { VariantNames } from "./variant-names.ts";

export interface NodesRequest {
  readonly definition: DefinitionData;
  readonly overrides: readonly Override[];
  readonly numPinned?: number;
  readonly combinators: readonly CombinatorCall[];
  readonly presets: PresetGroups;
  readonly otherPresets?: readonly PresetGroup[];
  readonly folders: Folders;
  readonly view: SchemaView;
  readonly report: Report;
  readonly note: (text: string) => void;
}

export interface DefinitionNodes {
  /** Of the modules. */
  readonly nodes: readonly SpaceNode[];
  /** Of the command line, in the order of its arguments. */
  readonly given: readonly SpaceNode[];
  /** For axes over presets: the name by the value that stands for it. */
  readonly valueNames: ReadonlyMap<unknown, string>;
}

/** The nodes of a definition and of the command line; what arguments say against each other is reported. */
export function definitionNodes(request: NodesRequest): DefinitionNodes {
  const { definition, overrides, presets, otherPresets = [], view, report, note } = request;
  const moves = movesOf(definition);
  const moving = { report, note, moves, ...request.folders };
  const move = <L extends Layer>(layer: L): L => moveLayers([layer], moving)[0] ?? layer;
  reportAliases(definition, report);
  const aliases = aliasesOf(definition, request.folders.projectDirectory);
  const isTaken = (name: string): boolean =>
    aliases.has(name) || presets.has(name) || viewsAt(view, [name]).length > 0;
  const names = new VariantNames({ overrides, isTaken, report });
  const used = new Set<string>();
  const nodes = moduleNodes(definition.layers, { names, used, move });
  const valueNames = new Map<unknown, string>();
  const commandLine = { view, aliases, moves, presets, otherPresets, report, note };
  const place = { within: [], isInAllRuns: true };
  const scope = { request: commandLine, names, used, move, valueNames, ...place, given: [] };
  return { nodes, given: givenNodes(request, scope), valueNames };
}

/** Overrides that no combinator parts stay together: what is written in one step needs no place of its own. */
function givenNodes(
  { combinators, numPinned = 0 }: NodesRequest,
  scope: CombinatorScope,
): readonly SpaceNode[] {
  const calls = combinators.map((call) => ({
    call,
    node: combinatorNode(call, { ...scope, argument: call.text }),
  }));
  const { request } = scope;
  for (const override of scope.names.otherOverrides()) {
    const placed = placeOverride(override, request);
    if (placed === undefined) continue;
    for (const one of fieldOverrides(placed, request))
      scope.given.push({ placed: one, isArgument: true, isInAllRuns: true, within: [] });
  }
  const inOrder = scope.given.toSorted((one, other) => indexOf(one) - indexOf(other));
  const args = checkOverrides(inOrder, { ...request, numPinned }).filter(
    ({ isArgument }) => isArgument,
  );
  const nodes: SpaceNode[] = [];
  let position = 0;
  const addUpTo = (end: number): void => {
    const first = position;
    while (position < args.length && indexOf(args[position]) < end) position++;
    const group = args.slice(first, position).map(({ placed }) => placed);
    nodes.push(...placedNodes(group, scope));
  };
  for (const { call, node } of calls) {
    addUpTo(call.index);
    nodes.push(node);
  }
  addUpTo(Infinity);
  return nodes;
}

function indexOf(given: GivenOverride | undefined): number {
  return given?.placed.override.index ?? 0;
}

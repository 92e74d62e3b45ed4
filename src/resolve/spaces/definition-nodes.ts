/** A definition with the command line behind it, as the nodes from which runs are found. */
import type { CombinatorCall } from "../../config/combinator-call.ts";
import type { DefinitionData } from "../../config/definition.ts";
import type { Override } from "../../config/override.ts";
import { aliasesOf, reportAliases } from "../aliases.ts";
import { combinatorNode } from "./command-line-spaces.ts";
import {
  commandLineSteps,
  type CommandLine,
  type CommandLineLayer,
  type CommandLineStep,
} from "../command-line.ts";
import { moveLayers, movesOf } from "../deprecated.ts";
import type { Layer } from "../layers.ts";
import type { Folders } from "../locations.ts";
import type { PresetGroups } from "../presets.ts";
import type { Report } from "../problems.ts";
import { viewsAt } from "../schema-queries.ts";
import type { SchemaView } from "../schema-view.ts";
import { moduleNodes, type SpaceNode } from "./space-nodes.ts";
import { VariantNames } from "./variant-names.ts";

export interface NodesRequest {
  readonly definition: DefinitionData;
  readonly overrides: readonly Override[];
  readonly combinators: readonly CombinatorCall[];
  readonly presets: PresetGroups;
  readonly folders: Folders;
  readonly view: SchemaView;
  readonly report: Report;
  readonly note: (text: string) => void;
}

export interface DefinitionNodes {
  readonly nodes: readonly SpaceNode[];
  /** What the command line sets outside of combinators. */
  readonly given: readonly CommandLineLayer[];
  /** For axes over presets: the name by the value that stands for it. */
  readonly valueNames: ReadonlyMap<unknown, string>;
}

/** The nodes of a definition, then those of the command line in the order of its arguments. */
export function definitionNodes(request: NodesRequest): DefinitionNodes {
  const { definition, overrides, presets, view, report, note } = request;
  const moves = movesOf(definition);
  const moving = { report, note, moves, ...request.folders };
  const move = <L extends Layer>(layer: L): L => moveLayers([layer], moving)[0] ?? layer;
  reportAliases(definition, report);
  const aliases = aliasesOf(definition);
  const isTaken = (name: string): boolean =>
    aliases.has(name) || presets.has(name) || viewsAt(view, [name]).length > 0;
  const names = new VariantNames({ overrides, isTaken, report });
  const used = new Set<string>();
  const nodes = moduleNodes(definition.layers, { names, used, move });
  const commandLine = { view, aliases, moves, presets, report, note };
  const valueNames = new Map<unknown, string>();
  const onLayers = (layers: readonly CommandLineLayer[]): void => {
    for (const layer of layers)
      for (const [value, name] of layer.names) valueNames.set(value, name);
  };
  const combined = request.combinators.map((call) => {
    const node = combinatorNode(call, { request: commandLine, names, used, onLayers });
    return { index: call.index, node };
  });
  const groups = stepGroups(names.otherOverrides(), combined, { ...commandLine, move });
  const steps = groups.flatMap((group) => group.steps);
  const given = steps.flatMap((step) => (step.kind === "layers" ? step.layers : []));
  onLayers(steps.flatMap(layersOf));
  const ordered = [...groups, ...combined].toSorted((first, second) => first.index - second.index);
  return { nodes: [...nodes, ...ordered.map(({ node }) => node)], given, valueNames };
}

interface StepScope extends Omit<CommandLine, "overrides"> {
  /** Puts the values of presets under the new names of their paths. */
  readonly move: (layer: CommandLineLayer) => CommandLineLayer;
}

interface StepGroup {
  readonly index: number;
  readonly steps: readonly CommandLineStep[];
  readonly node: SpaceNode;
}

/** Overrides are one step in time, as long as no combinator stands between them. */
function stepGroups(
  overrides: readonly Override[],
  combined: readonly { readonly index: number }[],
  { move, ...commandLine }: StepScope,
): readonly StepGroup[] {
  const groups = new Map<number, Override[]>();
  for (const override of overrides) {
    const numBefore = combined.filter(({ index }) => index < override.index).length;
    groups.set(numBefore, [...(groups.get(numBefore) ?? []), override]);
  }
  return [...groups.values()].map((group) => {
    const written = commandLineSteps({ ...commandLine, overrides: group });
    const steps = written.map((step) => movedStep(step, move));
    const node = { kind: "sequence", nodes: steps.map(stepNode) } as const;
    return { index: group[0]?.index ?? 0, steps, node };
  });
}

function movedStep(step: CommandLineStep, move: StepScope["move"]): CommandLineStep {
  if (step.kind === "layers") return { ...step, layers: step.layers.map(move) };
  const alternatives = step.alternatives.map((one) => ({ ...one, layers: one.layers.map(move) }));
  return { ...step, alternatives };
}

function stepNode(step: CommandLineStep): SpaceNode {
  if (step.kind === "layers") return { kind: "commandLine", layers: step.layers };
  const alternatives = step.alternatives.map(({ shown, layers }, index) => ({
    index,
    values: [{ name: step.name, value: shown }],
    nodes: [{ kind: "commandLine", layers } as const],
  }));
  return { kind: "alternatives", alternatives };
}

function layersOf(step: CommandLineStep): readonly CommandLineLayer[] {
  return step.kind === "layers" ? step.layers : step.alternatives.flatMap(({ layers }) => layers);
}

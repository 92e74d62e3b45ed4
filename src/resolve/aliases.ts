/** Short names for paths, as task and definition give them; a name that is given twice with two meanings has neither. */
import { aliasProblem, deprecatedProblem } from "../config/alias-problem.ts";
import type { DefinitionData, LayerData, TaskData } from "../config/definition.ts";
import { plainLayers } from "../config/nested-layers.ts";
import { formatPlace } from "../core/stack-frames.ts";
import { projectLocation } from "./locations.ts";
import type { Report } from "./problems.ts";

/** One meaning of a short name. */
export interface AliasTarget {
  /** A dotted path that the schema knows. */
  readonly path: string;
  /** Who says so: `task training`, or file and line. */
  readonly by: string;
}

/** Says that a name has more than one meaning, for the end of a sentence, and what to do. */
export function ambiguity(meanings: readonly AliasTarget[]): string {
  const listed = meanings.map(({ path, by }) => (by === "" ? path : `${path} (${by})`));
  return `is ambiguous: it stands for ${listed.join(" and for ")}; write the one that you mean in full`;
}

/** The meanings of each short name: one, unless task and experiment disagree. */
export type Aliases = ReadonlyMap<string, readonly AliasTarget[]>;

/**
 * The short names that a definition may be overridden with.
 * @param projectDirectory - Absolute; the places of those who give them are relative to it.
 */
export function aliasesOf({ task, layers }: DefinitionData, projectDirectory: string): Aliases {
  const ofTask = Object.entries(task.aliases).map(([alias, path]) => {
    return { alias, path, by: `task ${task.name}` };
  });
  const ofLayers = plainLayers(layers).flatMap((layer) => {
    if (layer.kind !== "alias" || layer.problem !== undefined) return [];
    const { call } = layer;
    const by = formatPlace({ ...call, file: projectLocation(call.file, projectDirectory) });
    return [{ alias: layer.alias, path: layer.path, by }];
  });
  const aliases = new Map<string, readonly AliasTarget[]>();
  for (const { alias, ...target } of [...ofTask, ...ofLayers]) {
    const known = aliases.get(alias) ?? [];
    if (!known.some(({ path }) => path === target.path)) aliases.set(alias, [...known, target]);
  }
  return aliases;
}

/** The path of each short name that has one meaning. */
export function shortNames(definition: DefinitionData): ReadonlyMap<string, string> {
  const entries = [...aliasesOf(definition, "/")].flatMap(([alias, [target, ...others]]) =>
    target === undefined || others.length > 0 ? [] : [[alias, target.path] as const],
  );
  return new Map(entries);
}

/** Reports the aliases and old names of a definition that cannot be used, whether or not somebody uses them. */
export function reportAliases({ layers, task }: DefinitionData, report: Report): void {
  for (const layer of plainLayers(layers)) {
    if (layer.kind !== "alias" && layer.kind !== "deprecated") continue;
    const problem =
      layer.problem ?? (layer.task === task.name ? undefined : ownProblem(layer, task));
    if (problem === undefined) continue;
    const own = `This ${layer.kind}() is that of task ${layer.task}: task ${task.name} has its own, as in const { ${layer.kind} } = task.`;
    const message = layer.task === task.name ? problem : `${problem} ${own}`;
    report({ path: [], message, place: { kind: "call", call: layer.call } });
  }
}

/** What is wrong with a name for the task of the definition, where that of another one was called. */
function ownProblem(
  layer: LayerData & { readonly kind: "alias" | "deprecated" },
  { schema }: TaskData,
): string | undefined {
  return layer.kind === "alias"
    ? aliasProblem(layer.alias, layer.path, schema)
    : deprecatedProblem(layer.from, layer.to, schema);
}

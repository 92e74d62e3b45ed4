/**
 * The pure middle of resolving: a definition and overrides in, runs or problems out. Layers are merged once for
 * each way through the combinators; each run then only chooses its axis values, fills in what is derived, and is checked.
 */
import type { DefinitionData } from "../config/definition.ts";
import type { Override } from "../config/override.ts";
import type { JsonObject } from "../core/json.ts";
import { aliasesOf, reportAliases } from "./aliases.ts";
import { createAssignmentsReader, type Assignments } from "./assignments.ts";
import { emptyBranch, type Branch } from "./branch.ts";
import { commandLineLayers, type CommandLineLayer } from "./command-line.ts";
import type { Check } from "./conditions.ts";
import { createDistinction } from "./distinct-runs.ts";
import { moveLayers, movesOf } from "./deprecated.ts";
import type { InputReader } from "./inputs.ts";
import type { Layer } from "./layers.ts";
import type { Folders } from "./locations.ts";
import type { PresetGroups } from "./presets.ts";
import { ProblemList } from "./problem-list.ts";
import { showValue, type Problem, type Report } from "./problems.ts";
import { resolveRun, type RunScope } from "./resolve-run.ts";
import type { ResolvedRun } from "./resolve.ts";
import { rulesOf } from "./rules.ts";
import { listRuns, type RunList } from "./run-list.ts";
import { viewsAt } from "./schema-queries.ts";
import { createSchemaView, type SchemaView } from "./schema-view.ts";
import { moduleNodes, type SpaceNode } from "./space-nodes.ts";
import { VariantNames } from "./variant-names.ts";
import { findWays, type Way } from "./ways.ts";

export interface DefinitionRequest {
  readonly definition: DefinitionData;
  readonly overrides: readonly Override[];
  readonly presets: PresetGroups;
  readonly folders: Folders;
  /** Reads recorded inputs; without it there are none. */
  readonly inputs?: InputReader;
}

export interface ResolvedDefinition {
  readonly axes: readonly string[];
  /** Empty where there are problems. */
  readonly runs: readonly ResolvedRun[];
  readonly notes: readonly string[];
  readonly problems: readonly Problem[];
  readonly assignments: Assignments;
}

/** Resolves every run of a definition, or says everything that is wrong with it. */
export function resolveDefinition(request: DefinitionRequest): ResolvedDefinition {
  const { definition, folders, inputs } = request;
  const list = new ProblemList();
  const notes: string[] = [];
  const view = createSchemaView(definition.task.schema);
  const prepared = prepare(request, { view, list, note: (text) => notes.push(text) });
  const ways = findWays(prepared.nodes, {
    view,
    folders,
    inputs,
    given: prepared.given,
    reportIn: (problem, way) => list.addForRun(problem, describePoint(valuesOfWay(way))),
  });
  const runList = listRuns(ways, new Map(prepared.given.flatMap(({ names }) => [...names])));
  const read = createAssignmentsReader();
  const assignmentsOf = memoize((branch: Branch) =>
    read(() => branch.layers.map(({ layer }) => layer)),
  );
  const { task } = definition;
  const scope: RunScope = { task, view, rules: rulesOf(task), folders, inputs, assignmentsOf };
  const runs = resolveRuns(runList, { scope, list, notes, branches: branchesOf(ways) });
  return {
    axes: runList.axes,
    runs,
    notes,
    problems: list.problems(),
    assignments: assignmentsOf(ways[0]?.branch ?? emptyBranch),
  };
}

function branchesOf(ways: readonly Way[]): readonly Branch[] {
  return [...new Set(ways.map(({ branch }) => branch))];
}

function memoize<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const known = made.get(key) ?? { value: make(key) };
    made.set(key, known);
    return known.value;
  };
}

interface Preparing {
  readonly view: SchemaView;
  readonly list: ProblemList;
  readonly note: (text: string) => void;
}

interface Prepared {
  readonly nodes: readonly SpaceNode[];
  readonly given: readonly CommandLineLayer[];
}

/** The nodes of a definition with the command line behind them. */
function prepare(
  { definition, overrides, presets, folders }: DefinitionRequest,
  { view, list, note }: Preparing,
): Prepared {
  const report: Report = (problem) => list.add(problem);
  const moves = movesOf(definition);
  const moving = { report, note, moves, ...folders };
  reportAliases(definition, report);
  const aliases = aliasesOf(definition);
  const isTaken = (name: string): boolean =>
    aliases.has(name) || presets.has(name) || viewsAt(view, [name]).length > 0;
  const names = new VariantNames({ overrides, isTaken, report });
  const move = (layer: Layer): Layer => moveLayers([layer], moving)[0] ?? layer;
  const nodes = moduleNodes(definition.layers, { names, used: new Set(), move });
  const others = names.otherOverrides();
  const request = { overrides: others, view, aliases, moves, presets, report, note };
  const given = moveLayers(commandLineLayers(request), moving);
  return { nodes: [...nodes, { kind: "commandLine", layers: given }], given };
}

/** What a condition is told about the run that it is asked for. */
function valuesOfWay({ choices, fixed }: Way): JsonObject {
  const chosen = choices.flatMap(({ values }) => values.map(({ name, value }) => [name, value]));
  const decided = [...fixed].map(([name, { axis, index }]) => [name, axis.values[index]]);
  return Object.fromEntries([...chosen, ...decided]) as JsonObject; // values of axes are plain data
}

/** Enough to see every way in which the runs of a grid can be wrong; a faulty plan need not be finished. */
const maxFaultyRuns = 1_000;

interface Resolving {
  readonly scope: RunScope;
  readonly list: ProblemList;
  readonly notes: string[];
  readonly branches: readonly Branch[];
}

function resolveRuns(
  { runs }: RunList,
  { scope, list, notes, branches }: Resolving,
): readonly ResolvedRun[] {
  const found: ResolvedRun[] = [];
  const isNew = createDistinction(scope.view);
  const repeated: JsonObject[] = [];
  const filtered = new Map<Check, number>();
  const isShared = branches.length === 1;
  if (isShared) for (const problem of branches[0]?.problems ?? []) list.add(problem);
  let numRuns = 0;
  for (const runPoint of runs) {
    if (list.size > 0 && numRuns >= maxFaultyRuns) break;
    const outcome = resolveRun(runPoint, scope);
    if (outcome.kind === "filtered") {
      filtered.set(outcome.by, (filtered.get(outcome.by) ?? 0) + 1);
      continue;
    }
    numRuns++;
    const { axisValues, branch } = runPoint;
    const problems = [
      ...(isShared ? [] : branch.problems),
      ...(outcome.kind === "faulty" ? outcome.problems : []),
    ];
    for (const problem of problems) list.addForRun(problem, describePoint(axisValues));
    if (outcome.kind === "faulty") continue;
    if (isNew(outcome.run)) found.push(outcome.run);
    else repeated.push(axisValues);
  }
  list.closeRuns(numRuns);
  if (numRuns === 0 && list.size === 0) reportNoRun(filtered, list);
  if (repeated.length > 0) notes.push(repeatedNote(repeated, numRuns));
  return list.size > 0 ? [] : found;
}

function reportNoRun(filtered: ReadonlyMap<Check, number>, list: ProblemList): void {
  const total = [...filtered.values()].reduce((sum, count) => sum + count, 0);
  for (const [{ place }, count] of filtered) {
    const how = count === total ? "" : `, ${count} of them by this one`;
    const runs = total === 1 ? "the only run is left out" : `all ${total} runs are left out${how}`;
    list.add({ path: [], message: `filter(): ${runs}`, place });
  }
  if (total === 0) list.add({ path: [], message: "no run is left: nothing fits what was chosen" });
}

function describePoint(axisValues: JsonObject): string {
  return Object.entries(axisValues)
    .map(([name, value]) => `${name}=${showValue(value)}`)
    .join(", ");
}

function repeatedNote(repeated: readonly JsonObject[], numRuns: number): string {
  const shown = repeated.slice(0, 3).map(describePoint).join("; ");
  const rest = repeated.length > 3 ? "; …" : "";
  return `${repeated.length} of ${numRuns} runs ask for the same as an earlier one and are left out (${shown}${rest}).`;
}

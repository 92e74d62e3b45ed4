/**
 * The pure middle of resolving: a definition and overrides in, runs or problems out. Layers are merged once for
 * each way through the combinators; each run then only chooses its axis values, fills in what is derived, and is checked.
 */
import type { CombinatorCall } from "../config/combinator-call.ts";
import type { DefinitionData } from "../config/definition.ts";
import type { Override } from "../config/override.ts";
import type { JsonObject } from "../core/json.ts";
import { createAssignmentsReader, type Assignments } from "./assignments.ts";
import { createChooser } from "./axes.ts";
import { emptyBranch, type Branch } from "./spaces/branch.ts";
import type { Check } from "./spaces/conditions.ts";
import { countWays } from "./spaces/count-ways.ts";
import { definitionNodes } from "./spaces/definition-nodes.ts";
import { createDistinction } from "./distinct-runs.ts";
import type { InputReader } from "./inputs.ts";
import type { Folders } from "./locations.ts";
import type { PresetGroup, PresetGroups } from "./presets.ts";
import { ProblemList } from "./problem-list.ts";
import { showValue, type Problem } from "./problems.ts";
import { resolveRun, type RunScope } from "./resolve-run.ts";
import type { ResolvedRun } from "./resolve.ts";
import { rulesOf } from "./rules.ts";
import { listRuns, type PinnedRuns, type RunList } from "./spaces/run-list.ts";
import { createSchemaView } from "./schema-view.ts";
import type { SplitScope } from "./spaces/split-ways.ts";
import { createSilencer } from "./silent-values.ts";
import type { Way } from "./spaces/way.ts";
import { findWays } from "./spaces/ways.ts";

export interface DefinitionRequest {
  readonly definition: DefinitionData;
  readonly overrides: readonly Override[];
  /** So many arguments, the first, nobody typed. */
  readonly numPinned?: number;
  /** Arguments of the command line that combine changes. */
  readonly combinators: readonly CombinatorCall[];
  readonly presets: PresetGroups;
  /** Those for other tasks, which are told when they are named. */
  readonly otherPresets?: readonly PresetGroup[];
  readonly folders: Folders;
  /** Reads recorded inputs; without it there are none. */
  readonly inputs?: InputReader;
  /** Resolves every run one time more beforehand, the last one first: what hangs on it shows in the runs. */
  readonly rehearse?: boolean;
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
  const { nodes, given, valueNames } = definitionNodes({
    ...request,
    view,
    report: (problem) => list.add(problem),
    note: (text) => notes.push(text),
  });
  // What is wrong already is told without going a hundred thousand ways.
  const isFutile = list.size > 0 && countWays([...nodes, ...given]).count > maxFaultyRuns;
  const reportIn: SplitScope["reportIn"] = (problem, way) =>
    list.addForRun(problem, describePoint(valuesOfWay(way)));
  const ways = isFutile ? [] : findWays({ nodes, given }, { view, folders, inputs, reportIn });
  notes.push(...notesOfAll(branchesOf(ways)));
  const runList = listRuns(ways, valueNames);
  const read = createAssignmentsReader();
  const assignmentsOf: RunScope["assignmentsOf"] = ({ branch, axes, point }) =>
    read(() => {
      const layers = branch.layers.map(({ layer }) => layer);
      const choose = createChooser(axes, point);
      return { layers, tree: branch.tree, view, inputs, choose };
    });
  const { task } = definition;
  const rules = rulesOf(task);
  const withoutSilent = createSilencer(view);
  const scope: RunScope = { task, view, rules, folders, inputs, withoutSilent, assignmentsOf };
  const listed = request.rehearse === true ? rehearsed(runList, scope) : runList;
  const runs = resolveRuns(listed, { scope, list, notes, branches: branchesOf(ways) });
  return {
    axes: runList.axes,
    runs,
    notes,
    problems: list.problems(),
    assignments: assignmentsOf({
      branch: ways[0]?.branch ?? emptyBranch,
      axes: new Map(),
      point: new Map(),
    }),
  };
}

/** The same runs, each of which was resolved once already. */
function rehearsed({ runs, ...others }: RunList, scope: RunScope): RunList {
  const all = [...runs];
  for (const run of all.toReversed()) resolveRun(run, scope, { count: 0, config: undefined });
  return { ...others, runs: all };
}

/** What is so in every run, said once. */
function notesOfAll([first, ...others]: readonly Branch[]): readonly string[] {
  const notes = new Set(first?.notes);
  return [...notes].filter((text) => others.every((branch) => branch.notes.includes(text)));
}

function branchesOf(ways: readonly Way[]): readonly Branch[] {
  return [...new Set(ways.map(({ branch }) => branch))];
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
  { runs, pinned }: RunList,
  { scope, list, notes, branches }: Resolving,
): readonly ResolvedRun[] {
  const found: ResolvedRun[] = [];
  const isNew = createDistinction(scope.view);
  const repeated: PinnedRuns[] = [];
  const filtered = new Map<Check, number>();
  const isShared = branches.length === 1;
  if (isShared) for (const problem of branches[0]?.problems ?? []) list.add(problem);
  let numRuns = 0;
  for (const runPoint of runs) {
    if (list.size > 0 && numRuns >= maxFaultyRuns) break;
    const outcome = resolveRun(runPoint, scope, {
      count: numRuns,
      config: found.at(-1)?.config,
    });
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
    else repeated.push({ count: 1, axisValues });
  }
  list.closeRuns(numRuns);
  if (numRuns === 0 && list.size === 0) reportNoRun(filtered, list);
  repeated.push(...pinned);
  if (repeated.length > 0) notes.push(repeatedNote(repeated, found.length));
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

function repeatedNote(repeated: readonly PinnedRuns[], numFound: number): string {
  const shown = repeated.slice(0, 3).map(({ axisValues }) => describePoint(axisValues));
  const rest = repeated.length > 3 ? "; …" : "";
  const count = repeated.reduce((sum, one) => sum + one.count, 0);
  return `${count} of ${count + numFound} runs ask for the same as an earlier one and are left out (${shown.join("; ")}${rest}).`;
}

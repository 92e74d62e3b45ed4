/**
 * The pure middle of resolving: a definition and overrides in, runs or problems out. Layers are merged once; each run of
 * a grid then only chooses its axis values, fills in what is derived, and is checked.
 */
import type { DefinitionData } from "../config/definition.ts";
import type { Override } from "../config/override.ts";
import type { JsonObject } from "../core/json.ts";
import { startsWith } from "../core/path.ts";
import { aliasesOf, reportAliases } from "./aliases.ts";
import { readAssignments, type Assignments } from "./assignments.ts";
import { collectAxes, gridPoints, pointValues, type Axis, type Point } from "./axes.ts";
import { buildDraft } from "./build.ts";
import { commandLineLayers, type CommandLineLayer } from "./command-line.ts";
import { fillDerived } from "./derived.ts";
import { createDistinction } from "./distinct-runs.ts";
import { moveLayers, movesOf } from "./deprecated.ts";
import { identityOf } from "./identity.ts";
import type { InputReader } from "./inputs.ts";
import { moduleLayers } from "./layers.ts";
import type { Folders } from "./locations.ts";
import { mergeCommandLine, mergeLayers } from "./merge-layers.ts";
import type { PresetGroups } from "./presets.ts";
import { ProblemList } from "./problem-list.ts";
import { showValue, type Problem, type Report } from "./problems.ts";
import type { ResolvedRun } from "./resolve.ts";
import { rulesOf, type Rule } from "./rules.ts";
import { createSchemaView, type SchemaView } from "./schema-view.ts";
import type { Tree } from "./tree.ts";
import { validateDraft } from "./validate.ts";

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

/** Everything that the runs of a grid share. */
interface Prepared {
  readonly definition: DefinitionData;
  readonly view: SchemaView;
  readonly tree: Tree | undefined;
  readonly axes: readonly Axis[];
  readonly axesByName: ReadonlyMap<string, Axis>;
  readonly presetNames: ReadonlyMap<unknown, string>;
  readonly assignments: Assignments;
  readonly rules: readonly Rule[];
  readonly folders: Folders;
  readonly inputs: InputReader | undefined;
}

/** Resolves every run of a definition, or says everything that is wrong with it. */
export function resolveDefinition(request: DefinitionRequest): ResolvedDefinition {
  const list = new ProblemList();
  const notes: string[] = [];
  const prepared = prepare(request, list, (text) => notes.push(text));
  const runs = resolveGrid(prepared, list, notes);
  return {
    axes: prepared.axes.map(({ name }) => name),
    runs,
    notes,
    problems: list.problems(),
    assignments: prepared.assignments,
  };
}

function prepare(
  { definition, overrides, presets, folders, inputs }: DefinitionRequest,
  list: ProblemList,
  note: (text: string) => void,
): Prepared {
  const view = createSchemaView(definition.task.schema);
  const report: Report = (problem) => list.add(problem);
  const moves = movesOf(definition);
  const moving = { report, note, moves, ...folders };
  const modules = moveLayers(moduleLayers(definition), moving);
  const written = mergeLayers(undefined, modules, { view, report, inputs });
  reportAliases(definition, report);
  const aliases = aliasesOf(definition);
  const request = { overrides, view, aliases, moves, presets, report, note };
  const given = moveLayers(commandLineLayers(request), moving);
  const tree = mergeCommandLine(written, given, { view, report, inputs });
  const axes = orderAxes(collectAxes(tree), {
    written: collectAxes(written),
    code: readAssignments(modules),
    given,
  });
  return {
    definition,
    view,
    tree,
    axes,
    axesByName: new Map(axes.map((axis) => [axis.name, axis])),
    presetNames: new Map(given.flatMap(({ names }) => [...names])),
    assignments: readAssignments([...modules, ...given]),
    rules: rulesOf(definition),
    folders,
    inputs,
  };
}

interface AxisOrder {
  /** The axes before the command line. */
  readonly written: readonly Axis[];
  readonly code: Assignments;
  readonly given: readonly CommandLineLayer[];
}

/**
 * Axes stand in the order in which their paths first appear in the layers, whatever value they had there, so that a
 * child which turns a value into an axis does not reorder the plan. Those of the command line follow, except where one
 * takes the place of an axis.
 */
function orderAxes(axes: readonly Axis[], { written, code, given }: AxisOrder): readonly Axis[] {
  const places = new Set(written.map(({ name }) => name));
  const rank = ({ name, path }: Axis): number => {
    if (places.has(name)) return code.firstOrder(path);
    const index = given.findIndex((layer) => startsWith(path, layer.path));
    return code.all.length + (index === -1 ? given.length : index);
  };
  return axes.toSorted((first, second) => rank(first) - rank(second));
}

/** Enough to see every way in which the runs of a grid can be wrong; a faulty plan need not be finished. */
const maxFaultyRuns = 1_000;

function resolveGrid(
  prepared: Prepared,
  list: ProblemList,
  notes: string[],
): readonly ResolvedRun[] {
  const runs: ResolvedRun[] = [];
  const isNew = createDistinction(prepared.view);
  const repeated: JsonObject[] = [];
  let numRuns = 0;
  for (const point of gridPoints(prepared.axes)) {
    if (list.size > 0 && numRuns >= maxFaultyRuns) break;
    numRuns++;
    const run = resolvePoint(prepared, point, list);
    if (run === undefined) continue;
    if (isNew(run)) runs.push(run);
    else repeated.push(run.axisValues);
  }
  list.closeRuns(numRuns);
  if (repeated.length > 0) notes.push(repeatedNote(repeated, numRuns));
  return list.size > 0 ? [] : runs;
}

function resolvePoint(
  prepared: Prepared,
  point: Point,
  list: ProblemList,
): ResolvedRun | undefined {
  const { definition, view, tree, axes, axesByName, assignments, rules, folders, inputs } =
    prepared;
  const axisValues = pointValues(axes, point, prepared.presetNames);
  const before = list.size;
  const report: Report = (problem) => list.addForRun(problem, describePoint(axisValues));
  const build = buildDraft({ tree, view, axes: axesByName, point, folders, inputs, report });
  fillDerived(build, view, report);
  const { schema } = definition.task;
  const config = validateDraft(build, {
    schema,
    view,
    rules,
    assignments,
    numProblems: list.size - before,
    report,
  });
  if (config === undefined) return undefined;
  const identity = identityOf({ task: definition.task, config, view });
  return { config, axisValues, ...identity, assignments };
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

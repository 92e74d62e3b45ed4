/** One run of a plan: its draft is built, its derived values are filled in, and what comes out is checked. */
import type { DefinitionData } from "../config/definition.ts";
import type { JsonObject } from "../core/json.ts";
import type { Assignments } from "./assignments.ts";
import { buildDraft, type Build } from "./build.ts";
import { askCondition, type Check } from "./spaces/conditions.ts";
import { causesOnly } from "./consequences.ts";
import { fillDerived } from "./derived.ts";
import { identityOf } from "./identity.ts";
import type { InputReader } from "./inputs.ts";
import type { Folders } from "./locations.ts";
import type { Problem } from "./problems.ts";
import type { ResolvedRun } from "./resolve.ts";
import type { Rule } from "./rules.ts";
import type { RunPoint } from "./spaces/run-list.ts";
import type { SchemaView } from "./schema-view.ts";
import type { createSilencer } from "./silent-values.ts";
import { validateDraft } from "./validate.ts";

/** Everything that the runs of a plan share. */
export interface RunScope {
  readonly task: DefinitionData["task"];
  readonly view: SchemaView;
  /** Of the task. */
  readonly rules: readonly Rule[];
  readonly folders: Folders;
  readonly inputs: InputReader | undefined;
  /** Leaves out what says nothing in a mode. */
  readonly withoutSilent: ReturnType<typeof createSilencer>;
  readonly assignmentsOf: (run: Pick<RunPoint, "branch" | "axes" | "point">) => Assignments;
}

export type RunOutcome =
  | { readonly kind: "run"; readonly run: ResolvedRun }
  | { readonly kind: "filtered"; readonly by: Check }
  | { readonly kind: "faulty"; readonly problems: readonly Problem[] };

/**
 * Resolves one run. A filter is asked before anything else is said about a run, so that it can leave out what no rule
 * allows.
 * @param earlier - The runs of the plan before this one: how many, and the config of the last that was resolved.
 */
export function resolveRun(
  runPoint: RunPoint,
  scope: RunScope,
  earlier: { readonly count: number; readonly config: JsonObject | undefined },
): RunOutcome {
  const { branch, axes, point } = runPoint;
  const { view, folders, inputs, task } = scope;
  const problems: Problem[] = [];
  const report = (problem: Problem): void => {
    problems.push(problem);
  };
  const { tree } = branch;
  const build = buildDraft({ tree, view, axes, point, folders, inputs, report });
  fillDerived(build, view, report);
  const kept = askFilters(branch.filters, build, view);
  if (kept.kind === "filtered") return kept;
  const assignments = scope.assignmentsOf(runPoint);
  const config = validateDraft(build, {
    schema: task.schema,
    view,
    rules: [...scope.rules, ...branch.rules],
    assignments,
    numProblems: problems.length,
    numResolved: earlier.count,
    earlier: earlier.config,
    report,
  });
  // A filter may have asked for what is missing: then that is what is wrong.
  if (problems.length === 0) problems.push(...kept.problems);
  if (config === undefined || problems.length > 0) {
    const causes = causesOnly(problems, build);
    return { kind: "faulty", problems: causes.map((one) => withAssignments(one, assignments)) };
  }
  const shown = scope.withoutSilent(runPoint.shown(config), config["mode"]);
  return {
    kind: "run",
    run: resolvedRun(config, shown, { ...scope, assignments }),
  };
}

function resolvedRun(
  config: JsonObject,
  axisValues: JsonObject,
  { task, view, assignments }: RunScope & { readonly assignments: Assignments },
): ResolvedRun {
  return { config, axisValues, ...identityOf({ task, config, view }), assignments };
}

type Kept = { readonly kind: "kept"; readonly problems: readonly Problem[] };

function askFilters(
  filters: readonly Check[],
  { root }: Build,
  view: SchemaView,
): Kept | (RunOutcome & { readonly kind: "filtered" }) {
  const problems: Problem[] = [];
  for (const check of filters) {
    const outcome = askCondition(check, root, { view });
    if (outcome.kind === "problem") problems.push(outcome.problem);
    else if (!outcome.value) return { kind: "filtered", by: check };
  }
  return { kind: "kept", problems };
}

/** Which layer set a path is a question to the run's own branch. */
function withAssignments(problem: Problem, assignments: Assignments): Problem {
  const { place } = problem;
  return place?.kind === "setter" ? { ...problem, place: { ...place, assignments } } : problem;
}

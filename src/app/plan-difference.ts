/** What is different between a plan that was just made and one that was saved. */
import type { PlannedRun } from "../resolve/plan.ts";
import { plannedAsKnown } from "./known-runs.ts";
import type { PreparedPlan } from "./plan-experiment.ts";
import type { SavedPlan } from "./plan-file.ts";
import { createComparison, type Comparison } from "./run-reasons.ts";

export interface PlanDifference {
  /** Runs that the saved plan does not have, with the nearest one that it has. */
  readonly added: readonly { readonly run: PlannedRun; readonly comparison?: Comparison }[];
  /** Runs of the saved plan that are not planned any more. */
  readonly removed: readonly PlannedRun[];
}

/** Compares by run key: equal keys promise equal bits. */
export async function comparePlans(
  prepared: PreparedPlan,
  saved: SavedPlan,
): Promise<PlanDifference> {
  const { plan } = prepared;
  const savedKeys = new Set(saved.runs.map(({ run }) => run.runKey));
  const plannedKeys = new Set(plan.runs.map(({ runKey }) => runKey));
  const removed = saved.runs.map(({ run }) => run).filter(({ runKey }) => !plannedKeys.has(runKey));
  const known = saved.runs.map(({ run }) => plannedAsKnown(run, saved.task.name));
  const packages = new Map([[saved.code.codeHash, saved.code.packages]]);
  const compare = createComparison(prepared, known, packages);
  const added: { run: PlannedRun; comparison?: Comparison }[] = [];
  for (const run of plan.runs.filter(({ runKey }) => !savedKeys.has(runKey))) {
    const comparison = await compare(run);
    added.push({ run, ...(comparison !== undefined && { comparison }) });
  }
  return { added, removed };
}

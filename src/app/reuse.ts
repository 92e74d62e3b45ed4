/**
 * `--reuse config`: a run is taken for finished where a finished one has the same config, although code, data or environment
 * have changed since. That may be wrong, so it is asked for each time, told each time, and kept beside the run that was taken.
 */
import type { FrozenPlan } from "./frozen-plan.ts";
import { finishedRuns } from "./known-runs.ts";
import type { PreparedPlan } from "./plan-experiment.ts";
import { components, createComparison, type Component, type Comparison } from "./run-reasons.ts";
import type { ReusedRun } from "./settled-runs.ts";

/** The kind of annotations that say that the results of a run stood for another one's. */
const reuseKind = "reused";

/**
 * A plan whose open runs take the results of finished runs with the same config; its notes name each of them. Of several
 * such runs it is the one that has most else in common.
 */
export async function reuseByConfig<Prepared extends PreparedPlan | FrozenPlan>(
  prepared: Prepared,
): Promise<Prepared> {
  const { plan, store } = prepared;
  const open = plan.runs.filter((run) => store.findPublished(run.runKey) === undefined);
  const compare = createComparison(prepared, open.length === 0 ? [] : finishedRuns(store));
  const reused = new Map<string, ReusedRun>();
  const notes: string[] = [];
  for (const run of open) {
    const comparison = await compare(run);
    if (comparison === undefined || comparison.nearest.configHash !== run.configHash) continue;
    const published = store.findPublished(comparison.nearest.runKey);
    if (published === undefined) continue;
    reused.set(run.runKey, { published, differing: differing(comparison) });
    notes.push(noteOf(run.index + 1, comparison));
  }
  return { ...prepared, reused, notes: [...prepared.notes, ...notes] };
}

/** Says beside each run that was taken for whom it stood. */
export function recordReuse({ store, reused }: Pick<PreparedPlan, "store" | "reused">): void {
  for (const [wanted, { published, differing: names }] of reused ?? []) {
    const facts = { wanted, differing: [...names] };
    const known = store.annotations(published.runKey).annotations;
    if (known.some((one) => one.kind === reuseKind && one.facts["wanted"] === wanted)) continue;
    store.annotate({ runKey: published.runKey, kind: reuseKind, facts });
  }
}

function differing({ differences }: Comparison): readonly Component[] {
  return components.filter((name) => differences[name].length > 0);
}

function noteOf(number: number, comparison: Comparison): string {
  const { nearest, differences } = comparison;
  const names = differing(comparison);
  const texts = names.map((name) => `${name}: ${differences[name].slice(0, 3).join("; ")}`);
  return `--reuse config: run ${number} is NOT executed; it takes the results of ${nearest.runKey.slice(0, 16)}, whose ${names.join(" and ")} ${names.length === 1 ? "is another" : "are others"} (${texts.join(", ")})`;
}

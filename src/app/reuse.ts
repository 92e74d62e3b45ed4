/**
 * `--reuse config`: a run is taken for finished where a finished one has the same config, although code, data or environment
 * have changed since. That may be wrong, so it is asked for each time, told each time, and kept beside the run that was taken.
 */
import { readAttemptRecord } from "../store/attempt-record.ts";
import { createFileSystem } from "../store/file-system.ts";
import type { PublishedRun } from "../store/published-run.ts";
import type { FrozenPlan } from "./frozen-plan.ts";
import { finishedRuns } from "./known-runs.ts";
import type { PreparedPlan } from "./plan-experiment.ts";
import { components, createComparison, type Component, type Comparison } from "./run-reasons.ts";
import type { ReusedFrom } from "./outcome.ts";
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
    const from = reusedFrom(published, comparison);
    reused.set(run.runKey, { published, from });
    notes.push(noteOf(run.index + 1, from, comparison));
  }
  return { ...prepared, reused, notes: [...prepared.notes, ...notes] };
}

/** Says beside each run that was taken for whom it stood. */
export function recordReuse({ store, reused }: Pick<PreparedPlan, "store" | "reused">): void {
  for (const [wanted, { published, from }] of reused ?? []) {
    const facts = { wanted, differing: [...from.differing] };
    const known = store.annotations(published.runKey).annotations;
    if (known.some((one) => one.kind === reuseKind && one.facts["wanted"] === wanted)) continue;
    store.annotate({ runKey: published.runKey, kind: reuseKind, facts });
  }
}

function differing({ differences }: Comparison): readonly Component[] {
  return components.filter((name) => differences[name].length > 0);
}

function reusedFrom({ directory, runKey }: PublishedRun, comparison: Comparison): ReusedFrom {
  const { experiment, endTime } = readAttemptRecord(createFileSystem(), directory) ?? {};
  return {
    runKey,
    ...(experiment !== undefined && { experiment }),
    ...(endTime !== undefined && { endTime }),
    differing: differing(comparison),
  };
}

/** Of each component so many differences are named; the rest is counted. */
const maxNamed = 3;

function noteOf(number: number, from: ReusedFrom, { differences }: Comparison): string {
  const { runKey, experiment, endTime, differing: names } = from;
  const texts = components
    .filter((name) => names.includes(name))
    .map((name) => {
      const all = differences[name];
      const more = all.length > maxNamed ? `; and ${all.length - maxNamed} more` : "";
      return `${name}: ${all.slice(0, maxNamed).join("; ")}${more}`;
    });
  const when =
    endTime === undefined ? "" : `finished ${endTime.slice(0, 16).replace("T", " ")} UTC`;
  const facts = [experiment ?? "", when].filter((fact) => fact !== "").join(", ");
  const whose = `${runKey.slice(0, 16)}${facts === "" ? "" : ` (${facts})`}`;
  return `--reuse config: run ${number} is NOT executed; it takes the results of ${whose}, whose ${names.join(" and ")} ${names.length === 1 ? "is another" : "are others"} (${texts.join(", ")})`;
}

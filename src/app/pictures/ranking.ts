/** Which runs are better, and by what. */
import { ExpError } from "../../core/errors.ts";
import type { RunsReport } from "../../report/page/runs-report.ts";
import { mainNumber, type IndexedRun } from "../../store/query/indexed-run.ts";
import { summariseValues } from "../summary.ts";
import type { RunsOfGroup } from "./repeats.ts";

/** A metric, and which end of it is better. */
export type Ranking = NonNullable<RunsReport["ranking"]>;

/** What somebody asked for. */
export interface AskedRanking {
  /** Instead of the metric that the configs select by. */
  readonly metric?: string | undefined;
  readonly direction?: "min" | "max" | undefined;
}

/**
 * As asked for; else as most runs select; else nothing ranks.
 * @throws {ExpError} `usage` for a metric that no run has, and for one without a direction.
 */
export function rankingOf(
  runs: readonly IndexedRun[],
  { metric, direction }: AskedRanking,
): Ranking | undefined {
  const rules = runs.flatMap(({ selection }) => selection ?? []);
  if (metric === undefined) return mostCommon(rules);
  if (!runs.some((run) => run.metrics.has(metric))) {
    throw new ExpError("usage", `No run has a metric called ${JSON.stringify(metric)}.`, {
      hint: `There are: ${[...new Set(runs.flatMap((run) => [...run.metrics.keys()]))].toSorted().slice(0, 12).join(", ")}.`,
    });
  }
  const usual = direction ?? rules.find((rule) => rule.metric === metric)?.direction;
  if (usual !== undefined) return { metric, direction: usual };
  throw new ExpError("usage", `No run says which end of ${metric} is better.`, {
    hint: `Say it: --metric ${metric} --direction min, or max.`,
  });
}

function mostCommon(rules: readonly Ranking[]): Ranking | undefined {
  const counts = new Map<string, { rule: Ranking; count: number }>();
  for (const rule of rules) {
    const key = `${rule.direction} ${rule.metric}`;
    counts.set(key, { rule, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].toSorted((one, other) => other.count - one.count)[0]?.rule;
}

/** What a run is ranked by: the figure of its result. One that did not finish has none. */
function scoreOf(run: IndexedRun, { metric, direction }: Ranking): number {
  const value = run.status === "finished" ? mainNumber(run.metrics.get(metric)) : undefined;
  return value === undefined || Number.isNaN(value)
    ? -Infinity
    : direction === "max"
      ? value
      : -value;
}

/** The best first; without a ranking as they are. */
export function inOrder(
  runs: readonly IndexedRun[],
  ranking: Ranking | undefined,
): readonly IndexedRun[] {
  if (ranking === undefined) return runs;
  return runs.toSorted((one, other) => compare(scoreOf(other, ranking), scoreOf(one, ranking)));
}

/** Groups by the means of their finished runs, the best first; without a ranking as they are. */
export function ranked(
  groups: readonly RunsOfGroup[],
  ranking: Ranking | undefined,
): readonly RunsOfGroup[] {
  if (ranking === undefined) return groups;
  const meanOf = ({ runs }: RunsOfGroup): number => {
    const scores = runs.map((run) => scoreOf(run, ranking)).filter(Number.isFinite);
    return scores.length === 0 ? -Infinity : summariseValues(scores).mean;
  };
  return groups.toSorted((one, other) => compare(meanOf(other), meanOf(one)));
}

/** Without a difference of infinities, which is NaN. */
function compare(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

function onlyOne(runs: readonly IndexedRun[]): IndexedRun | undefined {
  return runs.length === 1 ? runs[0] : undefined;
}

/** The best finished run; where nothing ranks, the only one. */
export function bestOf(
  runs: readonly IndexedRun[],
  ranking: Ranking | undefined,
): IndexedRun | undefined {
  if (ranking === undefined) return onlyOne(runs);
  const [first] = inOrder(runs, ranking);
  const isScored = first !== undefined && Number.isFinite(scoreOf(first, ranking));
  return isScored ? first : onlyOne(runs);
}

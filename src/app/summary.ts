/** Ranks the outcomes of a plan: groups of equal settings with several seeds, best first by the selection metric. */
import type { JsonObject } from "../core/json.ts";
import { isPlainObject } from "../core/json.ts";
import type { RunOutcome, Selection } from "./outcome.ts";

/** Mean and spread of one metric over the finished runs of a group. */
export interface MetricSummary {
  readonly mean: number;
  /** Sample standard deviation (n − 1 in the denominator); absent for a single run. */
  readonly standardDeviation?: number;
  readonly count: number;
}

/** Runs that differ in their seeds alone. */
export interface OutcomeGroup {
  readonly groupHash: string;
  readonly outcomes: readonly RunOutcome[];
  /** Of every metric that all finished runs of the group have. */
  readonly metrics: Readonly<Record<string, MetricSummary>>;
}

/** The selection that a run's config asks for, or `undefined` for a task without one. */
export function selectionOf(config: JsonObject): Selection | undefined {
  const selection = config["selection"];
  if (!isPlainObject(selection)) return undefined;
  const { metric, direction } = selection;
  if (typeof metric !== "string" || (direction !== "max" && direction !== "min")) return undefined;
  return { metric, direction };
}

/**
 * Groups outcomes that differ in their seeds alone, and puts the best first, inside a group too. What has no value for the metric comes
 * last; equal values keep the order of the plan.
 */
export function summarise(
  outcomes: readonly RunOutcome[],
  selection: Selection | undefined,
): readonly OutcomeGroup[] {
  const byGroup = new Map<string, RunOutcome[]>();
  for (const outcome of outcomes) {
    const key = repeatKey(outcome.run);
    const members = byGroup.get(key);
    if (members === undefined) byGroup.set(key, [outcome]);
    else members.push(outcome);
  }
  const groups = [...byGroup.values()].map((members) => {
    const groupHash = members[0]?.run.groupHash ?? "";
    const sorted = stableSort(members, selection, (outcome, metric) => outcome.metrics[metric]);
    return { groupHash, outcomes: sorted, metrics: summariseMetrics(members) };
  });
  return stableSort(groups, selection, (group, metric) => group.metrics[metric]?.mean);
}

/** The same setting on the same data, in the same class of environments: other data or another checkpoint is no repeat. */
export function repeatKey({
  groupHash,
  dataHash,
  environmentClass,
}: Pick<RunOutcome["run"], "groupHash" | "dataHash" | "environmentClass">): string {
  return `${groupHash} ${dataHash} ${environmentClass}`;
}

function stableSort<T>(
  items: readonly T[],
  selection: Selection | undefined,
  valueOf: (item: T, metric: string) => number | undefined,
): T[] {
  if (selection === undefined) return [...items];
  const sign = selection.direction === "max" ? -1 : 1;
  const key = (item: T): number => {
    const value = valueOf(item, selection.metric);
    return value === undefined || Number.isNaN(value) ? Infinity : sign * value;
  };
  return items.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    return left === right ? 0 : left - right;
  });
}

function summariseMetrics(outcomes: readonly RunOutcome[]): Record<string, MetricSummary> {
  const finished = outcomes.filter((outcome) => outcome.status === "finished");
  const summaries: Record<string, MetricSummary> = {};
  for (const name of Object.keys(finished[0]?.metrics ?? {})) {
    const values = finished.flatMap((outcome) => outcome.metrics[name] ?? []);
    if (values.length === finished.length) summaries[name] = summariseValues(values);
  }
  return summaries;
}

/** Mean and spread of some values; counted from the first one, so that equal values have exactly no spread. */
export function summariseValues(values: ArrayLike<number>): MetricSummary {
  const count = values.length;
  const first = values[0] ?? Number.NaN;
  let sum = 0;
  for (let index = 0; index < count; index++) sum += (values[index] ?? Number.NaN) - first;
  const offset = sum / count;
  const mean = first + offset;
  if (count < 2) return { mean, count };
  let squares = 0;
  for (let index = 0; index < count; index++) {
    squares += ((values[index] ?? Number.NaN) - first - offset) ** 2;
  }
  return { mean, standardDeviation: Math.sqrt(squares / (count - 1)), count };
}

/** Curves of runs, ready to be drawn. */
import { ExpError } from "../../core/errors.ts";
import { createFields } from "../../store/query/fields.ts";
import { valueOf, type IndexedRun } from "../../store/query/indexed-run.ts";
import { namedField } from "../../store/query/select-runs.ts";
import { maskConfigValue } from "../../store/redact-config.ts";
import { meanCurve, type MeanCurve } from "../lookups/mean-curve.ts";
import { lookUp, type Lookup, type LookupContext } from "../lookups/open-index.ts";
import { runsOfWords } from "../manage/meant-runs.ts";
import { namedMetrics } from "./named-metrics.ts";
import { curvesOver, type Axis, type ReadRun } from "./read-curves.ts";
import { grouped, repeats, type GroupOf, type Grouping } from "./repeats.ts";

/** What is to be drawn. */
export interface PlotRequest extends LookupContext {
  /** Runs as `meantRuns` takes them, and last the metric, or several with commas between them. */
  readonly words: readonly string[];
  readonly axis: Axis;
  /** Draws means: over the runs of a field's value, or over repeats of one setting (`group`). */
  readonly by?: string | undefined;
}

/** One curve with the runs that it is of. */
export interface RunCurve {
  /** The name of its run, or what its runs share. */
  readonly title: string;
  readonly metric: string;
  readonly runs: readonly IndexedRun[];
  readonly curve: MeanCurve;
}

/** What was found. */
export interface RunCurves {
  readonly axis: Axis;
  readonly metrics: readonly string[];
  readonly curves: readonly RunCurve[];
  /** Runs that have none of the metrics, with those that they have. */
  readonly without: readonly { readonly run: IndexedRun; readonly metrics: readonly string[] }[];
}

/**
 * The curves of a metric.
 * @throws {ExpError} `usage` where no run or no metric is named, no run has the metric, and as `meantRuns`.
 */
export function plotRuns(request: PlotRequest): RunCurves {
  return lookUp(
    request,
    (lookup) => curvesIn(lookup, request),
    ({ curves }) =>
      curves.flatMap(({ runs }) => runs.map(({ name }) => name)).slice(0, maxRechecked),
  );
}

/** Of many runs only the first are looked at again: that takes time. */
const maxRechecked = 200;

function curvesIn(lookup: Lookup, request: PlotRequest): RunCurves {
  const { words, axis, by, workingDirectory } = request;
  const [metricWord, ...runWords] = words.toReversed();
  if (metricWord === undefined || runWords.length === 0) {
    throw new ExpError("usage", "exp plot takes runs and a metric.", {
      hint: "For example: exp plot 'experiment = bert-lr' train.loss; exp runs lists the runs.",
    });
  }
  const runs = runsOfWords(lookup, runWords.toReversed(), workingDirectory);
  const read = runs.map((run) => ({ run, curves: curvesOver(lookup.store, run, axis) }));
  const metrics = namedMetrics(metricWord, read, { lookup, axis, workingDirectory });
  const groups =
    by === undefined ? eachAlone(read) : grouped(read, (one) => one.run, groupingOf(lookup, by));
  const curves = metrics.flatMap((metric) =>
    groups.flatMap(({ title, members }) => groupCurve(title, members, metric)),
  );
  const without = read
    .filter(({ curves: own }) => !metrics.some((metric) => own.has(metric)))
    .map(({ run, curves: own }) => ({ run, metrics: [...own.keys()].toSorted() }));
  return { axis, metrics, curves, without };
}

type Group = GroupOf<ReadRun>;

function groupCurve(
  title: string,
  members: readonly ReadRun[],
  metric: string,
): readonly RunCurve[] {
  const having = members.filter(({ curves }) => curves.has(metric));
  const curve = meanCurve(having.flatMap(({ curves }) => curves.get(metric) ?? []));
  return curve === undefined ? [] : [{ title, metric, runs: having.map(({ run }) => run), curve }];
}

function eachAlone(read: readonly ReadRun[]): readonly Group[] {
  return read.map((one) => ({ title: one.run.name, members: [one] }));
}

function groupingOf({ database }: Lookup, by: string): Grouping {
  if (by === "group") return repeats;
  const field = namedField(createFields(database), by, "grouped by");
  return (run) => {
    const value = valueOf(run, field) ?? null;
    const shown = maskConfigValue(by, value);
    const text = typeof shown === "string" ? shown : JSON.stringify(shown);
    return { key: JSON.stringify(value), title: `${by}=${text}` };
  };
}

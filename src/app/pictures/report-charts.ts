/** The curves of a page: which metrics, and the mean of each setting with its spread. */
import { ExpError } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";
import type { Band, ReportedChart, RunsReport } from "../../report/page/runs-report.ts";
import { drawnCurve } from "../../report/plot/points.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import type { Curve } from "../lookups/curves.ts";
import { meanCurve } from "../lookups/mean-curve.ts";
import { curvesOver, type Axis } from "./read-curves.ts";
import type { RunsOfGroup } from "./repeats.ts";

/** Which curves are wanted. */
export interface WantedCurves {
  readonly ranking: RunsReport["ranking"];
  /** By name; without it those that tell most. */
  readonly asked: readonly string[] | undefined;
}

/** Metrics for the pictures of a page, and those that are left out. */
export interface ChosenMetrics {
  readonly shown: readonly string[];
  readonly leftOut: readonly string[];
}

const maxCharts = 8;

/**
 * The metrics that runs logged at steps, those that tell most first: the one that ranks, the losses, then by name.
 * @throws {ExpError} `usage` for a name that no run logged.
 */
export function loggedMetrics(
  runs: readonly IndexedRun[],
  { ranking, asked }: WantedCurves,
): ChosenMetrics {
  const logged = new Set(
    runs.flatMap(({ metrics }) =>
      [...metrics].flatMap(([name, { last, min }]) =>
        last === undefined && min === undefined ? [] : [name],
      ),
    ),
  );
  if (asked !== undefined) return { shown: checked(asked, logged), leftOut: [] };
  const first = [ranking?.metric ?? "", "train.loss", "validation.loss"];
  const all = [
    ...new Set([...first.filter((name) => logged.has(name)), ...[...logged].toSorted()]),
  ];
  return { shown: all.slice(0, maxCharts), leftOut: all.slice(maxCharts) };
}

function checked(asked: readonly string[], logged: ReadonlySet<string>): readonly string[] {
  const missing = asked.find((name) => !logged.has(name));
  if (missing === undefined) return [...new Set(asked)];
  const names = [...logged].toSorted();
  const meant = names.find((name) => name.endsWith(`.${missing}`)) ?? nearest(missing, names);
  throw new ExpError("usage", `No run logged a metric called ${JSON.stringify(missing)}.`, {
    hint: `${meant === undefined ? "" : `Did you mean ${meant}? `}There are: ${names.slice(0, 12).join(", ")}.`,
  });
}

/** A setting and its letter. */
export interface MarkedGroup extends RunsOfGroup {
  readonly mark?: string;
}

/** More lines than these are a grey cloud. */
const maxBands = 40;

/** The charts, and what is not in them. */
export function chartsOf(
  store: string,
  groups: readonly MarkedGroup[],
  { shown, leftOut, axis }: ChosenMetrics & { readonly axis: Axis },
): { readonly charts: readonly ReportedChart[]; readonly notes: readonly string[] } {
  const drawn = groups.slice(0, maxBands);
  // One run's log at a time: of each only the curves of the page are kept.
  const read = drawn.map(({ runs }) =>
    runs.map((run) => wanted(curvesOver(store, run, axis), shown)),
  );
  const charts = shown.map((metric): ReportedChart => {
    const bands = drawn.flatMap((group, index) =>
      bandOf(group, read[index] ?? [], { metric, axis }),
    );
    return {
      metric,
      axis,
      bands: bands.map(({ band }) => band),
      notes: withMarks(bands),
    };
  });
  const empty = charts.filter(({ bands }) => bands.length === 0).map(({ metric }) => metric);
  return {
    charts: charts.filter(({ bands }) => bands.length > 0),
    notes: [
      ...(empty.length === 0 ? [] : [`Logged without its ${axis}: ${empty.join(", ")}.`]),
      ...(groups.length > maxBands
        ? [`Curves are drawn of the first ${maxBands} of ${groups.length} settings.`]
        : []),
      ...(leftOut.length === 0
        ? []
        : [
            `Not drawn: ${leftOut.slice(0, 20).join(", ")}${leftOut.length > 20 ? ", …" : ""}. exp report … --curves NAME,NAME draws what it names.`,
          ]),
    ],
  };
}

function wanted(
  curves: ReadonlyMap<string, Curve>,
  metrics: readonly string[],
): ReadonlyMap<string, Curve> {
  return new Map(
    metrics.flatMap((metric) => {
      const curve = curves.get(metric);
      return curve === undefined ? [] : [[metric, curve] as const];
    }),
  );
}

function bandOf(
  { runs, mark }: MarkedGroup,
  read: readonly ReadonlyMap<string, Curve>[],
  { metric, axis }: Pick<ReportedChart, "metric" | "axis">,
): readonly { readonly band: Band; readonly notes: readonly string[] }[] {
  const curves = read.flatMap((one) => one.get(metric) ?? []);
  const curve = meanCurve(curves);
  if (curve === undefined) return [];
  const { steps, values, deviations, numLeftOut } = curve;
  const title = runs.length === 1 ? `run ${runs[0]?.name ?? ""}` : `mean of ${curves.length} runs`;
  const band: Band = {
    ...(mark === undefined ? {} : { mark }),
    title,
    numRuns: curves.length,
    xs: steps,
    means: values,
    ...(deviations === undefined ? {} : { deviations }),
  };
  return [{ band, notes: mark === undefined ? [] : notesOf(band, { axis, numLeftOut }) }];
}

/** What is told of several settings is told once. */
function withMarks(
  bands: readonly { readonly band: Band; readonly notes: readonly string[] }[],
): readonly string[] {
  const marks = new Map<string, string[]>();
  for (const { band, notes } of bands) {
    for (const note of notes) marks.set(note, [...(marks.get(note) ?? []), band.mark ?? ""]);
  }
  return Array.from(marks, ([note, all]) => `${all.join(", ")}: ${note}`);
}

function notesOf(
  { xs, means }: Band,
  { axis, numLeftOut }: { readonly axis: Axis; readonly numLeftOut: number },
): readonly string[] {
  const { leftOut } = drawnCurve({ xs, values: means }, false);
  return [
    ...leftOut.map(({ kind, count, firstX }) => {
      const values = count === 1 ? "1 value is" : `${count} values are`;
      return `${values} ${kind}, the first at ${axis} ${firstX}: the line has a gap.`;
    }),
    ...(numLeftOut === 0
      ? []
      : [
          `${numLeftOut} ${axis}${numLeftOut === 1 ? "" : "s"} that only some of its runs logged are left out of the mean.`,
        ]),
  ];
}

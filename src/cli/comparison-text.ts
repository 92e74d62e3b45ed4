/** A comparison of runs in words: one column a group, one line for each thing that differs. */
import type { ComparedCurve, ComparedValues, RunComparison } from "../app/lookups/compare-runs.ts";
import type { MetricSummary } from "../app/summary.ts";
import { formatMetric, formatValue } from "./run-text.ts";
import { rangeOf, sparkline } from "./sparkline.ts";
import { formatTable, type Column } from "./table.ts";
import { cut, printable, type Terminal } from "./terminal.ts";

/** The lines of a comparison. */
export function comparisonLines(comparison: RunComparison, terminal: Terminal): readonly string[] {
  const { groups, facts, config, metrics, curves, maxCurves } = comparison;
  const titles = groups.map(({ title, numRuns, numForeign }) => {
    const marks = [
      ...(numRuns === 1 ? [] : [String(numRuns)]),
      ...(numForeign === 0 ? [] : [numForeign === numRuns ? "foreign" : `${numForeign} foreign`]),
    ];
    const mark = marks.length === 0 ? "" : ` (${marks.join(", ")})`;
    return `${cut(printable(title), maxTitle)}${mark}`;
  });
  const isForeign = groups.some(({ numForeign }) => numForeign > 0);
  const columns: Column[] = [
    { title: "" },
    ...titles.map((title): Column => ({ title, align: "right" })),
  ];
  const rows = [
    ...config.map((one) => [printable(one.name), ...valueCells(one)]),
    ...facts.map((one) => [one.name, ...valueCells(one)]),
    ...metrics.map(({ name, groups: all }) => [printable(name), ...all.map(metricCell)]),
    ...curves.map((curve) => [`${printable(curve.name)} curve`, ...curveCells(curve)]),
  ];
  const [header = "", ...lines] = formatTable(columns, rows);
  const isSame = config.length === 0 && facts.length === 0;
  const notes = [
    ...(isForeign ? [foreignNote] : []),
    ...(isSame && !isForeign ? ["Config, code, data and environment are the same."] : []),
    ...(groups.some(({ numRuns }) => numRuns > 1)
      ? ["Groups: mean ± sample standard deviation."]
      : []),
    ...(curves.length > 0 && groups.some(({ numRuns }) => numRuns > maxCurves)
      ? [`Curves: means of the newest ${maxCurves} runs of each group.`]
      : []),
  ];
  return [terminal.style("bold", header), ...lines, ...notes];
}

const foreignNote =
  "foreign: measured by another tool; which code, data and environment it had is not known here.";

const maxTitle = 32;
const maxText = 28;
const maxValues = 3;

function valueCells({ values }: ComparedValues): readonly string[] {
  return values.map((all) => {
    if (all.length === 0) return "-";
    if (all.length > maxValues) return `${all.length} values`;
    const texts = all.map((value) => shortHash(formatValue(value)));
    return cut(texts.join(", "), maxText);
  });
}

function shortHash(text: string): string {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text) ? text.slice(0, 12) : text;
}

function metricCell(summary: MetricSummary | undefined): string {
  if (summary === undefined) return "-";
  const { mean, standardDeviation } = summary;
  if (standardDeviation === undefined) return formatMetric(mean);
  return `${formatMetric(mean)} ± ${formatMetric(standardDeviation)}`;
}

const curveColumns = 16;

/** All curves of a line have one scale, so that they can be held against each other. */
function curveCells({ groups }: ComparedCurve): readonly string[] {
  const range = rangeOf(groups.flatMap((curve) => curve?.values ?? []));
  return groups.map((curve) => sparkline(curve?.values ?? [], curveColumns, range));
}

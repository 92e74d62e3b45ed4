/** A picture of curves in words: what each letter stands for, and what could not be drawn. */
import type { RunCurve, RunCurves } from "../app/pictures/plot-runs.ts";
import type { Legend, ShownPlot } from "../app/pictures/show-plot.ts";
import { formatMetric, formatValue } from "./run-text.ts";
import { rangeOf } from "./sparkline.ts";
import { formatTable, type Column } from "./table.ts";
import { cut, printable, type Style, type Terminal } from "./terminal.ts";

const colours: readonly Style[] = ["cyan", "yellow", "green", "magenta", "blue", "red"];

/** Colours what a curve drew. */
export function curvePaint(terminal: Terminal): (curve: number, text: string) => string {
  return (curve, text) => terminal.style(colours[curve % colours.length] ?? "cyan", text);
}

/** The lines of a picture with its title above and its legend below. */
export function plotLines(
  found: RunCurves,
  shown: ShownPlot,
  terminal: Terminal,
): readonly string[] {
  const title = found.metrics.map((name) => oneLine(name)).join(", ");
  const over = found.axis === "epoch" ? " by epoch" : "";
  const picture =
    shown.lines.length === 0 ? ["No value of these curves can be drawn."] : shown.lines;
  return [
    terminal.style("bold", `${title}${over}`),
    ...picture,
    "",
    ...legendLines(found, shown, terminal),
    ...shown.legends.flatMap((legend) => leftOutLines(legend, shown.legends.length)),
    ...restLines(shown),
  ];
}

/** More columns are no table for a terminal. */
const maxPaths = 4;
const maxText = 28;

function legendLines(
  { metrics }: RunCurves,
  { legends, paths }: ShownPlot,
  terminal: Terminal,
): readonly string[] {
  const hasGroups = legends.some(({ curve }) => curve.curve.deviations !== undefined);
  // The value by which runs are put together stands in the name of their group.
  const isSaid = (path: string): boolean =>
    legends.every(({ curve }) => curve.title.startsWith(`${path}=`));
  const shownPaths = paths.slice(0, maxPaths).filter((path) => !isSaid(path));
  const columns: Column[] = [
    { title: "" },
    { title: hasGroups ? "mean of" : "run" },
    ...(hasGroups ? [{ title: "runs", align: "right" } as const] : []),
    ...(metrics.length > 1 ? [{ title: "metric" }] : []),
    ...shownPaths.map((path): Column => ({ title: oneLine(path), align: "right" })),
    ...["last", "min", "max"].map((title): Column => ({ title, align: "right" })),
  ];
  const paint = curvePaint(terminal);
  const rows = legends.map(({ mark, curve, values }, index) => [
    paint(index, legends.length > 1 ? mark : "●"),
    cut(oneLine(curve.title), maxText),
    ...(hasGroups ? [String(curve.runs.length)] : []),
    ...(metrics.length > 1 ? [oneLine(curve.metric)] : []),
    ...shownPaths.map((path) => valueText(values[paths.indexOf(path)])),
    ...figuresOf(curve),
  ]);
  const [header = "", ...lines] = formatTable(columns, rows);
  return [terminal.style("bold", header), ...lines];
}

function valueText(value: Legend["values"][number]): string {
  return value === undefined ? "-" : cut(oneLine(formatValue(value)), maxText);
}

function figuresOf({ curve: { values } }: RunCurve): readonly string[] {
  const { min, max } = rangeOf(values);
  const text = (value: number | undefined): string =>
    value === undefined ? "-" : formatMetric(value);
  const hasFinite = min <= max;
  return [
    text(values.at(-1)),
    text(hasFinite ? min : undefined),
    text(hasFinite ? max : undefined),
  ];
}

function leftOutLines({ mark, leftOut, curve }: Legend, numCurves: number): readonly string[] {
  const which = numCurves > 1 ? `${mark}: ` : "";
  const { numLeftOut } = curve.curve;
  const gaps = leftOut.map(({ kind, count, firstX }) => {
    const values = count === 1 ? "1 value is" : `${count} values are`;
    const reason = kind === "not positive" ? "not positive and have no place here" : kind;
    const first = count === 1 ? `at ${firstX}` : `the first at ${firstX}`;
    return `${which}${values} ${kind === "not positive" && count === 1 ? "not positive and has no place here" : reason}, ${first}: the curve has a gap.`;
  });
  const places = numLeftOut === 1 ? "1 place" : `${numLeftOut} places`;
  const means =
    numLeftOut === 0
      ? []
      : [`${which}${places} that only some of its runs logged are left out of the mean.`];
  return [...gaps, ...means];
}

function restLines({ paths, numNotDrawn, legends }: ShownPlot): readonly string[] {
  const isMean = legends.some(({ curve }) => curve.curve.deviations !== undefined);
  return [
    ...(paths.length > maxPaths
      ? [`They differ in ${paths.length - maxPaths} more paths; exp compare shows all.`]
      : []),
    ...(numNotDrawn > 0
      ? [
          `The first ${legends.length} of ${legends.length + numNotDrawn} curves are drawn${isMean ? "" : "; --by group draws means"}; a filter takes fewer.`,
        ]
      : []),
  ];
}

const maxWithout = 5;

/** What is said of runs that have none of the metrics. */
export function withoutLines({ without, metrics }: RunCurves): readonly string[] {
  const asked = metrics.map(oneLine).join(", ");
  const told = without.slice(0, maxWithout).map(({ run, metrics: own }) => {
    const has = own.length === 0 ? "no metric at steps" : cut(own.map(oneLine).join(", "), 80);
    return `${run.name} has no ${asked}; it has ${has}`;
  });
  const rest = without.length - told.length;
  return rest === 0 ? told : [...told, `and ${rest} more runs without it`];
}

function oneLine(text: string): string {
  return printable(text).replace(/\s+/gu, " ");
}

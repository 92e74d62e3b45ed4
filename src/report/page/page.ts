/** Runs as one HTML page: what differs, how they learned, the best of them, and how to repeat it. */
import { escapeHtml, htmlPage } from "../../core/html.ts";
import { chartStyle, chartSvg, isLogarithmic, numColours } from "./chart.ts";
import { bestSections } from "./best-run.ts";
import type { Figure, ReportedChart, ReportedRun, RunsReport } from "./runs-report.ts";
import { dataTable, figureText, markText, type Cell } from "./table.ts";

/** Says in a page that this module made it. */
export const pageGenerator = "Lockstep exp report";

const style = `${chartStyle}
h1 { line-height: 1.25; overflow-wrap: anywhere; } h2 { margin-top: 2.2rem; } h3 { margin: 1.5rem 0 .3rem; font-size: 1.05rem; overflow-wrap: anywhere; } figure h3 { margin-top: 0; }
.scroll { overflow-x: auto; margin: .5rem 0; } .scroll:focus-visible { outline: 2px solid var(--s0); }
table { border-collapse: collapse; } .caption { margin: .8rem 0 .2rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } thead th { vertical-align: bottom; } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wrap { overflow-wrap: anywhere; } .key { display: inline-block; min-width: 1.4em; font-weight: 700; }
${Array.from({ length: numColours }, (_, index) => `.key.c${index} { color: var(--s${index}); }`).join(" ")}
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.5rem; } figure { margin: 0; min-width: 0; }
figcaption, .note { font-size: .9rem; } pre { overflow-x: auto; padding: .7rem; border: 1px solid var(--line); font: 13px/1.45 ui-monospace, monospace; }
summary { cursor: pointer; } dt { font-weight: 600; } dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
@media print { .scroll, pre { overflow: visible; white-space: pre-wrap; } figure { break-inside: avoid; } }
`;

/** The page of a report. It needs no script and nothing from elsewhere; everything in it is escaped. */
export function runsPage(report: RunsReport): string {
  const sections = [
    `<h1>${escapeHtml(report.title)}</h1>`,
    `<p>${escapeHtml(report.made)}</p>`,
    ...noteSection(report.notes),
    ...settingSection(report),
    ...chartSection(report),
    ...bestSections(report),
    ...runSection(report),
    ...differenceSection(report),
  ];
  const parts = { title: report.title, style, generator: pageGenerator };
  return htmlPage({ ...parts, body: sections.join("\n") });
}

function noteSection(notes: readonly string[]): readonly string[] {
  if (notes.length === 0) return [];
  return [`<ul class="note">${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul>`];
}

function settingSection(report: RunsReport): readonly string[] {
  const { settings, paths, metrics, ranking } = report;
  if (settings.length < 2 && settings[0]?.numRuns === 1) return [];
  const order =
    ranking === undefined
      ? "in the order in which their runs were named"
      : `the best first: ${ranking.metric}, ${ranking.direction === "min" ? "smallest" : "largest"} mean`;
  const rows = settings.map(({ mark, groupHash, numRuns, values, figures }): readonly Cell[] => [
    { html: markText(mark), isHead: true },
    ...values.map((text) => ({ text })),
    { text: String(numRuns), isNumber: true },
    ...figures.map((figure) => ({ text: meanText(figure), isNumber: true })),
    { text: groupHash.slice(0, 16), isCode: true },
  ]);
  return [
    "<h2>What differs</h2>",
    dataTable({
      id: "settings",
      caption: `Settings, ${order}. Figures are mean ± sample standard deviation over the finished runs.`,
      head: ["setting", ...paths, "runs", ...metrics, "groupHash"],
      numeric: new Set(["runs", ...metrics]),
      rows,
    }),
  ];
}

function meanText(figure: Figure | undefined): string {
  if (figure === undefined) return "–";
  const { mean, deviation } = figure;
  return deviation === undefined
    ? figureText(mean)
    : `${figureText(mean)} ± ${figureText(deviation)}`;
}

function chartSection({ charts, settings }: RunsReport): readonly string[] {
  if (charts.length === 0) return [];
  const hasGrey = charts.some(({ bands }) => bands.some(({ mark }) => mark === undefined));
  const legend =
    settings.length > 1
      ? "Letters are those of the settings above."
      : "Values as they were logged.";
  const bands = charts.some(({ bands: all }) =>
    all.some(({ deviations }) => deviations !== undefined),
  )
    ? " Lines are means over the runs of a setting, bands one sample standard deviation to either side."
    : "";
  const grey = hasGrey ? " Further settings are drawn in grey." : "";
  return [
    "<h2>Curves</h2>",
    `<p>${legend}${bands}${grey}</p>`,
    `<div class="charts">${charts.map(chartFigure).join("\n")}</div>`,
  ];
}

function chartFigure(chart: ReportedChart, index: number): string {
  const svg = chartSvg(chart, `chart${index}`);
  const picture = svg === "" ? "<p>No value of it can be drawn.</p>" : svg;
  const scale = isLogarithmic(chart) ? ["The scale is logarithmic."] : [];
  const notes = [...scale, ...chart.notes]
    .map((note) => `<p class="note">${escapeHtml(note)}</p>`)
    .join("");
  return `<figure><h3>${escapeHtml(chart.metric)}</h3>${picture}<figcaption>${figuresOf(chart, index)}${notes}</figcaption></figure>`;
}

/** The picture in figures, for those who cannot see it. */
function figuresOf(chart: ReportedChart, index: number): string {
  const marked = chart.bands.filter(({ mark }) => mark !== undefined);
  const rows = marked.map(({ mark, xs, means }): readonly Cell[] => {
    const finite = means.filter(Number.isFinite);
    const [low, high] = [Math.min(...extremes(finite)), Math.max(...extremes(finite))];
    const shown = [means[0], low, high, means.at(-1)];
    return [
      { html: markText(mark), isHead: true },
      { text: `${xs[0] ?? "–"} to ${xs.at(-1) ?? "–"}`, isNumber: true },
      ...shown.map((value) => ({ text: figureText(value), isNumber: true })),
    ];
  });
  const head = ["setting", `${chart.axis}s`, "first", "smallest", "largest", "last"];
  const table = dataTable({
    id: `chart${index}-figures`,
    caption: `${chart.metric} in figures`,
    head,
    numeric: new Set(head.slice(1)),
    rows,
  });
  return `<details><summary>${escapeHtml(chart.metric)} in figures</summary>${table}</details>`;
}

/** The smallest and the largest value; spreading 100,000 values into a call would overflow the stack. */
function extremes(values: readonly number[]): readonly number[] {
  let [low, high] = [Number.NaN, Number.NaN];
  for (const value of values) {
    if (!(value >= low)) low = value;
    if (!(value <= high)) high = value;
  }
  return [low, high];
}

function runSection({ runs, paths, metrics, ranking, settings }: RunsReport): readonly string[] {
  const order = ranking === undefined ? "as they were named" : `the best ${ranking.metric} first`;
  const hasMarks = settings.length > 1;
  const rows = runs.map((run): readonly Cell[] => [
    { text: run.name, isHead: true, isCode: true },
    ...(hasMarks ? [{ html: markText(run.mark) }] : []),
    { text: run.status },
    ...run.values.map((text) => ({ text })),
    { text: run.seed, isNumber: true },
    ...run.figures.map((value) => ({ text: figureText(value), isNumber: true })),
    ...timesOf(run),
  ]);
  const columns = ["run", ...(hasMarks ? ["setting"] : []), "status", ...paths, "seed"];
  return [
    "<h2>Runs</h2>",
    dataTable({
      id: "runs",
      caption: `${runs.length === 1 ? "1 run" : `${runs.length} runs`}, ${order}. exp show RUN tells everything of one.`,
      head: [...columns, ...metrics, "started (UTC)", "took"],
      numeric: new Set(["seed", ...metrics, "took"]),
      rows,
    }),
  ];
}

function timesOf({ started, took }: ReportedRun): readonly Cell[] {
  return [{ text: started }, { text: took, isNumber: true }];
}

function differenceSection({ differences }: RunsReport): readonly string[] {
  if (differences.length === 0) return [];
  const list = differences
    .map(({ name, text }) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd>`)
    .join("");
  return [
    "<h2>Beside the config</h2>",
    "<p>Runs differ in these, too: figures of other code, data or machines say less about each other.</p>",
    `<dl>${list}</dl>`,
  ];
}

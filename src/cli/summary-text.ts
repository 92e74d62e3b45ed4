/** The table that ends an execution: best first, groups of seeds with mean ± standard deviation, every run's folder. */
import type { RunOutcome } from "../app/outcome.ts";
import { selectionOf, summarise, type MetricSummary, type OutcomeGroup } from "../app/summary.ts";
import type { JsonValue } from "../core/json.ts";
import { axisColumns } from "./axis-columns.ts";
import { formatMetric, formatValue, mainMetricNames } from "./run-text.ts";
import { formatTable, type Column } from "./table.ts";
import { formatDuration, printable, type Terminal } from "./terminal.ts";

export interface SummaryOptions {
  readonly terminal: Terminal;
  readonly displayPath: (directory: string) => string;
}

/** The lines of the final table, or none for no outcomes. */
export function summaryLines(
  outcomes: readonly RunOutcome[],
  options: SummaryOptions,
): readonly string[] {
  const first = outcomes[0];
  if (first === undefined) return [];
  const selection = selectionOf(first.run.config);
  const groups = summarise(outcomes, selection);
  const axes = axisColumns(outcomes.map(({ run }) => run));
  const metrics = metricColumns(outcomes);
  const columns: Column[] = [
    { title: "rank", align: "right" },
    ...axes.map((title): Column => ({ title: printable(title), align: "right" })),
    ...metrics.map((title): Column => ({ title: printable(title), align: "right" })),
    { title: "status" },
    { title: "time", align: "right" },
    { title: "run" },
  ];
  const context = { axes, metrics, options };
  const rows = groups.flatMap((group, index) => groupRows(group, index + 1, context));
  const [header = "", ...lines] = formatTable(columns, rows);
  const notes = groups.some((group) => group.outcomes.length > 1) ? [spreadNote] : [];
  const isRanked = outcomes.some(
    ({ metrics: found }) => selection !== undefined && found[selection.metric] !== undefined,
  );
  const ranked =
    selection === undefined || !isRanked
      ? []
      : [`Ranked by ${selection.metric} (${selection.direction}).`];
  return [options.terminal.style("bold", header), ...lines, ...ranked, ...notes];
}

const spreadNote = "Groups of seeds: mean ± sample standard deviation.";

interface Context {
  readonly axes: readonly string[];
  readonly metrics: readonly string[];
  readonly options: SummaryOptions;
}

function metricColumns(outcomes: readonly RunOutcome[]): readonly string[] {
  const [first] = outcomes;
  const names = first === undefined ? [] : mainMetricNames(first.run);
  const present = new Set(outcomes.flatMap((outcome) => Object.keys(outcome.metrics)));
  const chosen = names.filter((name) => present.has(name));
  return chosen.length > 0 ? chosen : [...present].slice(0, 3);
}

function groupRows(group: OutcomeGroup, rank: number, context: Context): string[][] {
  const [first] = group.outcomes;
  if (first === undefined) return [];
  const isRanked = Object.keys(group.metrics).length > 0;
  const position = isRanked ? String(rank) : "-";
  if (group.outcomes.length === 1) return [[position, ...runCells(first, context)]];
  const axes = context.axes.map((path) => sharedValue(group, path));
  const metrics = context.metrics.map((name) => formatSummary(group.metrics[name]));
  const finished = group.outcomes.filter((outcome) => outcome.status === "finished").length;
  const head = [
    position,
    ...axes,
    ...metrics,
    `${finished} of ${group.outcomes.length} runs`,
    "",
    "",
  ];
  return [head, ...group.outcomes.map((outcome) => ["", ...runCells(outcome, context)])];
}

function sharedValue(group: OutcomeGroup, path: string): string {
  const values = new Set(group.outcomes.map((outcome) => axisText(outcome.run.axisValues[path])));
  return values.size === 1 ? ([...values][0] ?? "") : "";
}

function axisText(value: JsonValue | undefined): string {
  return value === undefined ? "" : formatValue(value);
}

function formatSummary(summary: MetricSummary | undefined): string {
  if (summary === undefined) return "";
  const { mean, standardDeviation } = summary;
  if (standardDeviation === undefined) return formatMetric(mean);
  return `${formatMetric(mean)} ± ${formatMetric(standardDeviation)}`;
}

function runCells(outcome: RunOutcome, context: Context): string[] {
  const { terminal, displayPath } = context.options;
  const metrics = context.metrics.map((name) => {
    const value = outcome.metrics[name];
    return value === undefined ? "" : formatMetric(value);
  });
  const time = outcome.durationMs === undefined ? "" : formatDuration(outcome.durationMs);
  const directory = outcome.hasDirectory ? printable(displayPath(outcome.directory)) : "";
  return [
    ...context.axes.map((path) => axisText(outcome.run.axisValues[path])),
    ...metrics,
    statusText(outcome, terminal),
    time,
    directory,
  ];
}

function finishedText({ isReused, isRepeated }: RunOutcome): string {
  if (isRepeated === true) return "repeated, equal";
  return isReused ? "finished before" : "finished";
}

function statusText(outcome: RunOutcome, terminal: Terminal): string {
  switch (outcome.status) {
    case "finished":
      if (outcome.reusedFrom !== undefined) {
        const { runKey, differing } = outcome.reusedFrom;
        const text = `reused from ${runKey.slice(0, 8)}, other ${differing.join(", ")}`;
        return terminal.style("yellow", text);
      }
      return terminal.style("green", finishedText(outcome));
    case "failed":
      return terminal.style("red", "failed");
    case "paused":
      return terminal.style("yellow", "stopped");
    case "running":
      return terminal.style("yellow", "running elsewhere");
    case "planned":
      return "not started";
  }
}

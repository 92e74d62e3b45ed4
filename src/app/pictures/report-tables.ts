/** The tables of a page: settings and runs with their values and figures. */
import type { JsonValue } from "../../core/json.ts";
import type {
  Figure,
  ReportedRun,
  ReportedSetting,
  RunsReport,
} from "../../report/page/runs-report.ts";
import { mainNumber, type IndexedRun } from "../../store/query/indexed-run.ts";
import { summariseValues } from "../summary.ts";
import { sharedValue, shownValue } from "./differing.ts";
import type { Ranking } from "./ranking.ts";
import type { RunsOfGroup } from "./repeats.ts";

const maxMetrics = 4;

/** The metric that ranks and its figure on test data; else those that most runs have, then by name. */
export function tableMetrics(
  runs: readonly IndexedRun[],
  ranking: Ranking | undefined,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const { metrics } of runs) {
    for (const [name, { final }] of metrics) {
      if (final !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  if (ranking === undefined) return withFewestGaps(counts).slice(0, maxMetrics);
  const test = ranking.metric.replace(/^validation\./u, "test.");
  return [...new Set([ranking.metric, ...(counts.has(test) ? [test] : [])])];
}

/** The paths that most runs have first, then by name: a column with gaps tells little. */
export function pathsWithFewestGaps(
  paths: readonly string[],
  runs: readonly IndexedRun[],
): readonly string[] {
  return withFewestGaps(
    new Map(paths.map((path) => [path, runs.filter(({ config }) => config.has(path)).length])),
  );
}

function withFewestGaps(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts]
    .toSorted(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1))
    .map(([name]) => name);
}

/** A setting with the means of its finished runs, or of those of another tool. */
export function settingOf(
  group: RunsOfGroup & { readonly mark?: string },
  paths: readonly string[],
  metrics: readonly string[],
): ReportedSetting {
  const { runs, mark } = group;
  return {
    ...(mark === undefined ? {} : { mark }),
    groupHash: String(runs[0]?.facts["groupHash"] ?? "–"),
    numRuns: runs.length,
    values: paths.map((path) => valueText(sharedValue(runs, path))),
    figures: metrics.map((metric) => figureOf(runs, metric)),
  };
}

function figureOf(runs: readonly IndexedRun[], metric: string): Figure | undefined {
  const finished = runs.filter(({ status }) => status === "finished" || status === "foreign");
  const values = finished.flatMap((run) => mainNumber(run.metrics.get(metric)) ?? []);
  if (values.length === 0) return undefined;
  const { mean, standardDeviation, count } = summariseValues(values);
  return {
    mean,
    count,
    ...(standardDeviation === undefined ? {} : { deviation: standardDeviation }),
  };
}

/** A run with its own figures. */
export function rowOf(
  { run, mark }: { readonly run: IndexedRun; readonly mark?: string },
  paths: readonly string[],
  metrics: readonly string[],
): ReportedRun {
  const { started, duration } = run.facts;
  return {
    name: run.name,
    ...(mark === undefined ? {} : { mark }),
    status: run.status,
    seed: valueText(run.config.get("seed"), ""),
    values: paths.map((path) => valueText(shownValue(run, path))),
    figures: metrics.map((metric) => mainNumber(run.metrics.get(metric))),
    started:
      typeof started === "number"
        ? new Date(started).toISOString().slice(0, 16).replace("T", " ")
        : "",
    took: typeof duration === "number" ? `${duration.toFixed(1)} s` : "",
  };
}

/** Longer values are cut in tables; the config has them whole. */
const maxText = 60;

function valueText(value: JsonValue | undefined, absent = "–"): string {
  if (value === undefined) return absent;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > maxText ? `${text.slice(0, maxText - 1)}…` : text;
}

const maxDifferences = 5;

const facts = [
  "task",
  "codeHash",
  "dataHash",
  "environmentClass",
  "git.commit",
  "git.dirty",
  "host",
];

/** Facts beside the config in which runs differ. */
export function differencesOf(runs: readonly IndexedRun[]): RunsReport["differences"] {
  return facts.flatMap((name) => {
    const texts = [...new Set(runs.map((run) => String(run.facts[name] ?? "none")))];
    if (texts.length < 2) return [];
    const shown = texts
      .slice(0, maxDifferences)
      .map((text) => text.slice(0, 40))
      .join(", ");
    const more = texts.length > maxDifferences ? `, and ${texts.length - maxDifferences} more` : "";
    return [{ name, text: `${shown}${more}` }];
  });
}

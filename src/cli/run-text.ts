/** Short texts about a run: its place in the sweep, its main figures. */
import type { RunOutcome } from "../app/outcome.ts";
import { selectionOf } from "../app/summary.ts";
import type { JsonValue } from "../core/json.ts";
import type { PlannedRun } from "../app/outcome.ts";
import { printable } from "./terminal.ts";

/** `optimizer.learningRate=0.001 seed=2`, or the experiment's name where nothing is swept. */
export function describeRun(run: PlannedRun): string {
  const axes = Object.entries(run.axisValues).map(
    ([path, value]) => `${path}=${formatValue(value)}`,
  );
  return printable(axes.length === 0 ? run.name : axes.join(" "));
}

/** A config value on one line: text as it is but for its line breaks, anything else as JSON. */
export function formatValue(value: JsonValue): string {
  return typeof value === "string"
    ? printable(value).replaceAll("\n", "\\n")
    : JSON.stringify(value);
}

/** Four decimals, enough to tell two runs apart in a table; the full value is in `results/metrics.json`. */
export function formatMetric(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  return magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e5)
    ? value.toExponential(3)
    : value.toFixed(4);
}

/** The selection metric and its test counterpart: `validation.accuracy`, `test.accuracy`. */
export function mainMetricNames(run: PlannedRun): readonly string[] {
  const selection = selectionOf(run.config);
  if (selection === undefined) return [];
  return [selection.metric, selection.metric.replace(/^validation\./u, "test.")];
}

/** The main metrics of a finished run with their names. */
export function mainMetrics(outcome: Pick<RunOutcome, "run" | "metrics">): readonly string[] {
  const names = mainMetricNames(outcome.run);
  const shown = names.length > 0 ? names : Object.keys(outcome.metrics).slice(0, 2);
  return shown.flatMap((name) => {
    const value = outcome.metrics[name];
    return value === undefined ? [] : [`${printable(name)} ${formatMetric(value)}`];
  });
}

/** A metric of a run in five numbers. */

/** One row of `logs/metrics.jsonl`. */
export interface MetricRow {
  readonly step: number;
  /** Which pass over the data it was logged in, from 1; absent where the row has none. */
  readonly epoch?: number;
  readonly values: ReadonlyMap<string, number>;
}

/** Absent where the run has no such number; NaN is never smallest, largest or best. */
export interface MetricSummary {
  /** What the result says: for a training the figure of the best checkpoint. */
  readonly final?: number;
  /** The value logged where the metric that selects was best. */
  readonly best?: number;
  /** The last value logged. */
  readonly last?: number;
  readonly min?: number;
  readonly max?: number;
}

/** Which metric chooses, and which end of it is better. */
export interface SelectionRule {
  readonly metric: string;
  readonly direction: "min" | "max";
}

/**
 * The metrics of a run, by name.
 * @param finals - Figures of the result; empty for a run without one.
 */
export function summariseHistory(
  history: readonly MetricRow[],
  finals: ReadonlyMap<string, number>,
  selection: SelectionRule | undefined,
): ReadonlyMap<string, MetricSummary> {
  const logged = new Map<string, { last: number; min: number; max: number }>();
  for (const { values } of history) {
    for (const [name, value] of values) extend(logged, name, value);
  }
  const best = selection === undefined ? undefined : bestRow(history, selection);
  const names = new Set([...finals.keys(), ...logged.keys()]);
  return new Map([...names].map((name) => [name, summaryOf(name)]));

  function summaryOf(name: string): MetricSummary {
    const seen = logged.get(name);
    const [final, bestValue] = [finals.get(name), best?.values.get(name)];
    return {
      ...(final === undefined ? {} : { final }),
      ...(bestValue === undefined ? {} : { best: bestValue }),
      ...(seen === undefined ? {} : { last: seen.last }),
      ...(seen === undefined || seen.min > seen.max ? {} : { min: seen.min, max: seen.max }),
    };
  }
}

function extend(
  logged: Map<string, { last: number; min: number; max: number }>,
  name: string,
  value: number,
): void {
  let seen = logged.get(name);
  if (seen === undefined) {
    seen = { last: value, min: Infinity, max: -Infinity };
    logged.set(name, seen);
  }
  seen.last = value;
  if (value < seen.min) seen.min = value;
  if (value > seen.max) seen.max = value;
}

/** The first of the best rows, as a training takes its best checkpoint. */
function bestRow(
  history: readonly MetricRow[],
  { metric, direction }: SelectionRule,
): MetricRow | undefined {
  const sign = direction === "max" ? 1 : -1;
  let best: MetricRow | undefined;
  let bestScore = -Infinity;
  for (const row of history) {
    const score = sign * (row.values.get(metric) ?? Number.NaN);
    if (!(score > bestScore)) continue;
    best = row;
    bestScore = score;
  }
  return best;
}

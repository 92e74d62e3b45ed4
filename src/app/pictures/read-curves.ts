/** Curves of runs over steps or epochs. */
import type { MetricRow } from "../../store/index/metric-summary.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import { curvesOf, readHistory, type Curve } from "../lookups/curves.ts";

/** What is below a curve. */
export type Axis = "step" | "epoch";

/** A run with its curves by metric. */
export interface ReadRun {
  readonly run: IndexedRun;
  readonly curves: ReadonlyMap<string, Curve>;
}

/** Curves by metric; over epochs each has the last value of each epoch. */
export function curvesOver(
  store: string,
  { directory }: Pick<IndexedRun, "directory">,
  axis: Axis,
): ReadonlyMap<string, Curve> {
  const { rows } = readHistory(store, directory);
  return axis === "step" ? curvesOf(rows) : epochCurves(rows);
}

function epochCurves(rows: readonly MetricRow[]): ReadonlyMap<string, Curve> {
  const last = new Map<string, Map<number, number>>();
  for (const { epoch, values } of rows) {
    if (epoch === undefined) continue;
    for (const [name, value] of values) {
      const curve = last.get(name) ?? new Map<number, number>();
      curve.set(epoch, value);
      last.set(name, curve);
    }
  }
  return new Map(
    [...last].map(([name, curve]) => [
      name,
      { steps: [...curve.keys()], values: [...curve.values()] },
    ]),
  );
}

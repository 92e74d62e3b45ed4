/** Curves of metrics, read from the logs of the runs that are shown. */
import { join } from "node:path";
import { createFileSystem, type FileSystem } from "../../store/file-system.ts";
import type { MetricRow } from "../../store/index/metric-summary.ts";
import { historyOf, type History } from "../../store/index/run-facts.ts";
import { runFiles } from "../../store/run-layout.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";

/** A metric as it was logged. */
export interface Curve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** The curves of a run by metric; none where its log cannot be read. */
export function readCurves(
  store: string,
  { directory }: Pick<IndexedRun, "directory">,
): ReadonlyMap<string, Curve> {
  return curvesOf(readHistory(store, directory).rows);
}

/** The curves of the rows of a log, by metric. */
export function curvesOf(rows: readonly MetricRow[]): ReadonlyMap<string, Curve> {
  const curves = new Map<string, { steps: number[]; values: number[] }>();
  for (const { step, values } of rows) {
    for (const [name, value] of values) {
      const curve = curves.get(name) ?? { steps: [], values: [] };
      curve.steps.push(step);
      curve.values.push(value);
      curves.set(name, curve);
    }
  }
  return curves;
}

/**
 * The rows that a run logged, up to a torn one.
 * @param directory - Of the run, relative to the store.
 */
export function readHistory(store: string, directory: string): History {
  return historyOf(readLog(join(store, directory, runFiles.metricsLog)));
}

let opened: FileSystem | undefined;

/** One for all logs of a look-up: making one takes longer than reading one. */
function files(): FileSystem {
  opened ??= createFileSystem();
  return opened;
}

function readLog(path: string): string {
  try {
    return files().readText(path) ?? "";
  } catch {
    return ""; // told by exp fsck; the rest of the run can be shown all the same
  }
}

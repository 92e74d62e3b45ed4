/** Runs of another tool as a reader finds them. */
import { ExpError } from "../../core/errors.ts";
import type { ForeignRun } from "../../store/foreign-runs.ts";

/** A run without what the store adds: where it comes from. */
export type FoundRun = Omit<ForeignRun, "source">;

/** What was found at a place, and what of it could not be read. */
export interface FoundRuns {
  readonly runs: readonly FoundRun[];
  /** Sentences. */
  readonly warnings: readonly string[];
}

/** All figures of a source are in memory at once: some hundred bytes each. */
const maxFigures = 5_000_000;

/**
 * Counts the figures of a source.
 * @returns What is told how many more there are.
 * @throws {ExpError} `data`, by what is given back, where there are more than fit into memory.
 */
export function createFigureLimit(
  hint: string,
  limit: number = maxFigures,
): (numMore: number) => void {
  let numFigures = 0;
  return (numMore) => {
    numFigures += numMore;
    if (numFigures <= limit) return;
    throw new ExpError("data", `The source holds more than ${limit} figures.`, { hint });
  };
}

/** A time in milliseconds since 1970 as ISO 8601; `undefined` for what no clock shows. */
export function isoTime(timeMs: number | undefined): string | undefined {
  if (timeMs === undefined || !(timeMs > 0 && timeMs < 8.64e15)) return undefined; // what `Date` holds
  return new Date(timeMs).toISOString();
}

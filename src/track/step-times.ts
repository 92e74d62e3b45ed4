/** When steps were: the log has no times, so as if all steps had taken equally long. */
import type { JsonObject } from "../core/json.ts";
import type { FileSystem } from "../store/file-system.ts";
import { lastStepOf } from "./metric-rows.ts";
import type { RunView } from "./run-view.ts";

/** What times are found with. */
export interface TimeTools {
  readonly files: FileSystem;
  readonly now: () => Date;
}

/**
 * Spreads the steps of a run over it, from its start to its end, or until now where it goes on.
 * @returns Milliseconds since 1970 of a step; they never fall while steps grow.
 */
export function evenTimes({ files, now }: TimeTools, view: RunView): (step: number) => number {
  const nowMs = now().getTime();
  const { startedMs = nowMs, endedMs = nowMs, results, directory } = view;
  const lastStep = Math.max(1, results?.step ?? 0, lastStepOf(files, directory));
  return (step) => startedMs + ((endedMs - startedMs) * Math.min(step, lastStep)) / lastStep;
}

/**
 * Times of rows that are sent part by part: while a run goes on, now; else spread evenly over it.
 * @param sent - What the cursor says: its `lastMs` is the time of the last row that was sent, and none is before it.
 */
export function timesOfSending(
  tools: TimeTools,
  view: RunView,
  { lastMs }: JsonObject,
): (step: number) => number {
  const nowMs = tools.now().getTime();
  const { startedMs, endedMs, status } = view;
  const isOpen = status === "running" || startedMs === undefined || endedMs === undefined;
  const timeOf = isOpen ? () => nowMs : evenTimes(tools, view);
  const leastMs = typeof lastMs === "number" ? lastMs : 0;
  return (step) => Math.max(leastMs, timeOf(step));
}

/** Which runs are at work, so that a signal is told what it leads to. */
import type { ExecutionEvent } from "../app/outcome.ts";

/** The runs of an execution, as its events tell of them. */
export interface RunsAtWork {
  note(event: ExecutionEvent): void;
  /** What a signal leads to now, in words. */
  stopText(): string;
}

/** None is at work yet. */
export function createRunsAtWork(): RunsAtWork {
  const atWork = new Set<string>();
  let hasBegun = false;
  return {
    note: (event) => {
      if (event.kind === "run-started") {
        atWork.add(event.run.runKey);
        hasBegun = true;
      }
      if (event.kind === "run-ended") atWork.delete(event.outcome.run.runKey);
    },
    stopText: () =>
      hasBegun && atWork.size === 0
        ? "no run is at work; stopping in a moment" // the runs are over, and are still being sent to other tools
        : "stopping after this step, with a checkpoint",
  };
}

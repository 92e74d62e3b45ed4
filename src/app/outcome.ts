/** What became of the runs of a plan, and what is told while they execute. */
import type { ExpError } from "../core/errors.ts";
import type { Metrics, RunEvent } from "../core/run-events.ts";
import type { Plan as FrozenPlan, PlannedRun as FrozenRun } from "../resolve/plan.ts";

/** The frozen list of runs, and one of them: what the command line needs to know of them. */
export type Plan = FrozenPlan;
export type PlannedRun = FrozenRun;

/**
 * `running`: another process is at it, which began after this one had planned; `planned`: not started, because an
 * earlier run failed or a signal came.
 */
export type RunStatus = "finished" | "failed" | "paused" | "running" | "planned";

/** Whose results a run has that was not executed since its config is the same. */
export interface ReusedFrom {
  readonly runKey: string;
  /** The experiment that it was executed for, and when it was published (ISO 8601, UTC); absent where its record is damaged. */
  readonly experiment?: string;
  readonly endTime?: string;
  /** What is other than planned: `code`, `data`, `environment`. */
  readonly differing: readonly string[];
}

export interface RunOutcome {
  readonly run: PlannedRun;
  readonly status: RunStatus;
  /** Absolute folder of the published run, or of the attempt that is kept; else where the run would be published. */
  readonly directory: string;
  /** Whether `directory` is there. */
  readonly hasDirectory: boolean;
  /** `validation.*` of the best checkpoint and `test.*`; empty unless finished. */
  readonly metrics: Metrics;
  /** Found finished, not executed now. */
  readonly isReused: boolean;
  /** Executed once more, and every deterministic file came out as it was published. */
  readonly isRepeated?: true;
  /** The run with the same config whose results these are, where that was asked for, and what of it is other. */
  readonly reusedFrom?: ReusedFrom;
  /** Wall-clock time of this execution. */
  readonly durationMs?: number;
  readonly error?: ExpError;
}

/** What an execution says to whoever watches it. */
export type ExecutionEvent =
  /** Something that may become a problem, before the first run. */
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "execution-started"; readonly plan: Plan; readonly numReused: number }
  | { readonly kind: "run-started"; readonly run: PlannedRun; readonly directory: string }
  | { readonly kind: "run-event"; readonly run: PlannedRun; readonly event: RunEvent }
  | { readonly kind: "run-ended"; readonly outcome: RunOutcome }
  /** A line that a worker printed, during a run or between two. */
  | { readonly kind: "output"; readonly run?: PlannedRun; readonly text: string };

/** How runs are ranked: the task's `selection`, where its config has one. */
export interface Selection {
  readonly metric: string;
  readonly direction: "max" | "min";
}

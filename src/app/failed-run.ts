/** What a run that did not come to its end is told as: failed, stopped, or held by another process. */
import { ExpError, isExpError } from "../core/errors.ts";
import { scrub } from "../core/secrets.ts";
import { thrownText } from "../core/thrown.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import type { Attempt } from "../store/attempt.ts";
import type { RunOutcome } from "./outcome.ts";
import type { ExecutablePlan } from "./plan-experiment.ts";

/** How far a run came, and what ended it. */
export interface FailedRun {
  readonly error: unknown;
  readonly attempt: Attempt | undefined;
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly prepared: Pick<ExecutablePlan, "directoryOf">;
}

/** The outcome of a run that threw; whatever it threw, the outcome's error is one of ours. */
export function failedOutcome(run: PlannedRun, failed: FailedRun): RunOutcome {
  const { attempt, prepared, startedAt } = failed;
  const error = asExpError(failed.error, attempt);
  const directory = attempt?.directory ?? prepared.directoryOf(run);
  const hasDirectory = attempt !== undefined;
  const facts = { directory, hasDirectory, metrics: {}, isReused: false, error } as const;
  if (error.code === "run-active") return { run, status: "running", ...facts };
  const status = error.code === "interrupted" ? "paused" : "failed";
  return { run, status, ...facts, durationMs: performance.now() - startedAt };
}

/** Whatever a task throws is a failed run; only its own text is shown, the stack goes into the attempt. */
function asExpError(error: unknown, attempt: Attempt | undefined): ExpError {
  if (isExpError(error)) return error;
  const text = scrub(thrownText(error));
  const stack = attempt === undefined ? [] : [`The stack is in ${attempt.directory}/failure.json.`];
  const hints = [...(isMissingInSnapshot(error) ? [besideCode] : []), ...stack];
  const hint = hints.length === 0 ? {} : { hint: hints.join("\n") };
  return new ExpError("training", text, { ...hint, cause: error });
}

const besideCode =
  "A saved plan runs from a copy of its modules, and files beside them are not copied. Open data below projectDirectory, which run gets, and name it in the task's listDataFiles(config, projectDirectory).";

/** A file that is missing where the code of a saved plan lies. */
function isMissingInSnapshot(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error) || !("path" in error)) return false;
  return (
    error.code === "ENOENT" && /[\\/]\.code[\\/][^\\/]+[\\/]snapshots[\\/]/.test(String(error.path))
  );
}

/** What is known of the runs of a plan before any of them is executed, whoever executes them. */
import { ExpError, isExpError } from "../core/errors.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import type { PublishedRun } from "../store/published-run.ts";
import { finishedBefore } from "./execute-run.ts";
import type { ReusedFrom, RunOutcome } from "./outcome.ts";
import type { ExecutablePlan } from "./plan-experiment.ts";

/** The store of a plan, and where its runs go. */
export type PlanPlace = Pick<ExecutablePlan, "plan" | "store" | "directoryOf" | "reused">;

/** A finished run whose results stand for a planned one with the same config. */
export interface ReusedRun {
  readonly published: PublishedRun;
  readonly from: ReusedFrom;
}

/** The outcome of a run that needs no execution: it is finished, or something damaged lies in its place. */
export function settledOutcome(run: PlannedRun, place: PlanPlace): RunOutcome | undefined {
  try {
    const published = place.store.findPublished(run.runKey);
    if (published !== undefined) return finishedBefore(place.store, run, published);
    const reused = place.reused?.get(run.runKey);
    if (reused === undefined) return undefined;
    return { ...finishedBefore(place.store, run, reused.published), reusedFrom: reused.from };
  } catch (error) {
    if (!isExpError(error)) throw error;
    // Something damaged lies in the run's place: that run fails, and the others go on.
    const directory = place.directoryOf(run);
    const facts = { directory, hasDirectory: true, metrics: {}, isReused: false } as const;
    return { run, status: "failed", ...facts, error };
  }
}

/** The outcome of a run that was not started. */
export function heldOutcome(run: PlannedRun, { directoryOf }: PlanPlace): RunOutcome {
  const directory = directoryOf(run);
  return { run, status: "planned", directory, hasDirectory: false, metrics: {}, isReused: false };
}

/** A run that another process was at may be published by now. */
export function lookAgain({ store }: PlanPlace, outcome: RunOutcome): RunOutcome {
  if (outcome.status !== "running") return outcome;
  const published = store.findPublished(outcome.run.runKey);
  return published === undefined ? outcome : finishedBefore(store, outcome.run, published);
}

/**
 * Looks at all runs first: a sweep that is half refused would leave its user guessing.
 * @throws {ExpError} `run-active` when another process executes one of them.
 */
export function refuseActive({ plan, store }: PlanPlace, runs: readonly PlannedRun[]): void {
  for (const run of runs) {
    const attempt = store.liveAttempt(run.runKey);
    if (attempt === undefined) continue;
    const { record, directory } = attempt;
    const who =
      record === undefined
        ? ""
        : ` by process ${record.pid} on ${record.host} since ${record.startTime}`;
    const message = `Run ${run.index + 1} of ${plan.experiment} is being executed${who}.`;
    throw new ExpError("run-active", message, {
      hint: `Wait for it, or stop that process. Its attempt is ${directory}.`,
    });
  }
}

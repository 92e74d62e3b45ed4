/** How an execution stands, from its events: which runs are on, how far they are, and how long the rest may take. */
import type { ExecutionEvent, PlannedRun } from "../app/outcome.ts";
import type { RunEvent } from "../core/run-events.ts";

export type Progress = Extract<RunEvent, { kind: "progress" }>;

/** A run that is on. */
export interface ActiveRun {
  readonly run: PlannedRun;
  readonly startedAt: number;
  /** When and at which step its first progress came: what its pace is counted from. */
  first: { readonly at: number; readonly step: number } | undefined;
  progress: Progress | undefined;
}

export interface ProgressState {
  numRuns: number;
  numEnded: number;
  /** Of runs that were executed now and finished. */
  readonly durationsMs: number[];
  /** By index, in the order of the plan where they are shown. */
  readonly active: Map<number, ActiveRun>;
}

/** The state before the first event. */
export function createProgressState(): ProgressState {
  return { numRuns: 0, numEnded: 0, durationsMs: [], active: new Map() };
}

/** Takes one event in. */
export function advance(state: ProgressState, event: ExecutionEvent, now: number): void {
  switch (event.kind) {
    case "execution-started":
      state.numRuns = event.plan.runs.length;
      return;
    case "run-started": {
      const { run } = event;
      state.active.set(run.index, { run, startedAt: now, first: undefined, progress: undefined });
      return;
    }
    case "run-event": {
      const active = state.active.get(event.run.index);
      if (active === undefined || event.event.kind !== "progress") return;
      active.first ??= { at: now, step: event.event.step };
      active.progress = event.event;
      return;
    }
    case "run-ended": {
      const { run, status, isReused, durationMs } = event.outcome;
      state.numEnded += 1;
      state.active.delete(run.index);
      if (status === "finished" && !isReused) state.durationsMs.push(durationMs ?? 0);
      return;
    }
    case "warning":
    case "output":
      return;
  }
}

/** The runs that are on, in the order of the plan. */
export function activeRuns({ active }: ProgressState): readonly ActiveRun[] {
  return [...active.values()].toSorted((a, b) => a.run.index - b.run.index);
}

/** Share of its steps that a run has done, from 0 to 1. */
export function shareOf({ progress }: ActiveRun): number {
  if (progress === undefined) return 0;
  const share = progress.numSteps === 0 ? 1 : progress.step / progress.numSteps;
  return Math.min(1, Math.max(0, share));
}

/** Milliseconds that a run has left by the pace of its steps; `undefined` before two of them are known. */
export function remainingOf({ first, progress }: ActiveRun, now: number): number | undefined {
  const perStep = paceOf({ first, progress }, now);
  if (perStep === undefined || progress === undefined) return undefined;
  return perStep * (progress.numSteps - progress.step);
}

function paceOf(
  { first, progress }: Pick<ActiveRun, "first" | "progress">,
  now: number,
): number | undefined {
  if (first === undefined || progress === undefined || progress.step <= first.step)
    return undefined;
  return (now - first.at) / (progress.step - first.step);
}

/**
 * Milliseconds until all runs have ended: those that are on by their pace, and those after them as if each took as long
 * as the ones that are on now, shared out among as many at once. `undefined` while no pace is known.
 */
export function remainingOfAll(state: ProgressState, now: number): number | undefined {
  const active = activeRuns(state);
  const left = active.flatMap((one) => remainingOf(one, now) ?? []);
  const whole = active.flatMap((one) => durationOf(one, now) ?? []);
  const durations = whole.length > 0 ? whole : state.durationsMs;
  if (durations.length === 0) return undefined;
  const perRun = durations.reduce((sum, one) => sum + one, 0) / durations.length;
  const numUnknown = active.length - left.length;
  const numAfter = Math.max(0, state.numRuns - state.numEnded - active.length);
  const total = left.reduce((sum, one) => sum + one, 0) + (numUnknown + numAfter) * perRun;
  return Math.max(total / Math.max(1, active.length), ...left);
}

function durationOf(active: ActiveRun, now: number): number | undefined {
  const { first, progress, startedAt } = active;
  const perStep = paceOf(active, now);
  if (perStep === undefined || first === undefined || progress === undefined) return undefined;
  return first.at - startedAt + perStep * progress.numSteps;
}

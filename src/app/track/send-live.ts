/** One tool with the runs that name it: what is new of them is sent, and what fails is told once and tried again. */
import { join } from "node:path";
import { isExpError } from "../../core/errors.ts";
import { thrownMessage } from "../../core/thrown.ts";
import { runFiles } from "../../store/run-layout.ts";
import { concernsAllRuns } from "../../track/place-error.ts";
import { readRunView, type ViewTools } from "../../track/run-view.ts";
import { exportRun, type Target } from "../../track/target.ts";
import type { LiveTool } from "./live-tools.ts";

/** What a tracker reaches the world by. */
export interface TrackerOptions extends ViewTools {
  /** `undefined` for a tool that is turned off. */
  readonly createTarget: (tool: LiveTool) => Promise<Target | undefined>;
  /** Waits; ends early where the signal is given. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of processor time that this process has used. */
  readonly usedMs: () => number;
  /** Between two looks at the runs, at least. */
  readonly intervalMs: number;
  /** Told in a sentence, each once. */
  readonly warn: (text: string) => void;
}

/** One run at one tool. */
export interface Shown {
  readonly store: string;
  readonly runKey: string;
  directory: string;
  isOver: boolean;
  isComplete: boolean;
  /** The bytes of its log when it was last sent. */
  numBytes: number;
  reason: string;
}

/** One tool, with the runs that name it. */
export interface Place {
  readonly tool: LiveTool;
  readonly runs: Map<string, Shown>;
  target: Promise<Target | undefined> | undefined;
  /** How often it failed, one time after the other. */
  numFailures: number;
  /** By the clock of the tracker. */
  notBeforeMs: number;
}

/** What all tools share. */
export interface Sending {
  readonly options: TrackerOptions;
  /** Aborted when there is no time left. */
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
}

/** A tool that fails is tried again after 1, 2, 4, … seconds, and this at most. */
const maxDelayMs = 30_000;

/** Sends what is new of all its runs; never throws. */
export async function sendPlace(state: Sending, place: Place): Promise<void> {
  const { options } = state;
  try {
    place.target ??= options.createTarget(place.tool);
    const target = await place.target;
    let isFailing = false;
    for (const run of [...place.runs.values()].filter(({ isComplete }) => !isComplete)) {
      if (state.signal.aborted) break;
      const error = await sendingError(state, target, run);
      if (error === undefined) continue;
      isFailing = true;
      failedRun(state, place, { run, error });
      if (concernsAllRuns(error)) break;
    }
    if (isFailing) rest(state, place);
    else place.numFailures = 0;
  } catch (error) {
    place.target = undefined;
    const all = [...place.runs.values()]; // which are put in another order
    for (const run of all) failedRun(state, place, { run, error });
    rest(state, place);
  }
}

/** @returns What kept the run from being sent. */
async function sendingError(
  state: Sending,
  target: Target | undefined,
  run: Shown,
): Promise<unknown> {
  try {
    await sendRun(state, target, run);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** It is told once; the next time the others come first, so that one that never arrives keeps none of them back. */
function failedRun(
  { signal, warn }: Sending,
  { tool, runs }: Place,
  { run, error }: { readonly run: Shown; readonly error: unknown },
): void {
  if (!signal.aborted || run.reason === "") run.reason = reasonOf(error);
  runs.delete(run.runKey);
  runs.set(run.runKey, run);
  if (!signal.aborted)
    warn(`${tool.kind}: ${run.reason} The run goes on, and sending is tried again.`);
}

function rest({ options }: Sending, place: Place): void {
  const delayMs = Math.min(maxDelayMs, options.intervalMs * 2 ** place.numFailures);
  place.numFailures++;
  place.notBeforeMs = options.now().getTime() + delayMs;
}

/** Without the hint, which says how to send by hand what is still being sent; what was never said has another one. */
function reasonOf(error: unknown): string {
  const message = thrownMessage(error);
  if (!isExpError(error)) return /[.!?]$/u.test(message) ? message : `${message}.`;
  const { code, hint } = error;
  return code === "usage" && hint !== undefined ? `${message} ${hint}` : message;
}

async function sendRun(state: Sending, target: Target | undefined, run: Shown): Promise<void> {
  const { options, signal, warn } = state;
  const { store, directory, isOver } = run;
  if (target === undefined) {
    run.isComplete = true; // turned off
    return;
  }
  const log = options.files.status(join(directory, runFiles.metricsLog))?.numBytes ?? 0;
  if (!isOver && log === run.numBytes) return;
  const view = readRunView(options, { store, directory });
  if (typeof view === "string") {
    run.reason = `${directory}: ${view}.`; // it is being published, and found where it is then
    return;
  }
  const { isComplete } = await exportRun({ ...options, signal, warn }, target, view);
  run.numBytes = log;
  run.isComplete = isOver && (isComplete || view.status !== "running");
}

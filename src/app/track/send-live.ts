/** One tool with the runs that name it: what is new of them is sent, and what fails is told once and tried again. */
import { join } from "node:path";
import { isExpError } from "../../core/errors.ts";
import { thrownMessage } from "../../core/thrown.ts";
import { runFiles } from "../../store/run-layout.ts";
import { concernsAllRuns } from "../../track/place-error.ts";
import { readRunView, type ViewTools } from "../../track/run-view.ts";
import { exportRun, type Target } from "../../track/target.ts";
import type { LiveTables } from "./live-tables.ts";
import type { LiveTool } from "./live-tools.ts";
import type { ToldOnce } from "./told-once.ts";

/** What a tracker reaches the world by. */
export interface TrackerOptions extends ViewTools {
  /** `undefined` for a tool that is turned off. */
  readonly createTarget: (tool: LiveTool) => Promise<Target | LiveTables | undefined>;
  /** Waits; ends early where the signal is given. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of processor time that this process has used. */
  readonly usedMs: () => number;
  /** Between two looks at the runs, at least. */
  readonly intervalMs: number;
  /** Told of a tool that has everything of all runs, when they are over. */
  readonly onComplete?: (tool: LiveTool) => void;
  /** Told in a sentence, each kind of trouble of a place once. */
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
  /** Of the tool, in this tracker. */
  readonly id: string;
  readonly tool: LiveTool;
  readonly runs: Map<string, Shown>;
  target: Promise<Target | LiveTables | undefined> | undefined;
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
  readonly told: ToldOnce;
}

/** A tool that fails is tried again after 1, 2, 4, … seconds, and this at most. */
const maxDelayMs = 30_000;

/** What is written whole when a run ends; the others go on with a run. */
const atEndOnly: ReadonlySet<LiveTool["kind"]> = new Set(["parquet", "hf"]);

/** Sends what is new of all its runs; never throws. */
export async function sendPlace(state: Sending, place: Place): Promise<void> {
  const { options } = state;
  try {
    place.target ??= options.createTarget(place.tool);
    const target = await place.target;
    let isFailing = false;
    if (target !== undefined && "write" in target) await sendTables(state, place, target);
    else isFailing = await sendRuns(state, place, target);
    if (isFailing) rest(state, place);
    else place.numFailures = 0;
  } catch (error) {
    place.target = undefined;
    const open = openRuns(place);
    for (const run of open) failedRun(state, place, { run, error });
    if (open[0] !== undefined) tellFailure(state, place, open[0]);
    rest(state, place);
  }
}

function openRuns({ runs }: Place): readonly Shown[] {
  return [...runs.values()].filter(({ isComplete }) => !isComplete);
}

/** @returns Whether a run did not arrive. */
async function sendRuns(
  state: Sending,
  place: Place,
  target: Target | undefined,
): Promise<boolean> {
  let isFailing = false;
  for (const run of openRuns(place)) {
    if (state.signal.aborted) break;
    const error = await sendingError(state, place, { target, run });
    if (error === undefined) continue;
    isFailing = true;
    failedRun(state, place, { run, error });
    tellFailure(state, place, run);
    if (concernsAllRuns(error)) break;
  }
  return isFailing;
}

/** @returns What kept the run from being sent. */
async function sendingError(
  state: Sending,
  place: Place,
  { target, run }: { readonly target: Target | undefined; readonly run: Shown },
): Promise<unknown> {
  try {
    if (target === undefined)
      run.isComplete = true; // turned off
    else await sendRun(state, place, { target, run });
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The next time the others come first, so that one that never arrives keeps none of them back. */
function failedRun(
  { signal }: Sending,
  { runs }: Place,
  { run, error }: { readonly run: Shown; readonly error: unknown },
): void {
  if (!signal.aborted || run.reason === "") run.reason = reasonOf(error);
  runs.delete(run.runKey);
  runs.set(run.runKey, run);
}

function tellFailure({ signal, told }: Sending, { tool, id }: Place, { reason }: Shown): void {
  if (signal.aborted) return;
  told.warn(id, reason, `${tool.kind}: ${reason} The run goes on, and sending is tried again.`);
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

async function sendRun(
  state: Sending,
  { tool, id }: Place,
  { target, run }: { readonly target: Target; readonly run: Shown },
): Promise<void> {
  const { options, signal, told } = state;
  const { store, directory, isOver } = run;
  if (!isOver && atEndOnly.has(tool.kind)) return;
  const log = logBytes(options, run);
  if (!isOver && log === run.numBytes) return;
  const view = readRunView(options, { store, directory });
  if (typeof view === "string") {
    run.reason = `${directory}: ${view}.`; // it is being published, and found where it is then
    return;
  }
  if (atEndOnly.has(tool.kind) && view.status !== "finished") {
    run.isComplete = true; // it has no model that could be shown
    return;
  }
  // What is told of one run is told of each, as what is to be done for it.
  const warn = (text: string): void => told.warn(`${id} ${run.runKey}`, text);
  const { isComplete } = await exportRun({ ...options, signal, warn }, target, view);
  run.numBytes = log;
  run.isComplete = isOver && (isComplete || view.status !== "running");
}

function logBytes({ files }: TrackerOptions, { directory }: Shown): number {
  return files.status(join(directory, runFiles.metricsLog))?.numBytes ?? 0;
}

/** Tables hold all runs, so they are written once for all that is new. */
async function sendTables(state: Sending, place: Place, tables: LiveTables): Promise<void> {
  const { options, signal, told } = state;
  const open = openRuns(place).map((run) => ({ run, numBytes: logBytes(options, run) }));
  const isDue = open.some(({ run, numBytes }) =>
    run.isOver ? true : !atEndOnly.has(place.tool.kind) && numBytes !== run.numBytes,
  );
  const [first] = open;
  if (!isDue || first === undefined || signal.aborted) return;
  const over = new Set(open.flatMap(({ run }) => (run.isOver ? [run] : [])));
  const warn = (text: string): void => told.warn(`${place.id} ${text}`, text);
  await tables.write({ store: first.run.store, signal, warn });
  for (const { run, numBytes } of open) {
    run.numBytes = numBytes;
    run.isComplete = over.has(run);
  }
}

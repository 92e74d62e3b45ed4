/** The parent's side of an execution for comparison: a worker with the stored code, and its rows as they come. */
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { isLibraryChatter } from "../../backend/native/environment.ts";
import { errorMessage } from "../../engine/protocol.ts";
import { startLink, type JobEnd } from "../../engine/worker-link.ts";
import { startWorkerProcess } from "../../engine/worker-process.ts";
import type { PlannedRun } from "../../resolve/plan.ts";
import { workerProgram, workerSetting, type FrozenExecutionOptions } from "../execute-frozen.ts";
import type { FrozenPlan } from "../frozen-plan.ts";
import type { OpenSnapshot } from "../open-snapshot.ts";
import type { RetraceEvent, RetraceJob, RetraceResult } from "./retrace.ts";
import { openScratch } from "./scratch.ts";

/** How a run is executed again. */
export interface AgainOptions {
  readonly frozen: FrozenPlan;
  readonly snapshot: OpenSnapshot;
  readonly run: PlannedRun;
  readonly provenance: JsonObject;
  readonly isDense: boolean;
  readonly isAcrossClasses: boolean;
  readonly environment: FrozenExecutionOptions["environment"];
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Puts into the scratch store what the execution goes on from. */
  readonly prepare?: (scratch: string) => void;
  /** A row as it stands in a log; true when no more are wanted. */
  readonly onRow: (log: "trace" | "metrics", row: JsonObject) => boolean;
  /** What the task declares, before the first row. */
  readonly onTolerance?: (tolerance: number) => void;
  readonly onProgress: (step: number, numSteps: number) => void;
  readonly onLine: (line: string) => void;
}

/** What became of it; `lost` where its process ended without a word. */
export type AgainEnd = RetraceResult | Extract<JobEnd, { kind: "lost" }>;

/**
 * Executes a run in a fresh process.
 * @throws {ExpError} what the worker refuses before it starts.
 */
export async function executeAgain(options: AgainOptions): Promise<AgainEnd> {
  const { frozen, snapshot, signal, environment } = options;
  const scratch = openScratch(frozen.runsDirectory);
  let isStopped = false;
  const stop = (): void => {
    isStopped = true;
    link.stop();
  };
  const program = workerProgram(snapshot, [options.run], { environment, numWorkers: 1 });
  const link = startLink({
    start: (events) => startWorkerProcess(program, events),
    setting: workerSetting({ frozen, snapshot }),
    onEvent: (_, message) => {
      const event = message as RetraceEvent;
      if (isStopped) return;
      if (event.kind === "retrace-progress") options.onProgress(event.step, event.numSteps);
      else if (event.kind === "retrace-tolerance") options.onTolerance?.(event.tolerance);
      else if (options.onRow(event.log, event.row)) stop();
    },
    onLine: (line) => {
      if (!isLibraryChatter(line)) options.onLine(line);
    },
  });
  signal.addEventListener("abort", stop);
  try {
    await link.ready;
    options.prepare?.(scratch.directory);
    const end = await link.execute(0, jobOf(options, scratch.directory));
    if (end.kind === "lost") return end;
    const result = end.result as RetraceResult;
    return isStopped ? asStopped(result) : result;
  } finally {
    signal.removeEventListener("abort", stop);
    await link.end();
    scratch.remove();
  }
}

/**
 * What became of an execution that was told to end: where it had come to its end before it heard of that, its last rows were
 * passed over, and nothing can be said of them.
 */
export function asStopped(result: RetraceResult): RetraceResult {
  if (result.kind !== "retraced") return result;
  const error = new ExpError("interrupted", "It was stopped after the rows that were asked for.");
  return { kind: "ended", here: result.here, error: errorMessage(error) };
}

function jobOf(options: AgainOptions, scratch: string): RetraceJob {
  const { run, provenance, isDense, isAcrossClasses, prepare } = options;
  const isContinued = prepare !== undefined;
  return { kind: "retrace", run, provenance, scratch, isDense, isAcrossClasses, isContinued };
}

/** Executes a frozen plan in worker processes, from its snapshot. */
import { availableCores } from "../backend/host-limits.ts";
import { ExpError } from "../core/errors.ts";
import { shareMachine, thisMachine } from "../engine/machine-share.ts";
import { runPool, type PoolEnd } from "../engine/pool.ts";
import { receivedError } from "../engine/protocol.ts";
import { describeEnd, type JobEnd, type LostWorker } from "../engine/worker-link.ts";
import { startWorkerProcess, type WorkerProgram } from "../engine/worker-process.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import { isLibraryChatter } from "../backend/native/environment.ts";
import { isCompiled } from "../backend/native/place.ts";
import { groupByProcess, runVariables } from "./backends/run-variables.ts";
import type { ExecutionOptions } from "./execute-plan.ts";
import type { FrozenPlan } from "./frozen-plan.ts";
import { openSnapshot, type OpenSnapshot } from "./open-snapshot.ts";
import type { ExecutionEvent, RunOutcome } from "./outcome.ts";
import { heldOutcome, lookAgain, refuseActive, settledOutcome } from "./settled-runs.ts";
import { untilStopped } from "./stopped-compiler.ts";
import { trackExecution } from "./track/live-tracking.ts";
import type { CheckResult, WorkerEvent, WorkerJob, WorkerResult, WorkerSetting } from "./worker.ts";

export interface FrozenExecutionOptions extends ExecutionOptions {
  /** How many workers at most; at least 1. */
  readonly numWorkers: number;
  /** Environment variables of this process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Executes a frozen plan and tells what became of every run, in the order of the plan. Nothing of it depends on the
 * number of workers but the time it takes.
 * @throws {ExpError} `run-active` when another process executes one of the runs; `store` or `module` when the snapshot
 *   is not the planned code; `interrupted` where a signal came before the first run could start. Nothing was executed then.
 */
export function executeFrozenPlan(
  frozen: FrozenPlan,
  options: FrozenExecutionOptions,
): Promise<readonly RunOutcome[]> {
  const { runsDirectory: store, projectDirectory } = frozen;
  return untilStopped(options.signal, () =>
    trackExecution({ ...options, store, projectDirectory }, (observe) =>
      executeInWorkers(frozen, { ...options, observe }),
    ),
  );
}

async function executeInWorkers(
  frozen: FrozenPlan,
  options: FrozenExecutionOptions,
): Promise<readonly RunOutcome[]> {
  const { runs } = frozen.plan;
  const settled = runs.map((run) =>
    options.isRepeat === true ? undefined : settledOutcome(run, frozen),
  );
  const open = runs.filter((run) => settled[run.index] === undefined);
  if (options.isRepeat !== true) refuseActive(frozen, open); // a repetition waits for its turn
  const snapshot = open.length === 0 ? undefined : await openSnapshot(frozen);
  const numReused = runs.length - open.length;
  options.observe({ kind: "execution-started", plan: frozen.plan, numReused });
  const outcomes = new Map<number, RunOutcome>();
  const end = (outcome: RunOutcome): void => {
    outcomes.set(outcome.run.index, outcome);
    options.observe({ kind: "run-ended", outcome });
  };
  for (const outcome of settled) if (outcome !== undefined) end(outcome);
  const isStopped = settled.some((one) => one?.status === "failed") && options.onError === "stop";
  if (isStopped) for (const run of open) end(heldOutcome(run, frozen));
  else if (snapshot !== undefined) await executeGroups({ frozen, snapshot, open, options, end });
  return runs.map((run) => lookAgain(frozen, outcomes.get(run.index) ?? heldOutcome(run, frozen)));
}

interface Execution {
  readonly frozen: FrozenPlan;
  readonly snapshot: OpenSnapshot;
  /** Runs that are not finished. */
  readonly open: readonly PlannedRun[];
  readonly options: FrozenExecutionOptions;
  readonly end: (outcome: RunOutcome) => void;
}

/** Runs whose backends need different processes follow each other, group by group. */
async function executeGroups(execution: Execution): Promise<void> {
  const { open, options, frozen } = execution;
  let hasFailed = false;
  const end = (outcome: RunOutcome): void => {
    if (outcome.status === "failed") hasFailed = true;
    execution.end(outcome);
  };
  for (const group of groupByProcess(open)) {
    if (hasFailed && options.onError === "stop")
      for (const run of group) end(heldOutcome(run, frozen));
    else await executeOpen({ ...execution, open: group, end });
  }
}

async function executeOpen(execution: Execution): Promise<void> {
  const { frozen, open, options, end } = execution;
  const numWorkers = Math.min(options.numWorkers, open.length);
  const { environment } = options;
  const program = workerProgram(execution.snapshot, open, { environment, numWorkers });
  const runAt = (index: number | undefined): PlannedRun | undefined =>
    index === undefined ? undefined : open[index];
  await runPool({
    numJobs: open.length,
    numWorkers: options.numWorkers,
    setting: workerSetting(execution),
    start: (events) => startWorkerProcess(program, events),
    signal: options.signal,
    first: { job: checkJob(execution), onEnd: (end) => tellCheck(end, execution) },
    jobOf: async (index) => {
      const run = at(open, index);
      const provenance = await frozen.provenanceOf(run);
      const { isRepeat = false } = options;
      return { kind: "run", run, provenance, isRepeat } satisfies WorkerJob;
    },
    onEvent: (index, message) => {
      options.observe(observed(message as WorkerEvent, at(open, index)));
    },
    onLine: (text, index) => {
      if (isLibraryChatter(text)) return;
      const run = runAt(index);
      options.observe({ kind: "output", text, ...(run !== undefined && { run }) });
    },
    onJobEnd: (index, poolEnd) => {
      const outcome = outcomeOf(at(open, index), poolEnd, frozen);
      end(outcome);
      return outcome.status === "failed" && options.onError === "stop";
    },
  });
}

/** All runs are checked before the first one starts, by a worker: with the code of the snapshot, like the runs. */
function checkJob({ open, options }: Execution): WorkerJob {
  const runs = open.map((run) => ({ ...run, identityText: "" })); // there may be many, and nothing looks at it
  return { kind: "check", runs, numJobs: Math.min(options.numWorkers, open.length) };
}

function tellCheck(end: JobEnd, { open, options }: Execution): void {
  if (end.kind === "lost") {
    const hint = crashHint(open[0], end);
    const facts = hint === undefined ? {} : { hint };
    throw new ExpError("training", lostText("that checked the runs", end), facts);
  }
  const { warnings, error } = end.result as CheckResult;
  if (error !== undefined) throw receivedError(error);
  for (const text of warnings) options.observe({ kind: "warning", text });
}

function at(runs: readonly PlannedRun[], index: number): PlannedRun {
  const run = runs[index];
  if (run === undefined) throw new RangeError(`no run has the number ${index}`);
  return run;
}

/** What all jobs of the workers of a plan share. */
export function workerSetting({
  frozen,
  snapshot,
}: Pick<Execution, "frozen" | "snapshot">): WorkerSetting {
  const { plan, file, overrides, code, inputs, git, projectDirectory, runsDirectory } = frozen;
  const { experiment, task } = plan;
  const { tree, layout } = snapshot;
  const argv = process.argv.slice(1);
  const place = { projectDirectory, file, runsDirectory, tree, layout };
  return { experiment, task, overrides, code, inputs, git, argv, ...place };
}

/** How workers are started that execute some runs of a plan; so many of them share the machine. */
export function workerProgram(
  snapshot: OpenSnapshot,
  runs: readonly PlannedRun[],
  { environment, numWorkers }: Pick<FrozenExecutionOptions, "environment" | "numWorkers">,
): WorkerProgram {
  const given = { nodeFlags: process.execArgv, environment };
  const share = shareMachine(numWorkers, thisMachine(availableCores()), given);
  return {
    module: snapshot.program,
    args: ["worker"],
    nodeFlags: share.nodeFlags,
    environment: {
      ...environment,
      ...share.environment,
      ...runVariables(runs, environment, numWorkers),
      TSX_TSCONFIG_PATH: snapshot.compilerSettings, // else that of the working directory
    },
  };
}

function observed(message: WorkerEvent, run: PlannedRun): ExecutionEvent {
  return { ...message, run };
}

function outcomeOf(run: PlannedRun, end: PoolEnd, frozen: FrozenPlan): RunOutcome {
  switch (end.kind) {
    case "held":
      return heldOutcome(run, frozen);
    case "lost":
      return lostOutcome(run, end, frozen);
    case "done": {
      const { error, ...facts } = end.result as WorkerResult;
      if (error === undefined) return { ...facts, run };
      const received = receivedError(error);
      const isOurs = received instanceof ExpError;
      return {
        ...facts,
        run,
        error: isOurs ? received : new ExpError("training", received.message),
      };
    }
  }
}

/** The worker's process is gone without a word; what it wrote is kept as it is. */
function lostOutcome(run: PlannedRun, lost: LostWorker, frozen: FrozenPlan): RunOutcome {
  const attempt = frozen.store.listAttempts(run.runKey).at(-1);
  const directory = attempt?.directory ?? frozen.directoryOf(run);
  const message = lostText("of this run", lost);
  const otherHint =
    lost.end.signal === "SIGKILL" || lost.end.signal === "SIGABRT"
      ? "The system may have run out of memory: try fewer --jobs."
      : "Something ended the process from inside or outside; its attempt is kept.";
  const hint = crashHint(run, lost) ?? otherHint;
  const error = new ExpError("training", message, { hint });
  const hasDirectory = attempt !== undefined;
  return { run, status: "failed", directory, hasDirectory, metrics: {}, isReused: false, error };
}

/** A library that crashed took its process with it; `undefined` where it cannot have been that. */
function crashHint(run: PlannedRun | undefined, { end }: LostWorker): string | undefined {
  const isCrash = ["SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV"].includes(end.signal ?? "");
  if (!isCrash || run === undefined || !isCompiled(run.backend)) return undefined;
  return `TensorFlow's library may have crashed. The same command goes on from the last checkpoint; \`exp backend test ${run.backend}\` tries the library alone, and backend=wasm does without it.`;
}

/** All that it printed was shown when it came; here is what most likely says why. */
function lostText(what: string, { end, lastLines }: LostWorker): string {
  const fatal = lastLines.find((line) => line.startsWith("FATAL ERROR:"));
  const lines = lastLines.filter((line) => line.trim() !== "" && !isLibraryChatter(line)).slice(-3);
  const said = (fatal === undefined ? lines : [fatal]).map((line) => `\n${line}`).join("");
  return `The process ${what} (${end.pid ?? "unknown"}) ${describeEnd(end)}.${said}`;
}

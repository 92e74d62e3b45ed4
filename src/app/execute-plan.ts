/** Executes what a plan has not finished yet, one run after the other in this process. */
import { codeIdentity } from "../resolve/code-identity.ts";
import { ExpError } from "../core/errors.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import { captureEnvironment, type CapturedEnvironment } from "../store/environment.ts";
import { allowDynamicImports } from "../resolve/dynamic-imports.ts";
import { executeRun, finishedBefore, type RunSetting } from "./execute-run.ts";
import type { ExecutionEvent, RunOutcome } from "./outcome.ts";
import type { PreparedPlan } from "./plan-experiment.ts";
import { lockstepVersion } from "./version.ts";

export interface ExecutionOptions {
  /** Whether a failed run stops the ones after it. */
  readonly onError: "stop" | "continue";
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  readonly observe: (event: ExecutionEvent) => void;
}

/**
 * Executes a plan and tells what became of every run, in the order of the plan.
 * @throws {ExpError} `run-active` when another process executes one of the runs, before anything starts; `module` when
 * the code is no longer the code that was planned.
 */
export async function executePlan(
  prepared: PreparedPlan,
  options: ExecutionOptions,
): Promise<readonly RunOutcome[]> {
  const { plan } = prepared;
  const open = plan.runs.filter((run) => !prepared.isFinished(run));
  refuseActive(prepared, open);
  const numReused = plan.runs.length - open.length;
  options.observe({ kind: "execution-started", plan, numReused });
  const setting = open.length === 0 ? undefined : await prepareSetting(prepared, options);
  const outcomes: RunOutcome[] = [];
  let isStopped = false;
  for (const run of plan.runs) {
    const outcome = await outcomeOf(run, {
      prepared,
      setting,
      isStopped: isStopped || options.signal.aborted,
    });
    if (outcome.status === "failed" && options.onError === "stop") isStopped = true;
    options.observe({ kind: "run-ended", outcome });
    outcomes.push(outcome);
  }
  return outcomes;
}

interface OutcomeContext {
  readonly prepared: PreparedPlan;
  readonly setting: RunSetting | undefined;
  readonly isStopped: boolean;
}

function outcomeOf(
  run: PlannedRun,
  { prepared, setting, isStopped }: OutcomeContext,
): RunOutcome | Promise<RunOutcome> {
  const published = prepared.store.findPublished(run.runKey);
  if (published !== undefined) return finishedBefore(prepared.store, run, published);
  if (isStopped || setting === undefined) {
    const directory = prepared.directoryOf(run);
    return { run, status: "planned", directory, metrics: {}, isReused: false };
  }
  return executeRun(run, setting);
}

/** All are looked at first: a sweep that is half refused would leave its user guessing. */
function refuseActive(prepared: PreparedPlan, runs: readonly PlannedRun[]): void {
  for (const run of runs) {
    const attempt = prepared.store.liveAttempt(run.runKey);
    if (attempt === undefined) continue;
    const { record, directory } = attempt;
    const who =
      record === undefined
        ? ""
        : ` by process ${record.pid} on ${record.host} since ${record.startTime}`;
    throw new ExpError(
      "run-active",
      `Run ${run.index + 1} of ${prepared.plan.experiment} is being executed${who}.`,
      {
        hint: `Wait for it, or stop that process. Its attempt is ${directory}.`,
      },
    );
  }
}

async function prepareSetting(
  prepared: PreparedPlan,
  options: ExecutionOptions,
): Promise<RunSetting> {
  const { code, resolution, store } = prepared;
  const environments = new Map<string, Promise<CapturedEnvironment>>();
  const environmentOf = (run: PlannedRun): Promise<CapturedEnvironment> => {
    const known = environments.get(run.environmentClass);
    if (known !== undefined) return known;
    const captured = capture(prepared, run);
    environments.set(run.environmentClass, captured);
    return captured;
  };
  const { bundle, packages, codeHash } = code;
  const saved = store.saveCode(codeHash, { bundle, packages, sources: resolution.sources });
  await allowDynamicImports();
  let isChecked = false;
  const checkCode = async (): Promise<void> => {
    if (isChecked) return;
    isChecked = true;
    await refuseChangedCode(prepared);
  };
  const { signal, observe } = options;
  return { prepared, environmentOf, sources: saved.sources, checkCode, signal, observe };
}

function capture(prepared: PreparedPlan, run: PlannedRun): Promise<CapturedEnvironment> {
  const tensorFlow = prepared.code.packages.filter(({ name }) => name.startsWith("@tensorflow/"));
  return captureEnvironment({
    projectDirectory: prepared.resolution.projectDirectory,
    environmentClass: run.environmentClass,
    lockstepVersion: lockstepVersion(),
    backendFacts: { name: run.backend, packages: tensorFlow.map((entry) => ({ ...entry })) },
  });
}

/** The modules of a task load when its first run starts; an edit since the plan must not run under the old hash. */
async function refuseChangedCode({ resolution, code }: PreparedPlan): Promise<void> {
  const now = await codeIdentity(resolution.task, resolution.projectDirectory);
  if (now.codeHash === code.codeHash) return;
  throw new ExpError("module", "The code changed while the first run was starting.", {
    hint: "Nothing was trained. Run the same command again to plan with the code as it is now.",
  });
}

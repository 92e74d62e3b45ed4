/** Executes what a plan has not finished yet, one run after the other in this process. */
import { codeIdentity } from "../resolve/code-identity.ts";
import { ExpError } from "../core/errors.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import { captureEnvironment, type CapturedEnvironment } from "../store/environment.ts";
import { allowDynamicImports } from "../resolve/dynamic-imports.ts";
import { executeRun, type RunSetting } from "./execute-run.ts";
import type { SnapshotContent } from "../store/snapshot-store.ts";
import { codeToPack, packCode, storeSources } from "./frozen-plan.ts";
import type { ExecutionEvent, RunOutcome } from "./outcome.ts";
import type { PreparedPlan } from "./plan-experiment.ts";
import { checkRuns } from "./preflight.ts";
import { storedStatus } from "./run-status.ts";
import { backendFacts, environmentKey } from "./run-threads.ts";
import { secretsWarning } from "./secrets-in-code.ts";
import { heldOutcome, lookAgain, refuseActive, settledOutcome } from "./settled-runs.ts";
import { untilStopped } from "./stopped-compiler.ts";
import { guardExit, lateText, watchStrays, type StrayErrors } from "./strays.ts";
import { trackExecution } from "./track/live-tracking.ts";
import { lockstepVersion } from "./version.ts";

export interface ExecutionOptions {
  /** Whether a failed run stops the ones after it. */
  readonly onError: "stop" | "continue";
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  readonly observe: (event: ExecutionEvent) => void;
  /** Variables of this process, which a tracker gets too. Default: those that there are. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Finished runs are executed once more, and compared with what is published. Default: false. */
  readonly isRepeat?: boolean;
}

/**
 * Executes a plan and tells what became of every run, in the order of the plan.
 * @throws {ExpError} what the check of the runs finds, before anything starts; `run-active` when another process executes one of the runs, before anything starts; `module` when
 * the code is no longer the code that was planned; `interrupted` where a signal came before the first run could start.
 */
export function executePlan(
  prepared: PreparedPlan,
  options: ExecutionOptions,
): Promise<readonly RunOutcome[]> {
  const { runsDirectory: store, resolution } = prepared;
  const { projectDirectory } = resolution;
  return untilStopped(options.signal, () =>
    trackExecution({ ...options, store, projectDirectory }, (observe) =>
      executeOpen(prepared, { ...options, observe }),
    ),
  );
}

async function executeOpen(
  prepared: PreparedPlan,
  options: ExecutionOptions,
): Promise<readonly RunOutcome[]> {
  const { plan, store } = prepared;
  const { isRepeat = false } = options;
  const isDone = ({ runKey }: PlannedRun): boolean =>
    storedStatus(store, runKey) === "finished" || prepared.reused?.has(runKey) === true;
  const open = plan.runs.filter((run) => isRepeat || !isDone(run));
  if (!isRepeat) refuseActive(prepared, open); // a repetition waits for its turn
  const content = open.length === 0 ? "" : codeToPack(prepared);
  if (open.length > 0) {
    const { warnings } = await checkRuns(prepared, open, codeBytes(prepared, content));
    const secrets = secretsWarning(prepared);
    for (const text of [...warnings, ...(secrets === undefined ? [] : [secrets])])
      options.observe({ kind: "warning", text });
  }
  const numReused = plan.runs.length - open.length;
  options.observe({ kind: "execution-started", plan, numReused });
  const strays = watchStrays();
  const releaseExit = guardExit();
  const alive = setInterval(() => undefined, 2 ** 30); // a task that waits for nothing must not end the process
  try {
    const setting =
      open.length === 0 ? undefined : await prepareSetting(prepared, options, { strays, content });
    const outcomes = await executeInTurn({ prepared, setting, options });
    return outcomes.map((outcome) => lookAgain(prepared, outcome));
  } finally {
    clearInterval(alive);
    for (const late of strays.takeLate())
      options.observe({ kind: "warning", text: lateText(late) });
    releaseExit();
    strays.release();
  }
}

/** What storing the code will take. */
function codeBytes(
  { store, code }: PreparedPlan,
  content: SnapshotContent | string,
): { readonly numCodeBytes: number } {
  if (typeof content === "string") return { numCodeBytes: 0 };
  return { numCodeBytes: store.numSnapshotBytes(code.codeHash, content) };
}

interface Execution {
  readonly prepared: PreparedPlan;
  /** Absent where every run is finished. */
  readonly setting: RunSetting | undefined;
  readonly options: ExecutionOptions;
}

async function executeInTurn({ prepared, setting, options }: Execution): Promise<RunOutcome[]> {
  const outcomes: RunOutcome[] = [];
  let isStopped = false;
  for (const run of prepared.plan.runs) {
    const isHeld = isStopped || options.signal.aborted;
    const outcome = await outcomeOf(run, prepared, isHeld ? undefined : setting);
    if (outcome.status === "failed" && options.onError === "stop") isStopped = true;
    options.observe({ kind: "run-ended", outcome });
    outcomes.push(outcome);
  }
  return outcomes;
}

function outcomeOf(
  run: PlannedRun,
  prepared: PreparedPlan,
  setting: RunSetting | undefined,
): RunOutcome | Promise<RunOutcome> {
  const settled = setting?.isRepeat === true ? undefined : settledOutcome(run, prepared);
  if (settled !== undefined) return settled;
  return setting === undefined ? heldOutcome(run, prepared) : executeRun(run, setting);
}

async function prepareSetting(
  prepared: PreparedPlan,
  options: ExecutionOptions,
  { strays, content }: { readonly strays: StrayErrors; readonly content: SnapshotContent | string },
): Promise<RunSetting> {
  const environments = new Map<string, Promise<CapturedEnvironment>>();
  const environmentOf = (run: PlannedRun): Promise<CapturedEnvironment> => {
    const key = environmentKey(run);
    const captured = environments.get(key) ?? capture(prepared, run);
    environments.set(key, captured);
    return captured;
  };
  const sources = storeSources(prepared);
  const packed = packCode(prepared, content);
  await allowDynamicImports();
  let isChecked = false;
  const checkCode = async (): Promise<void> => {
    if (isChecked) return;
    isChecked = true;
    await refuseChangedCode(prepared);
  };
  const { signal, observe, isRepeat = false } = options;
  const argv = process.argv.slice(1);
  const kept = { sources, ...(typeof packed !== "string" && { snapshot: packed }) };
  return { prepared, argv, environmentOf, ...kept, checkCode, strays, signal, observe, isRepeat };
}

function capture(prepared: PreparedPlan, run: PlannedRun): Promise<CapturedEnvironment> {
  return captureEnvironment({
    projectDirectory: prepared.resolution.projectDirectory,
    environmentClass: run.environmentClass,
    lockstepVersion: lockstepVersion(),
    backendFacts: backendFacts(run, prepared.code.packages),
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

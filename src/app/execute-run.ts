/** One run: an attempt is claimed, the task's events are written down, and what it came to is published. */
import { ExpError, InternalError, isExpError } from "../core/errors.ts";
import type { RunEvent } from "../core/run-events.ts";
import type { RunContext } from "../core/task.ts";
import { isPlainObject } from "../core/json.ts";
import { modelCard } from "../report/model-card.ts";
import { reproduce } from "../report/reproduce.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import { provenance } from "../resolve/provenance.ts";
import type { Resolution, ResolvedRun } from "../resolve/resolve.ts";
import type { Attempt } from "../store/attempt.ts";
import type { CapturedEnvironment } from "../store/environment.ts";
import type { PublishedRun } from "../store/published-run.ts";
import type { Store } from "../store/store.ts";
import { callHook } from "./hooks.ts";
import type { ExecutionEvent, RunOutcome } from "./outcome.ts";
import type { PreparedPlan } from "./plan-experiment.ts";
import { runFacts } from "./run-facts.ts";
import { sealedRun } from "./sealed-run.ts";

/** What all runs of an execution share. */
export interface RunSetting {
  readonly prepared: PreparedPlan;
  readonly environmentOf: (run: PlannedRun) => Promise<CapturedEnvironment>;
  /** Name of the stored sources of the experiment's modules. */
  readonly sources: string;
  /** Throws when the code is not the planned code any more; looks only once. */
  readonly checkCode: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly observe: (event: ExecutionEvent) => void;
}

/** The outcome of a run that was published earlier. */
export function finishedBefore(store: Store, run: PlannedRun, published: PublishedRun): RunOutcome {
  const { metrics } = store.readResults(published);
  return { run, status: "finished", directory: published.directory, metrics, isReused: true };
}

/** Executes one run. An error of the run is its outcome; only broken promises of Lockstep itself are thrown. */
export async function executeRun(run: PlannedRun, setting: RunSetting): Promise<RunOutcome> {
  const startedAt = performance.now();
  const { store } = setting.prepared;
  let attempt: Attempt | undefined;
  try {
    const begun = await beginAttempt(run, setting);
    if (begun.kind === "published") return finishedBefore(store, run, begun.run);
    attempt = begun.attempt;
    setting.observe({ kind: "run-started", run, directory: attempt.directory });
    await recordEvents(run, attempt, setting);
    const directory = await publish(run, attempt, setting);
    const { metrics } = store.readResults(directory);
    const durationMs = performance.now() - startedAt;
    return {
      run,
      status: "finished",
      directory: directory.directory,
      metrics,
      isReused: false,
      durationMs,
    };
  } catch (error) {
    attempt?.fail(error);
    const reason = asExpError(error, attempt);
    const directory = attempt?.directory ?? setting.prepared.directoryOf(run);
    const status = reason.code === "interrupted" ? "paused" : "failed";
    const durationMs = performance.now() - startedAt;
    return { run, status, directory, metrics: {}, isReused: false, durationMs, error: reason };
  }
}

async function beginAttempt(
  run: PlannedRun,
  setting: RunSetting,
): Promise<ReturnType<Store["beginAttempt"]>> {
  const { plan, resolution, store } = setting.prepared;
  const { name, version } = resolution.task;
  return store.beginAttempt({
    experiment: plan.experiment,
    task: { name, version },
    identities: identitiesOf(run),
    identityText: run.identityText,
    config: run.config,
    provenance: await provenance(resolvedRun(run, resolution), resolution),
    environment: await setting.environmentOf(run),
    argv: process.argv.slice(1),
    logInterval: logInterval(run),
    sources: setting.sources,
  });
}

/** A plan lists the runs of its resolution in order. */
function resolvedRun(run: PlannedRun, resolution: Resolution): ResolvedRun {
  const resolved = resolution.runs[run.index];
  if (resolved?.configHash !== run.configHash)
    throw new InternalError("plan and resolution differ");
  return resolved;
}

function identitiesOf(run: PlannedRun): Parameters<Store["beginAttempt"]>[0]["identities"] {
  const { configHash, groupHash, codeHash, dataHash, environmentClass, runKey } = run;
  return { configHash, groupHash, codeHash, dataHash, environmentClass, runKey };
}

/** `logging.interval`, where the task has it. */
function logInterval(run: PlannedRun): number {
  const logging = run.config["logging"];
  const interval = isPlainObject(logging) ? logging["interval"] : undefined;
  return typeof interval === "number" ? interval : 1;
}

async function recordEvents(run: PlannedRun, attempt: Attempt, setting: RunSetting): Promise<void> {
  const { resolution } = setting.prepared;
  const context: RunContext<never> = {
    config: run.config as never, // validated by the task's own schema, whose type is erased here
    projectDirectory: resolution.projectDirectory,
    backend: run.backend,
    signal: setting.signal,
  };
  // Shown and not written down: an async hook may fail when the log is closed already.
  const warn = (warning: RunEvent): void =>
    setting.observe({ kind: "run-event", run, event: warning });
  const events = resolution.task.run(context);
  const isSealed = resolution.task.sealsItself === true;
  for await (const event of isSealed ? events : sealedRun(events, run.config)) {
    if (event.kind === "ready") await setting.checkCode();
    attempt.record(event);
    setting.observe({ kind: "run-event", run, event });
    callHook(setting.prepared.onEvent, { event, run, warn });
  }
}

async function publish(
  run: PlannedRun,
  attempt: Attempt,
  setting: RunSetting,
): Promise<PublishedRun> {
  const finished = attempt.finish();
  const environment = await setting.environmentOf(run);
  const facts = runFacts({ run, finished, environment, prepared: setting.prepared });
  const documents = { modelCard: modelCard(facts), reproduce: reproduce(facts) };
  return attempt.publish(documents).run;
}

/** Whatever a task throws is a failed run; only its own text is shown, the stack goes into the attempt. */
function asExpError(error: unknown, attempt: Attempt | undefined): ExpError {
  if (isExpError(error)) return error;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint =
    attempt === undefined ? {} : { hint: `The stack is in ${attempt.directory}/failure.json.` };
  return new ExpError("training", text, { ...hint, cause: error });
}

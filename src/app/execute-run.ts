/** One run: an attempt is claimed, the task's events are written down, and what it came to is published. */
import type { RunEvent } from "../core/run-events.ts";
import { trackReads } from "../core/tracked-reads.ts";
import { isPlainObject } from "../core/json.ts";
import { modelCard } from "../report/model-card.ts";
import { reproduce } from "../report/reproduce.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import type { RunSnapshot } from "../store/attempt-record.ts";
import type { Attempt } from "../store/attempt.ts";
import type { CapturedEnvironment } from "../store/environment.ts";
import type { PublishedRun } from "../store/published-run.ts";
import { numKeyDigits } from "../store/run-layout.ts";
import type { BeginResult } from "../store/begin-attempt.ts";
import type { Store } from "../store/store.ts";
import { claimInTurn } from "./claim-in-turn.ts";
import { changedData, saveDataFacts } from "./data-changes.ts";
import { failedOutcome } from "./failed-run.ts";
import type { ExecutionEvent, RunOutcome } from "./outcome.ts";
import type { ExecutablePlan } from "./plan-experiment.ts";
import { registerSecrets } from "./secrets.ts";
import { runFacts } from "./run-facts.ts";
import { createRunHooks, type RunHooks } from "./run-hooks.ts";
import { runTask } from "./run-task.ts";
import { stoppedInstead } from "./stopped-compiler.ts";
import { lateText, type OwnStrays, type StrayErrors } from "./strays.ts";
import { refuseStray, tellEvents } from "./tell-events.ts";
import { trackAttempt } from "./track/track-attempt.ts";
import { trainedModelOf } from "./trained-model.ts";
import { unreadValues } from "./unread-values.ts";

/** What all runs of an execution share. */
export interface RunSetting {
  readonly prepared: ExecutablePlan;
  /** The command line that asked for the runs. */
  readonly argv: readonly string[];
  readonly environmentOf: (run: PlannedRun) => Promise<CapturedEnvironment>;
  /** Name of the stored sources of the experiment's modules. */
  readonly sources: string;
  /** What the runs can be executed again from, where that is stored. */
  readonly snapshot?: RunSnapshot;
  /** Throws when the code is not the planned code any more; looks only once. */
  readonly checkCode: () => Promise<void>;
  /** Errors that nobody waited for, since they were last asked for. */
  readonly strays: StrayErrors;
  readonly signal: AbortSignal;
  readonly observe: (event: ExecutionEvent) => void;
  /** Published runs are executed again, and compared with what is published. Default: false. */
  readonly isRepeat?: boolean;
  /** Every row of a trace tells all tensors. Default: false. */
  readonly isTraceDense?: boolean;
  /** Somebody counts on the events of each step at once. Default: false. */
  readonly isEachStepTold?: boolean;
}

/** The outcome of a run that was published earlier. */
export function finishedBefore(store: Store, run: PlannedRun, published: PublishedRun): RunOutcome {
  const { metrics } = store.readResults(published);
  const { directory } = published;
  return { run, status: "finished", directory, hasDirectory: true, metrics, isReused: true };
}

/** Executes one run. An error of the run is its outcome; only broken promises of Lockstep itself are thrown. */
export async function executeRun(run: PlannedRun, setting: RunSetting): Promise<RunOutcome> {
  registerSecrets(run);
  const { prepared, observe } = setting;
  const hooks = createRunHooks({
    run,
    experiment: prepared.plan.experiment,
    hooks: prepared.hooks,
    // Shown and not written down: an async hook may fail when the log is closed already.
    warn: (event) => observe({ kind: "run-event", run, event }),
  });
  const outcome = await executeHooked(run, { ...setting, hooks });
  await hooks.end(outcome);
  tellLateStrays(run, setting);
  return outcome;
}

/** A setting with the hooks of the run. */
interface HookedSetting extends RunSetting {
  readonly hooks: RunHooks;
}

async function executeHooked(run: PlannedRun, setting: HookedSetting): Promise<RunOutcome> {
  const startedAt = performance.now();
  const { store } = setting.prepared;
  let attempt: Attempt | undefined;
  try {
    await refuseChangedData(run, setting);
    const begun = await begin(run, setting);
    if (begun.kind === "published") return finishedBefore(store, run, begun.run);
    attempt = tracked(begun.attempt, run, setting);
    setting.observe({ kind: "run-started", run, directory: attempt.directory });
    setting.hooks.begin(attempt.directory);
    await recordEvents(run, attempt, setting);
    await refuseChangedData(run, setting);
    const published = await publish(run, attempt, setting);
    const durationMs = performance.now() - startedAt;
    const isRepeated = published.kind === "duplicate";
    const facts = { isReused: false, durationMs, ...(isRepeated && { isRepeated }) };
    return { ...finishedBefore(store, run, published.run), ...facts };
  } catch (thrown) {
    const error = await stoppedInstead(thrown, setting.signal);
    attempt?.fail(error);
    return failedOutcome(run, { error, attempt, startedAt, prepared: setting.prepared });
  }
}

/** Who repeats runs waits where another process is at one; anybody else takes what that one comes to. */
async function begin(run: PlannedRun, setting: RunSetting): Promise<BeginResult> {
  const { prepared, signal, observe } = setting;
  const claim = (): Promise<BeginResult> =>
    claimRun(run, setting, { isRepeat: isRepetition(run, setting) });
  if (setting.isRepeat !== true) return claim();
  const tell = (text: string): void =>
    observe({ kind: "run-event", run, event: { kind: "log", level: "warning", text } });
  const { store } = prepared;
  const attempt = await claimInTurn({ store, runKey: run.runKey, signal, claim, tell });
  return { kind: "started", attempt };
}

/** A repetition is shown nowhere: it is there to be compared. */
function tracked(attempt: Attempt, run: PlannedRun, setting: RunSetting): Attempt {
  if (setting.isRepeat === true) return attempt;
  const { prepared, observe } = setting;
  return trackAttempt(attempt, {
    store: prepared.store.directory,
    config: run.config,
    warn: (event) => observe({ kind: "run-event", run, event }),
  });
}

/** Data that changed since the plan, or while the run read it, must not be published under the planned hash. */
async function refuseChangedData(run: PlannedRun, { prepared }: RunSetting): Promise<void> {
  const { dataHash, files, paths } = await prepared.data.currentFiles(run.config);
  if (dataHash === run.dataHash) return saveDataFacts(prepared.store, { files, paths });
  throw changedData(prepared.store, run.dataHash, { files, paths });
}

/** Only what is published can be repeated: anything else is a run like any other. */
function isRepetition({ runKey }: PlannedRun, { isRepeat, prepared }: RunSetting): boolean {
  return isRepeat === true && prepared.store.findPublished(runKey) !== undefined;
}

/**
 * Claims a run in a store.
 * @param place - The store, by default that of the plan; and whether a published run is executed again.
 */
export async function claimRun(
  run: PlannedRun,
  setting: RunSetting,
  place: { readonly store?: Store; readonly isRepeat?: boolean } = {},
): Promise<BeginResult> {
  const { plan, resolution, provenanceOf } = setting.prepared;
  const { store = setting.prepared.store, isRepeat = false } = place;
  const { name, version } = resolution.task;
  return store.beginAttempt({
    experiment: plan.experiment,
    task: { name, version },
    identities: identitiesOf(run),
    identityText: run.identityText,
    config: run.config,
    provenance: await provenanceOf(run),
    environment: await setting.environmentOf(run),
    argv: setting.argv,
    logInterval: logInterval(run),
    isRepeat,
    sources: setting.sources,
    ...(setting.snapshot !== undefined && { snapshot: setting.snapshot }),
  });
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

/** Executes the task of a run, and writes down in its attempt what it says. Hooks that are handed in are told too. */
export function recordEvents(
  run: PlannedRun,
  attempt: Attempt,
  setting: RunSetting & Partial<Pick<HookedSetting, "hooks">>,
): Promise<void> {
  const name = run.runKey.slice(0, numKeyDigits);
  return setting.strays.during(name, (own) => recordOwnEvents(run, attempt, { ...setting, own }));
}

/** Errors of hooks, and of runs that were over by then: shown, and nobody's failure. */
function tellLateStrays(run: PlannedRun, { strays, observe }: RunSetting): void {
  for (const late of strays.takeLate()) {
    const event: RunEvent = { kind: "log", level: "warning", text: lateText(late) };
    observe({ kind: "run-event", run, event });
  }
}

async function recordOwnEvents(
  run: PlannedRun,
  attempt: Attempt,
  setting: RunSetting & Partial<Pick<HookedSetting, "hooks">> & { readonly own: OwnStrays },
): Promise<void> {
  const { resolution, store } = setting.prepared;
  const { config, backend } = run;
  const { projectDirectory } = resolution;
  const tell = tellEvents({
    attempt,
    observe: (event) => setting.observe({ kind: "run-event", run, event }),
    hooks: setting.hooks,
    strays: setting.own,
  });
  for (const text of attempt.unseen) tell({ kind: "log", level: "warning", text });
  const reads = trackReads(config);
  const trained = trainedModelOf(config, { store, projectDirectory });
  await runTask({
    task: resolution.task,
    inputs: {
      config: reads.config,
      projectDirectory,
      backend,
      signal: setting.signal,
      isTraceDense: setting.isTraceDense === true,
      ...trained,
    },
    runDirectory: attempt.directory,
    earlierAttempts: () => earlierAttempts(run, attempt, setting),
    resume: (check) => attempt.resume(check),
    checkCode: setting.checkCode,
    record: tell,
    isEachStepTold:
      setting.isEachStepTold === true ||
      (setting.hooks !== undefined && setting.prepared.hooks.length > 0),
  });
  attempt.noteUnread(unreadValues(reads, run, resolution.task));
  await new Promise((resolve) => setImmediate(resolve)); // rejections are told at the end of a turn
  refuseStray(setting.own);
}

function earlierAttempts(
  { runKey }: PlannedRun,
  { number }: Attempt,
  { prepared }: RunSetting,
): readonly string[] {
  const attempts = prepared.store.listAttempts(runKey).filter((other) => other.number < number);
  return attempts.map(({ directory }) => directory);
}

async function publish(
  run: PlannedRun,
  attempt: Attempt,
  setting: RunSetting,
): Promise<ReturnType<Attempt["publish"]>> {
  const finished = attempt.finish();
  const environment = await setting.environmentOf(run);
  const hasStoredCode = setting.snapshot !== undefined;
  const facts = runFacts({ run, finished, environment, prepared: setting.prepared, hasStoredCode });
  const documents = { modelCard: modelCard(facts), reproduce: reproduce(facts) };
  return attempt.publish(documents);
}

/** What a worker process does: it evaluates the modules of a snapshot once, then executes runs as they are handed over. */
import { realpathSync } from "node:fs";
import { join } from "node:path";
import type { TaskData } from "../config/definition.ts";
import { ExpError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { RunEvent } from "../core/run-events.ts";
import { errorMessage, type Message } from "../engine/protocol.ts";
import { openParentChannel, serveJobs, type JobServer } from "../engine/worker-channel.ts";
import { sealAmbient } from "../random/seal.ts";
import { allowDynamicImports } from "../resolve/dynamic-imports.ts";
import { loadExperiment } from "../resolve/load.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import type { SnapshotLayout } from "../resolve/snapshot-files.ts";
import type { CapturedGit } from "../store/environment-git.ts";
import { captureEnvironment, type CapturedEnvironment } from "../store/environment.ts";
import { openStore } from "../store/store.ts";
import { createDataHasher } from "./data-hash.ts";
import { executeRun, type RunSetting } from "./execute-run.ts";
import type { FrozenCode } from "./frozen-plan.ts";
import type { ExecutionEvent, RunOutcome } from "./outcome.ts";
import { environmentFor, type KnownInput } from "./plan-experiment.ts";
import { codeFile } from "./package-links.ts";
import { checkRuns } from "./preflight.ts";
import { backendFacts, environmentKey } from "./run-threads.ts";
import { retrace, type RetraceJob } from "./verify/retrace.ts";
import { guardExit, watchStrays } from "./strays.ts";
import { lockstepVersion } from "./version.ts";

/** What all runs of a worker share; a type, so that it is plain data. */
export type WorkerSetting = {
  readonly experiment: string;
  readonly task: { readonly name: string; readonly version: number };
  readonly overrides: readonly string[];
  /** Absolute: where the project with its data is. */
  readonly projectDirectory: string;
  /** Relative to the project. */
  readonly file: string;
  /** Absolute. */
  readonly runsDirectory: string;
  readonly code: FrozenCode;
  readonly inputs: readonly KnownInput[];
  readonly git: CapturedGit;
  /** Absolute: the files of the snapshot. */
  readonly tree: string;
  readonly layout: SnapshotLayout;
  /** The command line that asked for the runs. */
  readonly argv: readonly string[];
};

/** What a worker is asked for. */
export type WorkerJob =
  /** To look at all runs before the first one starts; `numJobs` will be executed at once. */
  | { readonly kind: "check"; readonly runs: readonly PlannedRun[]; readonly numJobs: number }
  | {
      readonly kind: "run";
      readonly run: PlannedRun;
      readonly provenance: JsonObject;
      /** The run is published, and executed again to be compared with that. */
      readonly isRepeat?: boolean;
    }
  | RetraceJob;

/** What a worker tells while a run is on. */
export type WorkerEvent =
  | { readonly kind: "run-started"; readonly directory: string }
  | { readonly kind: "run-event"; readonly event: RunEvent };

/** What a check found. */
export type CheckResult = {
  readonly warnings: readonly string[];
  readonly error?: ReturnType<typeof errorMessage>;
};

/** What became of a run, without the run itself. */
export type WorkerResult = Omit<RunOutcome, "run" | "error"> & {
  readonly error?: ReturnType<typeof errorMessage>;
};

/** A display needs no more than this of the steps of a run. */
const progressIntervalMs = 100;

/** Executes what the parent process hands over, until it has no more. */
export async function executeHandedRuns(): Promise<void> {
  const channel = openParentChannel();
  guardExit();
  await serveJobs(createRunServer(channel.signal), channel);
}

/** A server of runs; `signal` is aborted when the run that is on should end early. */
function createRunServer(signal: AbortSignal): JobServer {
  let shared: Omit<RunSetting, "observe"> | undefined;
  const provenances = new Map<string, JsonObject>();
  return {
    start: async (setting) => {
      shared = await prepare(setting as WorkerSetting, signal, provenances);
    },
    execute: async (message, report) => {
      if (shared === undefined) throw new Error("a worker was handed a job before its setting");
      const job = message as WorkerJob;
      if (job.kind === "check") return checkJob(job, shared);
      const { run, provenance } = job;
      provenances.set(run.runKey, provenance);
      if (job.kind === "retrace") return retrace(job, shared, report);
      const observe = createObserver(report);
      const {
        run: _,
        error,
        ...facts
      } = await executeRun(run, {
        ...shared,
        observe,
        isRepeat: job.isRepeat === true,
      });
      provenances.delete(run.runKey);
      return { ...facts, ...(error !== undefined && { error: errorMessage(error) }) };
    },
  };
}

async function checkJob(
  { runs, numJobs }: Extract<WorkerJob, { kind: "check" }>,
  { prepared, strays }: Pick<RunSetting, "prepared" | "strays">,
): Promise<CheckResult> {
  try {
    for (const run of runs) refuseOtherEnvironment(run, prepared.resolution.task.environment);
    const { warnings } = await checkRuns(prepared, runs, { numJobs });
    return { warnings };
  } catch (error) {
    return { warnings: [], error: errorMessage(error) };
  } finally {
    strays.take(); // not the first run's
  }
}

/** The class is part of each run's key: what another kind of machine gives must not be stored under it. */
function refuseOtherEnvironment(run: PlannedRun, ofTask: TaskData["environment"]): void {
  const here = environmentFor(run.config, ofTask).environmentClass;
  if (here === run.environmentClass) return;
  const message = `The plan is for the environment class ${run.environmentClass}; this machine is ${here}.`;
  throw new ExpError("environment", message, {
    hint: "Run it where it was made, or plan again here.",
  });
}

function createObserver(report: (event: Message) => void): (event: ExecutionEvent) => void {
  let reportedAt = -Infinity;
  return (event) => {
    if (event.kind === "run-started") {
      report({ kind: "run-started", directory: event.directory } satisfies WorkerEvent);
    }
    if (event.kind !== "run-event") return;
    const { kind } = event.event;
    if (kind === "progress") {
      const now = performance.now();
      if (now - reportedAt < progressIntervalMs) return;
      reportedAt = now;
    }
    // The others hold tensors, or are in the files of the run.
    if (kind !== "progress" && kind !== "log") return;
    report({ kind: "run-event", event: event.event } satisfies WorkerEvent);
  };
}

async function prepare(
  setting: WorkerSetting,
  signal: AbortSignal,
  provenances: ReadonlyMap<string, JsonObject>,
): Promise<Omit<RunSetting, "observe">> {
  const { tree, layout, projectDirectory, runsDirectory, overrides, code, inputs, argv } = setting;
  const module = join(tree, layout.file);
  const loaded = await loadExperiment(module, { workingDirectory: tree, seal: sealAmbient });
  const { task } = loaded.definition;
  refuseOtherTask(task, setting);
  const store = openStore(runsDirectory);
  const data = createDataHasher(
    { task, projectDirectory, store },
    join(runsDirectory, ".cache", "data-digests.json"),
  );
  await allowDynamicImports();
  return {
    prepared: {
      plan: { experiment: setting.experiment },
      resolution: { task, projectDirectory, file: join(projectDirectory, setting.file), inputs },
      store,
      runsDirectory,
      overrides,
      hooks: loaded.hooks,
      data,
      provenanceOf: (run) => Promise.resolve(provenances.get(run.runKey) ?? {}),
      directoryOf: (run) => join(runsDirectory, run.runKey.slice(0, 16)),
    },
    argv,
    environmentOf: environments(setting),
    sources: code.sources,
    snapshot: { digest: code.snapshot, lockstep: code.lockstep },
    checkCode: once(() => {
      store.readSnapshot({ codeHash: code.codeHash, digest: code.snapshot });
    }),
    strays: watchStrays(),
    signal,
  };
}

/** The identity was proved for certain modules, so the task must be made of those. */
function refuseOtherTask(
  task: { readonly name: string; readonly version: number; readonly code: readonly string[] },
  { task: planned, tree, layout }: WorkerSetting,
): void {
  const found = [...new Set(task.code.map((file) => realpathSync(file)))].toSorted();
  const proved = [
    ...new Set(layout.code.map((entry) => realpathSync(codeFile(tree, entry)))),
  ].toSorted();
  const isSame = task.name === planned.name && task.version === planned.version;
  if (isSame && JSON.stringify(found) === JSON.stringify(proved)) return;
  const message = `The module defines the task ${task.name} ${task.version} from ${found.join(", ")}; planned was ${planned.name} ${planned.version} from ${proved.join(", ")}.`;
  throw new ExpError("module", message, {
    hint: "Plan again, without modules that differ between evaluations.",
  });
}

function environments(setting: WorkerSetting): RunSetting["environmentOf"] {
  const known = new Map<string, Promise<CapturedEnvironment>>();
  return (run) => {
    const key = environmentKey(run);
    const captured = known.get(key) ?? capture(setting, run);
    known.set(key, captured);
    return captured;
  };
}

function capture(
  { code, git, projectDirectory }: WorkerSetting,
  run: PlannedRun,
): Promise<CapturedEnvironment> {
  return captureEnvironment({
    projectDirectory,
    environmentClass: run.environmentClass,
    lockstepVersion: lockstepVersion(),
    backendFacts: backendFacts(run, code.packages),
    git,
  });
}

function once(body: () => void): () => Promise<void> {
  let isDone = false;
  return () => {
    if (!isDone) body();
    isDone = true;
    return Promise.resolve();
  };
}

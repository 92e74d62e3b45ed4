/**
 * A finished run executed once more by a worker, from stored code: its rows are told as they come, and what it leaves lies
 * in a store of its own, which whoever asked for it removes.
 */
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { ExpError, isExpError } from "../../core/errors.ts";
import { jsonNumber } from "../../core/number-text.ts";
import { thrownMessage } from "../../core/thrown.ts";
import type { RunEvent } from "../../core/run-events.ts";
import { errorMessage, type Message } from "../../engine/protocol.ts";
import type { PlannedRun } from "../../resolve/plan.ts";
import type { DataList } from "../../store/data-lists.ts";
import type { Manifest } from "../../store/manifest.ts";
import { openStore } from "../../store/store.ts";
import { claimRun, recordEvents, type RunSetting } from "../execute-run.ts";
import { dataChanges } from "../data-changes.ts";
import type { DataHasher } from "../data-hash.ts";
import type { ExecutionEvent } from "../outcome.ts";
import { environmentFor } from "../plan-experiment.ts";
import { registerSecrets } from "../secrets.ts";
import { singleEvents } from "../../core/single-events.ts";

/** What a worker is told about a run that it is to execute again; a type, so that it is plain data. */
export type RetraceJob = {
  readonly kind: "retrace";
  /** The run as it was; its backend is the one to execute it on. */
  readonly run: PlannedRun;
  readonly provenance: JsonObject;
  /** Absolute: folder of the store for what the execution leaves. */
  readonly scratch: string;
  /** Every row of the trace is to tell all tensors. */
  readonly isDense: boolean;
  /** Execute it also where the environment class is another. */
  readonly isAcrossClasses: boolean;
  /** Go on from what lies in the scratch store. */
  readonly isContinued: boolean;
};

/** What a worker tells while it executes a run again: each row as it stands in the run's logs. */
export type RetraceEvent =
  | { readonly kind: "retraced"; readonly log: "trace" | "metrics"; readonly row: JsonObject }
  /** How far the metrics of the task may lie apart, told before the first row where the task declares it. */
  | { readonly kind: "retrace-tolerance"; readonly tolerance: number }
  | { readonly kind: "retrace-progress"; readonly step: number; readonly numSteps: number };

/** What became of it. */
export type RetraceResult =
  /** Nothing was executed: this machine is of another class; `reason` where the backend is not there. */
  | { readonly kind: "other-class"; readonly here: string | null; readonly reason: string | null }
  /** Nothing was executed: the data are others. */
  | {
      readonly kind: "other-data";
      readonly dataHash: string;
      readonly files: DataList;
      /** What changed, in short texts; absent from workers of earlier versions. */
      readonly changes?: readonly string[];
    }
  /** Nothing was executed: what is to be compared cannot be had, as a missing file of its data. */
  | { readonly kind: "refused"; readonly error: ReturnType<typeof errorMessage> }
  /** @param manifest - Of what was left. */
  | {
      readonly kind: "retraced";
      readonly here: string;
      readonly manifest: Manifest;
      readonly metrics: JsonObject;
    }
  /** It ended early, because it was told to or because it failed. */
  | {
      readonly kind: "ended";
      readonly here: string;
      readonly error: ReturnType<typeof errorMessage>;
    };

/** Executes a run again. */
export async function retrace(
  job: RetraceJob,
  shared: Omit<RunSetting, "observe">,
  report: (event: Message) => void,
): Promise<RetraceResult> {
  const { run } = job;
  const { prepared } = shared;
  registerSecrets(run);
  const place = classHere(run, shared);
  if (typeof place === "string") return { kind: "other-class", here: null, reason: place };
  const { here } = place;
  if (here !== run.environmentClass && !job.isAcrossClasses)
    return { kind: "other-class", here, reason: null };
  const found = await currentFiles(prepared.data, run);
  if (found instanceof Error) return { kind: "refused", error: errorMessage(found) };
  const { dataHash, files, paths } = found;
  if (dataHash !== run.dataHash) {
    const changes = dataChanges(prepared.store, run.dataHash, { files, paths });
    return { kind: "other-data", dataHash, files, changes };
  }
  const { tolerance } = prepared.resolution.task;
  if (tolerance !== undefined)
    report({ kind: "retrace-tolerance", tolerance } satisfies RetraceEvent);
  // Told at once: who asked for some steps, or has found a difference, stops it after that row.
  const told = { observe: rowReporter(report), isEachStepTold: true };
  const setting = { ...shared, ...told, isTraceDense: job.isDense };
  try {
    return { here, ...(await executeAgain(job, setting)) };
  } catch (error) {
    return { kind: "ended", here, error: errorMessage(error) };
  }
}

/** The data of a run as they are now, or why they cannot be had. */
async function currentFiles(
  data: DataHasher,
  { config }: PlannedRun,
): Promise<Awaited<ReturnType<DataHasher["currentFiles"]>> | ExpError> {
  try {
    return await data.currentFiles(config);
  } catch (error) {
    if (isExpError(error)) return error;
    const message = `The task cannot name its data files: ${thrownMessage(error)}`;
    return new ExpError("data", message, { cause: error });
  }
}

function classHere(
  { config, backend }: PlannedRun,
  { prepared }: Pick<RunSetting, "prepared">,
): { readonly here: string } | string {
  try {
    const { environment } = prepared.resolution.task;
    return { here: environmentFor({ ...config, backend }, environment).environmentClass };
  } catch (error) {
    if (isExpError(error)) return error.message;
    throw error;
  }
}

async function executeAgain(
  { run, scratch, isContinued }: RetraceJob,
  setting: RunSetting,
): Promise<Omit<Extract<RetraceResult, { kind: "retraced" }>, "here">> {
  const begun = await claimRun(run, setting, { store: openStore(scratch), isRepeat: !isContinued });
  if (begun.kind === "published") throw new Error("an execution of its own was published");
  const { attempt } = begun;
  try {
    await recordEvents(run, attempt, setting);
    const { manifest, result } = attempt.finish();
    const metrics = Object.entries(result.metrics).map(([name, value]) => [
      name,
      jsonNumber(value),
    ]);
    return { kind: "retraced", manifest, metrics: Object.fromEntries(metrics) as JsonObject };
  } finally {
    attempt.fail(new Error("an execution for comparison is never published"));
  }
}

/** Tells the rows of events, as the logs have them. */
function rowReporter(report: (event: Message) => void): (event: ExecutionEvent) => void {
  const tell = (event: RetraceEvent): void => report(event);
  return (observed) => {
    if (observed.kind !== "run-event") return;
    for (const event of singleEvents(observed.event)) {
      if (event.kind === "trace") tell({ kind: "retraced", log: "trace", row: event.row });
      if (event.kind === "metrics")
        tell({ kind: "retraced", log: "metrics", row: metricsRow(event) });
      if (event.kind === "progress") {
        tell({ kind: "retrace-progress", step: event.step, numSteps: event.numSteps });
      }
    }
  };
}

function metricsRow({ step, epoch, values }: Extract<RunEvent, { kind: "metrics" }>): JsonObject {
  const metrics = Object.entries(values).map(([name, value]): [string, JsonValue] => [
    name,
    jsonNumber(value),
  ]);
  return { ...Object.fromEntries(metrics), step, epoch };
}

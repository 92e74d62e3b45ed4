/** All runs of a plan checked before the first one starts: what would fail after an hour fails now. */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { ExpError, isExpError, type ConfigIssue } from "../core/errors.ts";
import { formatBytes } from "../core/number-text.ts";
import type { JsonObject } from "../core/json.ts";
import { scrub } from "../core/secrets.ts";
import { availableMemory, numProcessBytes, residentBytes } from "../backend/host-limits.ts";
import { thrownText } from "../core/thrown.ts";
import type { Preflight, PreflightReport } from "../core/task.ts";
import { allowDynamicImports } from "../resolve/dynamic-imports.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import { changedData } from "./data-changes.ts";
import type { ExecutablePlan } from "./plan-experiment.ts";
import { threadWarnings } from "./run-threads.ts";
import { refuseTokens, requireSecrets } from "./secrets.ts";
import { trainedModelOf } from "./trained-model.ts";

/** What the check of some runs found. */
export interface PreflightSummary {
  /** In the order of the runs. */
  readonly runs: readonly { readonly run: PlannedRun; readonly report: PreflightReport }[];
  /** Of the run that needs most, with its process (`numProcessBytes`); 0 where no run tells what it needs. */
  readonly numMemoryBytes: number;
  /** What each process takes beside its run: Node.js, the code and the kernels. */
  readonly numProcessBytes: number;
  /** Of all runs together, and of their code where that is stored first. */
  readonly numDiskBytes: number;
  /** Free where the runs are kept; `undefined` where the system does not say. */
  readonly numFreeDiskBytes: number | undefined;
  /** What the runs may take: what is free of the machine's memory, or of what is set for the group of processes. */
  readonly numMemoryLimitBytes: number;
  /** Sentences about what may become a problem. */
  readonly warnings: readonly string[];
}

/** How the runs will be executed. */
export interface PreflightOptions {
  /** Processes at the same time; each needs the memory of a run. Default: 1. */
  readonly numJobs?: number;
  /** What the code will take that is stored before the first run. Default: 0. */
  readonly numCodeBytes?: number;
}

/** A failed check of one run. */
interface FailedCheck {
  readonly run: PlannedRun;
  readonly error: ExpError;
}

/**
 * Checks runs without executing any.
 * @param runs - Those that are not finished yet.
 * @throws {ExpError} with the issues of all runs at once: that of the one run or the one cause; `environment` where they
 *   do not fit on the disk.
 */
export async function checkRuns(
  prepared: ExecutablePlan,
  runs: readonly PlannedRun[],
  { numJobs = 1, numCodeBytes = 0 }: PreflightOptions = {},
): Promise<PreflightSummary> {
  refuseTokens(runs);
  requireSecrets(runs);
  await allowDynamicImports();
  const failed: FailedCheck[] = [];
  const checked: { run: PlannedRun; report: PreflightReport }[] = [];
  const shared = new Map<string, unknown>();
  for (const run of runs) {
    const report = await checkRun(prepared, run, shared);
    if (isExpError(report)) failed.push({ run, error: report });
    else checked.push({ run, report });
  }
  if (failed.length > 0) throw failure(failed, runs.length);
  const summary = summarise(prepared, checked, { numJobs, numCodeBytes });
  refuseFullDisk(prepared, summary);
  return summary;
}

async function checkRun(
  { resolution, data, store }: ExecutablePlan,
  run: PlannedRun,
  shared: Map<string, unknown>,
): Promise<PreflightReport | ExpError> {
  const { task, projectDirectory } = resolution;
  const preflight = task.preflight as Preflight<JsonObject> | undefined; // for this task's configs
  if (preflight === undefined) return { findings: [] };
  try {
    const { config, backend } = run;
    const trained = trainedModelOf(config, { store, projectDirectory });
    const report = await preflight({ config, projectDirectory, backend, shared, ...trained });
    const now = await data.currentFiles(config);
    return now.dataHash === run.dataHash ? report : changedData(store, run.dataHash, now);
  } catch (error) {
    if (isExpError(error)) return error;
    const text = scrub(thrownText(error));
    return new ExpError("training", text, { cause: error });
  }
}

/** One cause is told once, with the runs that it concerns. */
function failure(failed: readonly FailedCheck[], numRuns: number): ExpError {
  const [first] = failed;
  if (first === undefined) throw new RangeError("no check failed");
  if (numRuns === 1) return first.error;
  const byText = new Map<string, FailedCheck[]>();
  for (const one of failed) {
    const key = JSON.stringify([one.error.message, one.error.issues]);
    byText.set(key, [...(byText.get(key) ?? []), one]);
  }
  const issues = [...byText.values()].flatMap((same) => issuesOf(same, numRuns));
  const hints = new Set(failed.flatMap(({ error }) => error.hint ?? []));
  const [hint] = hints;
  const summary = `${failed.length} of ${numRuns} runs cannot start; nothing was run.`;
  const facts = { issues, cause: first.error };
  return new ExpError(first.error.code, summary, {
    ...facts,
    ...(hints.size === 1 && hint !== undefined ? { hint } : {}),
  });
}

function issuesOf(same: readonly FailedCheck[], numRuns: number): readonly ConfigIssue[] {
  const [first] = same;
  if (first === undefined) return [];
  const { message, issues } = first.error;
  const who = same.length === numRuns ? "every run" : same.slice(0, 3).map(nameOf).join("; ");
  const rest = same.length > 3 && same.length < numRuns ? `; and ${same.length - 3} more` : "";
  const where = `${who}${rest}`;
  if (issues.length === 0) return [{ path: [], message: `${where}: ${message}` }];
  return issues.map((issue) => ({ ...issue, message: `${issue.message} (in ${where})` }));
}

function nameOf({ run }: FailedCheck): string {
  const values = Object.entries(run.axisValues).map(
    ([path, value]) => `${path}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return values.length === 0 ? `run ${run.index + 1}` : values.join(" ");
}

function summarise(
  { runsDirectory }: ExecutablePlan,
  runs: PreflightSummary["runs"],
  { numJobs, numCodeBytes }: Required<PreflightOptions>,
): PreflightSummary {
  const largest = Math.max(0, ...runs.map(({ report }) => report.numMemoryBytes ?? 0));
  const numMemoryBytes = largest === 0 ? 0 : largest + numProcessBytes;
  const ofRuns = runs.map(({ report }) => report.numDiskBytes ?? 0);
  const numDiskBytes = ofRuns.reduce((sum, bytes) => sum + bytes, numCodeBytes);
  const numMemoryLimitBytes = availableMemory();
  const numProcesses = Math.min(numJobs, Math.max(1, runs.length));
  // A single run is executed in this process, whose own memory is taken already.
  const taken = numProcesses === 1 ? Math.min(numMemoryBytes, residentBytes()) : 0;
  const needed = numMemoryBytes * numProcesses - taken;
  const memoryWarnings =
    needed <= numMemoryLimitBytes
      ? []
      : [
          `the runs need about ${formatBytes(needed + taken)} of memory at a time${processes(numProcesses)}, ` +
            `and ${formatBytes(numMemoryLimitBytes + taken)} are there. Lower ${numJobs > 1 ? "--jobs, " : ""}training.batchSize or the size of the model.`,
        ];
  const planned = runs.map(({ run }) => run);
  const warnings = [...memoryWarnings, ...threadWarnings(planned, numJobs)];
  const numFreeDiskBytes = freeDisk(runsDirectory);
  return {
    runs,
    numMemoryBytes,
    numProcessBytes,
    numDiskBytes,
    numFreeDiskBytes,
    numMemoryLimitBytes: numMemoryLimitBytes + taken,
    warnings,
  };
}

function processes(numProcesses: number): string {
  const own = `${formatBytes(numProcessBytes)} of it for Node.js and the kernels`;
  return numProcesses === 1 ? `, ${own}` : `, in ${numProcesses} processes, each with ${own}`;
}

/** The nearest folder that exists says how much room there is. */
function freeDisk(directory: string): number | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch {
      if (folder === dirname(folder)) return undefined;
    }
  }
}

function refuseFullDisk(
  { runsDirectory }: ExecutablePlan,
  { numDiskBytes, numFreeDiskBytes, runs }: PreflightSummary,
): void {
  if (numFreeDiskBytes === undefined || numDiskBytes <= numFreeDiskBytes) return;
  const needed = `${runs.length === 1 ? "The run needs" : `The ${runs.length} runs need`} about ${formatBytes(numDiskBytes)}`;
  throw new ExpError(
    "environment",
    `${needed} of disk, and ${formatBytes(numFreeDiskBytes)} are free in ${runsDirectory}.`,
    { hint: "Free some room, keep fewer checkpoints (checkpointing.keep), or use --runs-dir." },
  );
}

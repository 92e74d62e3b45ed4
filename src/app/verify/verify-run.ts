/** `exp verify`: a finished run executed again from its stored code and config, and what came out compared with it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ExpError, isExpError } from "../../core/errors.ts";
import { isPlainObject, parseJson, type JsonObject } from "../../core/json.ts";
import { receivedError } from "../../engine/protocol.ts";
import type { PublishedRun } from "../../store/published-run.ts";
import { runFiles } from "../../store/run-layout.ts";
import type { FrozenExecutionOptions } from "../execute-frozen.ts";
import { openSnapshot } from "../open-snapshot.ts";
import { changedFiles } from "../run-reasons.ts";
import {
  compareExecution,
  relativeDifference,
  type ExecutionComparison,
  type RecordedRows,
} from "./compare-execution.ts";
import { executeAgain, type AgainEnd, type AgainOptions } from "./execute-again.ts";
import { locateExactly } from "./locate.ts";
import { findStoredRun, frozenRun, type StoredRun, type StoredRunRequest } from "./stored-run.ts";
import { otherFile, type Verdict, type Verification } from "./verdict.ts";
import type { Divergence } from "./trace-difference.ts";

/** How a run is verified. */
export interface VerifyOptions {
  /** Stop after so many steps. */
  readonly numSteps?: number;
  /** All tensors at every step. */
  readonly isDense: boolean;
  /** Compare also where this machine is of another environment class. */
  readonly isAcrossClasses: boolean;
  /** The backend to execute it on; default: that of the run. */
  readonly backend?: string;
  /** How far metrics may lie apart, by the larger of 1 and the run's own. */
  readonly tolerance?: number;
  readonly environment: FrozenExecutionOptions["environment"];
  readonly signal: AbortSignal;
  readonly onProgress: AgainOptions["onProgress"];
  readonly onLine: AgainOptions["onLine"];
}

/**
 * Executes a run again and compares.
 * @throws {ExpError} `usage` for a name that no run has; `store` for a damaged one; `interrupted` after a signal; and what
 *   the run's code throws now though it did not then is `diverged`, no error.
 */
export async function verifyRun(
  request: StoredRunRequest,
  options: VerifyOptions,
): Promise<{ readonly stored: StoredRun; readonly verification: Verification }> {
  const stored = findStoredRun(request);
  const verification = await verifyStored(stored, options);
  if (options.signal.aborted)
    throw new ExpError("interrupted", "Stopped before there was a verdict.");
  return { stored, verification };
}

async function verifyStored(stored: StoredRun, options: VerifyOptions): Promise<Verification> {
  const recorded = recordedRows(stored.published);
  const started = await startOf(stored, options);
  if (isVerification(started)) return started;
  const comparison = compareExecution(recorded);
  const end = await executeAgain({
    ...started,
    isDense: options.isDense,
    onRow: (log, row) => takeRow(comparison, { log, row }, options),
  });
  const refused = refusedVerdict(end, stored, comparison);
  if (refused !== undefined) return refused;
  const exact = await locateExactly(started, { comparison, recorded, isDense: options.isDense });
  return concluded(stored, { end, comparison, exact, recorded, options });
}

function isVerification(value: object): value is Verification {
  return "verdict" in value;
}

type Start = Omit<AgainOptions, "onRow" | "isDense">;

/** What every execution of the run shares; or the verdict that it cannot be executed. */
async function startOf(stored: StoredRun, options: VerifyOptions): Promise<Start | Verification> {
  const { code, provenance } = stored;
  if (typeof code === "string") return notComparable([`code: ${code}`]);
  const frozen = frozenRun(stored, code);
  const run = { ...stored.run, backend: options.backend ?? stored.run.backend };
  const { environment, signal, isAcrossClasses, onProgress, onLine } = options;
  try {
    const snapshot = await openSnapshot(frozen);
    const shared = { environment, signal, isAcrossClasses, onProgress, onLine };
    return { frozen, snapshot, run, provenance, ...shared };
  } catch (error) {
    if (isExpError(error) && error.code === "module")
      return notComparable([`code: ${error.message}`]);
    throw error;
  }
}

function notComparable(reasons: readonly string[]): Verification {
  return { verdict: "not comparable", reasons, comparedSteps: 0, coverage: [] };
}

/** Takes a row in; tells whether no more are wanted. */
function takeRow(
  comparison: ExecutionComparison,
  { log, row }: { readonly log: "trace" | "metrics"; readonly row: JsonObject },
  { numSteps, tolerance }: VerifyOptions,
): boolean {
  if (log === "trace") comparison.takeTrace(row);
  else comparison.takeMetrics(row);
  if (numSteps !== undefined && Number(row["step"]) >= numSteps && log === "trace") return true;
  return tolerance === undefined && comparison.hasOtherMetrics() && comparison.isSettled();
}

/** The verdict where nothing was executed. */
function refusedVerdict(
  end: AgainEnd,
  { run, store }: StoredRun,
  comparison: ExecutionComparison,
): Verification | undefined {
  switch (end.kind) {
    case "other-class": {
      const here = end.here ?? `none (${end.reason ?? "its backend is not here"})`;
      return notComparable([`environment class: ${run.environmentClass} → ${here}`]);
    }
    case "other-data": {
      const changes = changedFiles(store.readDataList(run.dataHash), end.files);
      const divergence: Divergence = { step: 0, field: "data", phase: "data" };
      return { verdict: "diverged", divergence, reasons: changes, comparedSteps: 0, coverage: [] };
    }
    case "lost":
      throw new ExpError(
        "training",
        `The process that executed the run ended: ${end.lastLines.join("\n")}`,
      );
    case "ended": {
      const isOver = comparison.divergence() !== undefined || comparison.comparedSteps() > 0;
      const error = receivedError(end.error);
      if (isOver && isExpError(error) && error.code === "interrupted") return undefined;
      if (isExpError(error) && ["interrupted", "environment", "store"].includes(error.code))
        throw error;
      return undefined;
    }
    case "retraced":
      return undefined;
  }
  throw new ExpError("module", "The Lockstep that the run was made with cannot verify runs.", {
    hint: "Run it again with this one: exp rerun.",
  });
}

interface Conclusion {
  readonly end: AgainEnd;
  readonly comparison: ExecutionComparison;
  /** Where it went apart, by an execution of the original that tells all tensors. */
  readonly exact: Divergence | string | undefined;
  readonly recorded: RecordedRows;
  readonly options: VerifyOptions;
}

function concluded({ published, run }: StoredRun, conclusion: Conclusion): Verification {
  const { end, comparison, exact, options } = conclusion;
  const isWhole = end.kind === "retraced";
  const found =
    comparison.divergence() ??
    (isWhole ? otherFile(published, end, comparison.comparedSteps()) : failure(conclusion));
  const divergence = typeof exact === "object" ? exact : found;
  const here = "here" in end ? end.here : undefined;
  const facts = {
    comparedSteps: comparison.comparedSteps(),
    coverage: [...coverage(conclusion), ...(typeof exact === "string" ? [exact] : [])],
    reasons: [],
    ...(typeof here === "string" && here !== run.environmentClass
      ? { environmentClass: here }
      : {}),
  };
  if (divergence === undefined) return { verdict: "bitwise", ...facts };
  const isSame = isWhole && !comparison.hasOtherMetrics() && hasSameResults(published, end.metrics);
  const verdict: Verdict = isSame
    ? "metrics-equal"
    : isWhole && isWithin(conclusion, published)
      ? "within tolerance"
      : "diverged";
  const difference = comparison.largestDifference();
  const apart = options.tolerance === undefined ? {} : { largestDifference: difference };
  return { verdict, divergence, ...facts, ...apart };
}

/** It failed now, and had not failed then. */
function failure({ end, comparison }: Conclusion): Divergence | undefined {
  if (end.kind !== "ended") return undefined;
  const error = receivedError(end.error);
  if (isExpError(error) && error.code === "interrupted") return undefined;
  const values = ["finished", error.message] as const;
  return { step: comparison.comparedSteps() + 1, field: "failure", values };
}

function hasSameResults(published: PublishedRun, metrics: JsonObject): boolean {
  return JSON.stringify(metricsIn(published)) === JSON.stringify(metrics);
}

function isWithin({ end, comparison, options }: Conclusion, published: PublishedRun): boolean {
  const { tolerance } = options;
  if (tolerance === undefined || end.kind !== "retraced") return false;
  const before = metricsIn(published);
  const apart = Object.keys({ ...before, ...end.metrics }).map((name) =>
    relativeDifference(before[name], end.metrics[name]),
  );
  return Math.max(comparison.largestDifference(), ...apart) <= tolerance;
}

/** What was compared, in sentences. */
function coverage({ comparison, recorded, options }: Conclusion): readonly string[] {
  const numSteps = recorded.trace.filter((row) => typeof row["step"] === "number").length;
  const compared = comparison.comparedSteps();
  if (numSteps === 0)
    return [`compared ${recorded.metrics.length} rows of metrics; the task records no trace`];
  const dense = comparison.numDenseSteps();
  const steps = `compared ${compared} of ${numSteps} steps; all tensors at ${dense} of them`;
  const found = comparison.divergence();
  if (found === undefined || found.tensorStep === found.step) return [steps];
  const agreed = comparison.agreedStep();
  const since = agreed === 0 ? "the start" : `step ${agreed}`;
  const hint = options.isDense ? "" : "; --dense compares them at each step";
  const named =
    found.tensorStep === undefined
      ? "no later row names a tensor"
      : `the tensor is named at step ${found.tensorStep}`;
  return [
    steps,
    `between ${since} and step ${found.step} tensors were not compared: ${named}${hint}`,
  ];
}

function metricsIn(published: PublishedRun): JsonObject {
  const results = parseJson(readFileSync(join(published.directory, runFiles.metrics), "utf8"));
  const metrics = isPlainObject(results) ? results["metrics"] : undefined;
  return isPlainObject(metrics) ? (metrics as JsonObject) : {};
}

function recordedRows({ directory }: PublishedRun): RecordedRows {
  const rows = (name: string): readonly JsonObject[] =>
    readFileSync(join(directory, name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const row = parseJson(line);
        if (isPlainObject(row)) return row as JsonObject;
        throw new ExpError(
          "store",
          `${join(directory, name)} is damaged: it is not what a run writes.`,
        );
      });
  return { trace: rows(runFiles.traceLog), metrics: rows(runFiles.metricsLog) };
}

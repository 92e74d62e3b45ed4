/** `exp verify`: a finished run executed again from its stored code and config, and what came out compared with it. */
import { ExpError, isExpError } from "../../core/errors.ts";
import { requireBackendName } from "../../backend/choose.ts";
import type { JsonObject } from "../../core/json.ts";
import { receivedError } from "../../engine/protocol.ts";
import { describeEnd } from "../../engine/worker-link.ts";
import type { PublishedRun } from "../../store/published-run.ts";
import { runFiles } from "../../store/run-layout.ts";
import type { RunCheckpoint } from "../../store/start-checkpoint.ts";
import type { FrozenExecutionOptions } from "../execute-frozen.ts";
import { openSnapshot } from "../open-snapshot.ts";
import { dataChanges } from "../data-changes.ts";
import { readRunRows } from "../run-files.ts";
import { untilStopped } from "../stopped-compiler.ts";
import { refuseChangedCode, refuseChangedFiles } from "./check-files.ts";
import { chooseStart, stepBefore } from "./choose-start.ts";
import {
  compareExecution,
  type ExecutionComparison,
  type RecordedRows,
} from "./compare-execution.ts";
import { concluded } from "./conclude.ts";
import { packagesHint, withoutData } from "./missing-data.ts";
import { executeAgain, type AgainEnd, type AgainOptions } from "./execute-again.ts";
import { locateExactly } from "./locate.ts";
import { findStoredRun, frozenRun, type StoredRun, type StoredRunRequest } from "./stored-run.ts";
import type { Tolerance, Verification } from "./verdict.ts";
import type { Divergence } from "./trace-difference.ts";

/** How a run is verified. */
export interface VerifyOptions {
  /** Stop after so many steps. */
  readonly numSteps?: number;
  /** A step or the name of a checkpoint: steps up to that of the checkpoint are not executed. */
  readonly from?: string;
  /** All tensors at every step. */
  readonly isDense: boolean;
  /** Compare also where this machine is of another environment class. */
  readonly isAcrossClasses: boolean;
  /** The backend to execute it on; default: that of the run. */
  readonly backend?: string;
  /** How far metrics may lie apart, by the larger of 1 and the run's own; default: what the task declares. */
  readonly tolerance?: number;
  readonly environment: FrozenExecutionOptions["environment"];
  readonly signal: AbortSignal;
  readonly onProgress: AgainOptions["onProgress"];
  readonly onLine: AgainOptions["onLine"];
}

/**
 * Executes a run again and compares.
 * @throws {ExpError} `usage` for a name that no run has; `store` for a damaged one; `data` where its data are not there;
 *   `interrupted` after a signal; and what the run's code throws now though it did not then is `diverged`, no error.
 */
export async function verifyRun(
  request: StoredRunRequest,
  options: VerifyOptions,
): Promise<{ readonly stored: StoredRun; readonly verification: Verification }> {
  if (options.backend !== undefined) requireBackendName(options.backend);
  const stored = findStoredRun(request);
  try {
    const verification = await untilStopped(options.signal, () => verifyStored(stored, options));
    if (options.signal.aborted) throw withoutVerdict();
    return { stored, verification };
  } catch (error) {
    throw isExpError(error) && error.code === "interrupted" ? withoutVerdict() : error;
  }
}

/** A verification is no run: nothing is saved that the next one could go on from. */
function withoutVerdict(): ExpError {
  return new ExpError("interrupted", "Stopped before there was a verdict.", {
    hint: "Nothing of it was kept: the same exp verify begins anew.",
  });
}

async function verifyStored(stored: StoredRun, options: VerifyOptions): Promise<Verification> {
  refuseChangedFiles(stored.published);
  refuseChangedCode(stored);
  const recorded = recordedRows(stored.published);
  const start =
    options.from === undefined ? undefined : chooseStart(stored, options.from, recorded);
  const started = await startOf(stored, options, start);
  if (isVerification(started)) return started;
  const comparison = compareExecution(recorded, start);
  const asked = toleranceOf(options);
  let tolerance = asked;
  const end = await executeAgain({
    ...started,
    isDense: options.isDense,
    onTolerance: (value) => (tolerance ??= { value, from: "task" }),
    onRow: (log, row) => takeRow(comparison, { log, row, start }, { ...options, tolerance }),
  });
  if (start !== undefined && comparison.hasBegunAnew()) throw begunAnew(start);
  const refused = refusedVerdict(end, stored, comparison);
  if (refused !== undefined) return refused;
  const { isDense } = options;
  const exact = await locateExactly(started, { comparison, recorded, isDense, start });
  return concluded(stored, { end, comparison, exact, recorded, start, isDense, tolerance });
}

function toleranceOf({ tolerance }: VerifyOptions): Tolerance | undefined {
  return tolerance === undefined ? undefined : { value: tolerance, from: "command line" };
}

function begunAnew({ name, step }: RunCheckpoint): ExpError {
  return new ExpError(
    "training",
    `The run began at the beginning instead of going on from its checkpoint ${name} (step ${step}).`,
    {
      hint: "Verify it without --from. A task of your own goes on only where it asks checkpoint.latest() first.",
    },
  );
}

function isVerification(value: object): value is Verification {
  return "verdict" in value;
}

type Start = Omit<AgainOptions, "onRow" | "onTolerance" | "isDense">;

/** What every execution of the run shares; or the verdict that it cannot be executed. */
async function startOf(
  stored: StoredRun,
  options: VerifyOptions,
  start: RunCheckpoint | undefined,
): Promise<Start | Verification> {
  const { code, provenance } = stored;
  if (typeof code === "string") return notComparable([`code: ${code}`]);
  const frozen = frozenRun(stored, code);
  const run = { ...stored.run, backend: options.backend ?? stored.run.backend };
  const { environment, signal, isAcrossClasses, onProgress, onLine } = options;
  try {
    const snapshot = await openSnapshot(frozen);
    const prepare = start === undefined ? {} : { prepare: start.place };
    const shared = { environment, signal, isAcrossClasses, onProgress, onLine, ...prepare };
    return { frozen, snapshot, run, provenance, ...shared };
  } catch (error) {
    if (isExpError(error) && error.code === "module")
      return { ...notComparable([`code: ${error.message}`]), hint: packagesHint(stored) };
    throw error;
  }
}

function notComparable(reasons: readonly string[]): Verification {
  return { verdict: "not comparable", reasons, comparedSteps: 0, coverage: [] };
}

interface TakenRow {
  readonly log: "trace" | "metrics";
  readonly row: JsonObject;
  readonly start: RunCheckpoint | undefined;
}

/** Takes a row in; tells whether no more are wanted. */
function takeRow(
  comparison: ExecutionComparison,
  { log, row, start }: TakenRow,
  options: Pick<VerifyOptions, "numSteps" | "from"> & { tolerance: Tolerance | undefined },
): boolean {
  const { numSteps, from, tolerance } = options;
  if (log === "trace") comparison.takeTrace(row);
  else comparison.takeMetrics(row);
  if (start !== undefined && comparison.hasBegunAnew()) return true;
  const last = numSteps === undefined ? Infinity : stepBefore(start, from) + numSteps;
  if (log === "trace" && Number(row["step"]) >= last) return true;
  return tolerance === undefined && comparison.hasOtherMetrics() && comparison.isSettled();
}

/** The verdict where nothing was executed. */
function refusedVerdict(
  end: AgainEnd,
  stored: StoredRun,
  comparison: ExecutionComparison,
): Verification | undefined {
  const { run, store } = stored;
  switch (end.kind) {
    case "other-class": {
      const here = end.here ?? `none (${end.reason ?? "its backend is not here"})`;
      return notComparable([`environment class: ${run.environmentClass} → ${here}`]);
    }
    case "other-data": {
      const changes = end.changes ?? dataChanges(store, run.dataHash, end);
      const divergence: Divergence = { step: 0, field: "data", phase: "data" };
      return { verdict: "diverged", divergence, reasons: changes, comparedSteps: 0, coverage: [] };
    }
    case "lost":
      throw new ExpError(
        "training",
        `The process that executed the run ${describeEnd(end.end)}; what it said stands above.`,
      );
    case "refused":
      throw withoutData(stored, receivedError(end.error));
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

function recordedRows({ directory }: PublishedRun): RecordedRows {
  return {
    trace: readRunRows(directory, runFiles.traceLog),
    metrics: readRunRows(directory, runFiles.metricsLog),
  };
}

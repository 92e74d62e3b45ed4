/** What a comparison comes to: the verdict, where it went another way first, and what was compared. */
import { canonicalJson } from "../../core/canonical-json.ts";
import { isExpError } from "../../core/errors.ts";
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import { receivedError } from "../../engine/protocol.ts";
import type { PublishedRun } from "../../store/published-run.ts";
import { runFiles } from "../../store/run-layout.ts";
import type { RunCheckpoint } from "../../store/start-checkpoint.ts";
import { readRunObject } from "../run-files.ts";
import type { ExecutionComparison, RecordedRows } from "./compare-execution.ts";
import type { AgainEnd } from "./execute-again.ts";
import { relativeDifference } from "./figures.ts";
import type { StoredRun } from "./stored-run.ts";
import type { Divergence } from "./trace-difference.ts";
import {
  hasOtherWeights,
  otherFile,
  type Tolerance,
  type Verdict,
  type Verification,
} from "./verdict.ts";

/** An execution that was compared, to its end. */
export interface Conclusion {
  readonly end: AgainEnd;
  readonly comparison: ExecutionComparison;
  /** Where it went apart, by an execution of the original that tells all tensors. */
  readonly exact: Divergence | string | undefined;
  readonly recorded: RecordedRows;
  /** Where it began, if not at the beginning. */
  readonly start: RunCheckpoint | undefined;
  readonly isDense: boolean;
  /** How far metrics may lie apart, and who says so. */
  readonly tolerance: Tolerance | undefined;
}

/** What an execution that was compared comes to. */
export function concluded({ published, run }: StoredRun, conclusion: Conclusion): Verification {
  const { end, comparison, exact, tolerance, start } = conclusion;
  const isWhole = end.kind === "retraced";
  const missing = isWhole ? comparison.missing() : undefined;
  const found = firstDifference(published, conclusion);
  const divergence = typeof exact === "object" ? exact : found;
  const here = "here" in end ? end.here : undefined;
  const facts = {
    comparedSteps: comparison.comparedSteps(),
    coverage: [...coverage(conclusion), ...(typeof exact === "string" ? [exact] : [])],
    reasons: [],
    ...(start !== undefined && { fromStep: start.step }),
    ...(typeof here === "string" && here !== run.environmentClass
      ? { environmentClass: here }
      : {}),
  };
  const part = partOf(conclusion);
  if (divergence === undefined) return { verdict: "bitwise", ...facts, ...part };
  const isSame =
    missing === undefined &&
    isWhole &&
    !comparison.hasOtherMetrics() &&
    hasSameResults(published, end.metrics);
  const verdict: Verdict = isSame
    ? "metrics-equal"
    : missing === undefined && isWithin(conclusion, published)
      ? "within tolerance"
      : "diverged";
  const difference = comparison.largestDifference();
  const apart = tolerance === undefined ? {} : { largestDifference: difference, tolerance };
  return { verdict, divergence, ...facts, ...(verdict === "diverged" ? {} : part), ...apart };
}

/** An execution that was stopped after some steps, or that began at a checkpoint, says nothing of the others. */
function partOf({ end, start, comparison, recorded }: Conclusion): Pick<Verification, "part"> {
  if (end.kind === "retraced" && start === undefined) return {};
  const numSteps = numRecorded(recorded);
  const compared = comparison.numMetricsRows();
  if (numSteps === 0) return { part: `${compared} of ${recorded.metrics.length} rows of metrics` };
  const first = (start?.step ?? 0) + 1;
  return { part: `steps ${first} to ${comparison.lastStep()} of ${numSteps}` };
}

function numRecorded({ trace }: RecordedRows): number {
  return trace.filter((row) => typeof row["step"] === "number").length;
}

function firstDifference(published: PublishedRun, conclusion: Conclusion): Divergence | undefined {
  const { end, comparison } = conclusion;
  const found = comparison.divergence();
  if (end.kind !== "retraced") return found ?? failure(conclusion);
  const last = comparison.lastStep();
  if (found === undefined) return comparison.missing() ?? otherFile(published, end, last);
  // No step came after that evaluation to tell whether it saw other parameters; the weights tell it.
  const isLast = found.phase === "evaluation" && found.step >= last;
  return isLast && hasOtherWeights(published, end) ? { ...found, phase: "update" } : found;
}

/** It failed now, and had not failed then. */
function failure({
  end,
  comparison,
}: Pick<Conclusion, "end" | "comparison">): Divergence | undefined {
  if (end.kind !== "ended" || wasStopped(end)) return undefined;
  const values = ["finished", receivedError(end.error).message] as const;
  return { step: comparison.lastStep() + 1, field: "failure", values };
}

/** The execution was ended by us, after as many steps as were asked for. */
function wasStopped(end: AgainEnd): boolean {
  if (end.kind !== "ended") return false;
  const error = receivedError(end.error);
  return isExpError(error) && error.code === "interrupted";
}

function hasSameResults(published: PublishedRun, metrics: JsonObject): boolean {
  // The published ones are in the order of their names, those of the execution in the task's.
  return canonicalJson(metricsIn(published)) === canonicalJson(metrics);
}

function isWithin({ end, comparison, tolerance }: Conclusion, published: PublishedRun): boolean {
  if (tolerance === undefined) return false;
  // Of a part there are no results: its losses and metrics decide.
  if (wasStopped(end)) return comparison.largestDifference() <= tolerance.value;
  if (end.kind !== "retraced") return false;
  const before = metricsIn(published);
  const apart = Object.keys({ ...before, ...end.metrics }).map((name) =>
    relativeDifference(before[name], end.metrics[name]),
  );
  return Math.max(comparison.largestDifference(), ...apart) <= tolerance.value;
}

/** What was compared, in sentences. */
function coverage(conclusion: Conclusion): readonly string[] {
  const { start } = conclusion;
  if (start === undefined) return comparedParts(conclusion);
  const { step, name, sha256 } = start;
  const taken = `went on from the run's own checkpoint ${name} (step ${step}, SHA-256 ${sha256.slice(0, 16)}): ${step === 1 ? "step 1 was" : `steps 1 to ${step} were`} not executed`;
  return [taken, ...comparedParts(conclusion)];
}

function comparedParts(conclusion: Conclusion): readonly string[] {
  const { comparison, recorded, exact } = conclusion;
  const numSteps = numRecorded(recorded);
  const compared = `compared ${comparison.comparedSteps()} of ${numSteps} steps`;
  if (numSteps === 0)
    return [
      `compared ${comparison.numMetricsRows()} of ${recorded.metrics.length} rows of metrics; the task records no trace`,
    ];
  const dense = comparison.numDenseSteps();
  if (typeof exact === "object") {
    const own = `${compared} with the run's own rows, which tell all tensors at ${dense} of them`;
    return [own, besideOriginal(comparison, exact)];
  }
  return [`${compared}; all tensors at ${dense} of them`, ...unnamedPart(conclusion)];
}

/** What an execution of the original told that the run's own rows do not. */
function besideOriginal(comparison: ExecutionComparison, { step, tensor }: Divergence): string {
  const first = comparison.agreedStep() + 1;
  const steps = first < step ? `from step ${first} to step ${step}` : `at step ${step}`;
  const named = tensor === undefined ? "where no tensor differs" : "where the tensor is named";
  return `the original was executed once more beside it, both with all tensors at every step: they were compared ${steps}, ${named}`;
}

/** The steps before the divergence of which the run's own rows tell no tensors, where nothing else tells them either. */
function unnamedPart({ comparison, isDense }: Conclusion): readonly string[] {
  const found = comparison.divergence();
  if (found === undefined || found.tensorStep === found.step) return [];
  const agreed = comparison.agreedStep();
  const between = `between ${agreed === 0 ? "the start" : `step ${agreed}`} and step ${found.step}`;
  const named =
    found.tensorStep === undefined
      ? "no later row names a tensor"
      : `the tensor is named at step ${found.tensorStep}`;
  if (isDense) return [`the run's own rows tell no tensors ${between}: ${named}`];
  return [`${between} tensors were not compared: ${named}; --dense compares them at each step`];
}

function metricsIn(published: PublishedRun): JsonObject {
  const { metrics } = readRunObject(published.directory, runFiles.metrics);
  return isPlainObject(metrics) ? metrics : {};
}

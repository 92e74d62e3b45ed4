/** The rows of an execution that is on, compared with those of a finished run as they come. */
import type { JsonObject } from "../../core/json.ts";
import {
  headerDifference,
  isDenseRow,
  rowDifference,
  texts,
  type Divergence,
} from "./trace-difference.ts";

/** What a run has recorded. */
export interface RecordedRows {
  /** Of `logs/trace.jsonl`: the header, where there is one, and the rows. */
  readonly trace: readonly JsonObject[];
  /** Of `logs/metrics.jsonl`. */
  readonly metrics: readonly JsonObject[];
}

/** A comparison that goes on. */
export interface ExecutionComparison {
  takeTrace(row: JsonObject): void;
  takeMetrics(row: JsonObject): void;
  /** Where it went another way first, with the tensor that the rows so far name. */
  divergence(): Divergence | undefined;
  /** Nothing that is still to come can tell more of where it went another way. */
  isSettled(): boolean;
  /** A loss or a metric differs, so that equal metrics cannot come out any more. */
  hasOtherMetrics(): boolean;
  /** The largest difference of two metrics or losses so far, relative to the larger of 1 and the run's own. */
  largestDifference(): number;
  /** The last step of which all that came was compared; 0 before the first. */
  comparedSteps(): number;
  /** The last step at which all tensors were compared and agreed; 0 where none was. */
  agreedStep(): number;
  /** At how many steps all tensors were compared. */
  numDenseSteps(): number;
  /** Rows since the last step at which all tensors agreed, that one left out. */
  openRows(): readonly JsonObject[];
}

interface State {
  divergence: Divergence | undefined;
  /** Of the header; blamed only where the first batch is the same. */
  pending: Divergence | undefined;
  header: JsonObject;
  numTrace: number;
  numMetrics: number;
  comparedSteps: number;
  agreedStep: number;
  numDenseSteps: number;
  hasOtherMetrics: boolean;
  largestDifference: number;
  openRows: JsonObject[];
}

/** Starts a comparison with the rows of a run. */
export function compareExecution(recorded: RecordedRows): ExecutionComparison {
  const state: State = {
    divergence: undefined,
    pending: undefined,
    header: {},
    numTrace: 0,
    numMetrics: 0,
    comparedSteps: 0,
    agreedStep: 0,
    numDenseSteps: 0,
    hasOtherMetrics: false,
    largestDifference: 0,
    openRows: [],
  };
  const lastDense = recorded.trace.findLast(isDenseRow);
  return {
    takeTrace: (row) => takeTrace(state, recorded, row),
    takeMetrics: (row) => takeMetrics(state, recorded, row),
    divergence: () => state.divergence ?? state.pending,
    isSettled: () => {
      if (state.divergence === undefined) return false;
      const { tensor, step } = state.divergence;
      return (
        tensor !== undefined ||
        lastDense === undefined ||
        stepOf(lastDense) < Math.max(step, state.comparedSteps + 1)
      );
    },
    hasOtherMetrics: () => state.hasOtherMetrics,
    largestDifference: () => state.largestDifference,
    comparedSteps: () => state.comparedSteps,
    agreedStep: () => state.agreedStep,
    numDenseSteps: () => state.numDenseSteps,
    openRows: () => state.openRows,
  };
}

function takeTrace(state: State, { trace }: RecordedRows, row: JsonObject): void {
  const before = trace[state.numTrace++];
  const isHeader = typeof row["step"] !== "number";
  if (before === undefined) {
    state.divergence ??= { step: stepOf(row), field: "steps" };
    return;
  }
  if (isHeader) {
    state.header = row;
    state.pending = headerDifference(before, row);
    return;
  }
  const found = rowDifference(before, row, texts(state.header["tensors"]));
  const isDense = isDenseRow(before) && isDenseRow(row);
  compareLoss(state, before["loss"], row["loss"]);
  state.comparedSteps = stepOf(row);
  if (isDense) state.numDenseSteps++;
  blame(state, found);
  if (isDense && found === undefined && state.divergence === undefined) {
    state.agreedStep = stepOf(row);
    state.openRows = [];
  } else if (state.divergence === undefined || state.divergence.step === stepOf(row)) {
    state.openRows.push(row);
  }
}

/** The first difference stays; a later dense row may still name its tensor. */
function blame(state: State, found: Divergence | undefined): void {
  const { pending, divergence } = state;
  if (divergence === undefined) {
    const isOrder = found?.phase === "order";
    state.divergence = pending !== undefined && !isOrder ? pending : found;
    state.pending = undefined;
  } else if (divergence.tensor === undefined && found?.tensor !== undefined) {
    const { tensor, tensorStep = found.step } = found;
    state.divergence = { ...divergence, tensor, tensorStep };
  }
}

function takeMetrics(state: State, { metrics }: RecordedRows, row: JsonObject): void {
  const before = metrics[state.numMetrics++];
  if (before === undefined) {
    state.hasOtherMetrics = true;
    state.divergence ??= { step: stepOf(row), field: "steps" };
    return;
  }
  const found = metricDifference(before, row);
  for (const name of Object.keys(before)) note(state, before[name], row[name]);
  if (found === undefined) return;
  state.hasOtherMetrics = true;
  state.divergence ??= state.pending ?? found;
}

/** Step and epoch of a row first, then its metrics by name. */
function metricDifference(before: JsonObject, now: JsonObject): Divergence | undefined {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
  const ordered = [...new Set(["step", "epoch", ...names])];
  const field = ordered.find((name) => before[name] !== now[name]);
  if (field === undefined) return undefined;
  const values = [text(before[field]), text(now[field])] as const;
  return { step: stepOf(before), field, phase: "evaluation", values };
}

function text(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

function compareLoss(state: State, before: unknown, now: unknown): void {
  if (before === now) return;
  state.hasOtherMetrics = true;
  note(state, fromHex(before), fromHex(now));
}

/** Texts stand for what is not finite; only the same one agrees with it. */
function note(state: State, before: unknown, now: unknown): void {
  const difference = relativeDifference(before, now);
  state.largestDifference = Math.max(state.largestDifference, difference);
}

/** |before − now| by the larger of 1 and |before|; infinite where one of them is no number and they differ. */
export function relativeDifference(before: unknown, now: unknown): number {
  if (before === now) return 0;
  if (typeof before !== "number" || typeof now !== "number") return Infinity;
  return Math.abs(before - now) / Math.max(1, Math.abs(before));
}

/** A float64 from the hex digits of a trace. */
function fromHex(value: unknown): unknown {
  if (typeof value !== "string" || !/^[0-9a-f]{16}$/.test(value)) return value;
  return Buffer.from(value, "hex").readDoubleBE(0);
}

function stepOf(row: JsonObject): number {
  return typeof row["step"] === "number" ? row["step"] : 0;
}

/** The rows of an execution that is on, compared with those of a finished run as they come. */
import type { JsonObject } from "../../core/json.ts";
import { metricDifference, metricNames, relativeDifference, tracedNumber } from "./figures.ts";
import {
  headerDifference,
  isDenseRow,
  rowDifference,
  texts,
  updatedTensor,
  withoutGuess,
  type Divergence,
} from "./trace-difference.ts";

/** What a run has recorded. */
export interface RecordedRows {
  /** Of `logs/trace.jsonl`: the header, where there is one, and the rows. */
  readonly trace: readonly JsonObject[];
  /** Of `logs/metrics.jsonl`. */
  readonly metrics: readonly JsonObject[];
}

/** Where an execution begins that does not begin at the beginning. */
export interface ComparedFrom {
  /** Steps up to this one were executed by the run alone. */
  readonly step: number;
  /** Rows of the run's logs up to there. */
  readonly numRows: { readonly trace: number; readonly metrics: number };
}

/** A comparison that goes on. */
export interface ExecutionComparison {
  takeTrace(row: JsonObject): void;
  takeMetrics(row: JsonObject): void;
  /** Where it went another way first, with the tensor that the rows so far name. */
  divergence(): Divergence | undefined;
  /** Rows that did not come, asked once the execution has ended as it should. */
  missing(): Divergence | undefined;
  /** Nothing that is still to come can tell more of where it went another way. */
  isSettled(): boolean;
  /** A loss or a metric differs, so that equal metrics cannot come out any more. */
  hasOtherMetrics(): boolean;
  /** The largest difference of two metrics or losses so far, relative to the larger of 1 and the run's own. */
  largestDifference(): number;
  /** The last step of which all that came was compared; before the first, the one that the execution goes on from. */
  lastStep(): number;
  /** How many steps that were. */
  comparedSteps(): number;
  /** It was to go on from a checkpoint, and rows from before that came. */
  hasBegunAnew(): boolean;
  /** The last step at which all tensors were compared and agreed; 0 where none was. */
  agreedStep(): number;
  /** At how many steps all tensors were compared. */
  numDenseSteps(): number;
  /** How many rows of metrics were compared. */
  numMetricsRows(): number;
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
  lastStep: number;
  agreedStep: number;
  numDenseSteps: number;
  hasOtherMetrics: boolean;
  largestDifference: number;
  openRows: JsonObject[];
  readonly from: ComparedFrom;
  hasBegunAnew: boolean;
  isEvaluationToBlame: boolean;
}

const beginning: ComparedFrom = { step: 0, numRows: { trace: 0, metrics: 0 } };

/**
 * Starts a comparison with the rows of a run.
 * @param from - Where the execution begins; default: at the beginning.
 */
export function compareExecution(
  recorded: RecordedRows,
  from: ComparedFrom = beginning,
): ExecutionComparison {
  const state = initialState(recorded, from);
  const lastDense = recorded.trace.findLast(isDenseRow);
  return {
    takeTrace: (row) => takeTrace(state, recorded, row),
    takeMetrics: (row) => takeMetrics(state, recorded, row),
    divergence: () => state.divergence ?? state.pending,
    missing: () => missingRows(state, recorded),
    isSettled: () => {
      if (state.divergence === undefined) return false;
      const { tensor, step, phase } = state.divergence;
      if (phase === "evaluation") return state.isEvaluationToBlame;
      return (
        tensor !== undefined ||
        lastDense === undefined ||
        stepOf(lastDense) < Math.max(step, state.lastStep + 1)
      );
    },
    hasOtherMetrics: () => state.hasOtherMetrics,
    largestDifference: () => state.largestDifference,
    lastStep: () => state.lastStep,
    comparedSteps: () => state.lastStep - from.step,
    hasBegunAnew: () => state.hasBegunAnew,
    agreedStep: () => state.agreedStep,
    numDenseSteps: () => state.numDenseSteps,
    numMetricsRows: () => state.numMetrics - from.numRows.metrics,
    openRows: () => state.openRows,
  };
}

function initialState({ trace }: RecordedRows, from: ComparedFrom): State {
  const { step, numRows } = from;
  return {
    divergence: undefined,
    pending: undefined,
    header: numRows.trace > 0 ? (trace[0] ?? {}) : {}, // it is not told again
    numTrace: numRows.trace,
    numMetrics: numRows.metrics,
    lastStep: step,
    agreedStep: step, // whole tensors were taken from the run there
    numDenseSteps: 0,
    hasOtherMetrics: false,
    largestDifference: 0,
    openRows: [],
    from,
    hasBegunAnew: false,
    isEvaluationToBlame: false,
  };
}

/** Whether a row is of what a checkpoint stands for, so that the execution did not go on from that. */
function isBefore({ from }: State, log: "trace" | "metrics", row: JsonObject): boolean {
  if (from.numRows[log] === 0) return false;
  const step = row["step"];
  if (typeof step !== "number") return true;
  return log === "trace" ? step <= from.step : step < from.step;
}

function takeTrace(state: State, { trace }: RecordedRows, row: JsonObject): void {
  if (isBefore(state, "trace", row)) state.hasBegunAnew = true;
  const before = trace[state.numTrace++];
  const isHeader = typeof row["step"] !== "number";
  if (before === undefined) return takeSurplus(state, row);
  if (isHeader) {
    state.header = row;
    state.pending = headerDifference(before, row);
    return;
  }
  const names = texts(state.header["tensors"]);
  const compared = Math.max(state.agreedStep, state.from.step);
  const found = withoutGuess(rowDifference(before, row, names), compared);
  const isDense = isDenseRow(before) && isDenseRow(row);
  compareLoss(state, before["loss"], row["loss"]);
  state.lastStep = stepOf(row);
  if (isDense) state.numDenseSteps++;
  blame(state, found, updatedTensor(before, row, names));
  if (isDense && found === undefined && state.divergence === undefined) {
    state.agreedStep = stepOf(row);
    state.openRows = [];
  } else if (state.divergence === undefined || state.divergence.step === stepOf(row)) {
    state.openRows.push(row);
  }
}

/** The first difference stays; a later dense row may still name its tensor, and of an update what that left. */
function blame(state: State, found: Divergence | undefined, updated: string | undefined): void {
  const { pending, divergence } = state;
  if (divergence === undefined) {
    const isOrder = found?.phase === "order";
    state.divergence = pending !== undefined && !isOrder ? pending : found;
    state.pending = undefined;
  } else if (divergence.phase === "evaluation") {
    blameEvaluation(state, divergence, found && { ...found, ...(updated && { tensor: updated }) });
  } else if (divergence.tensor === undefined && found?.tensor !== undefined) {
    const { tensorStep = found.step } = found;
    const tensor = divergence.phase === "update" ? (updated ?? found.tensor) : found.tensor;
    state.divergence = { ...divergence, tensor, tensorStep };
  }
}

/**
 * Metrics were others, and the rows before were not. If the next step goes another way too, the evaluation had seen other
 * parameters: the update before it is to blame. If it does not, the evaluation is, whatever goes wrong later.
 */
function blameEvaluation(
  state: State,
  divergence: Divergence,
  found: Divergence | undefined,
): void {
  if (state.isEvaluationToBlame) return;
  if (found === undefined || found.phase === "order") {
    state.isEvaluationToBlame = true;
    return;
  }
  const { tensor, tensorStep = found.step } = found;
  const named = tensor === undefined ? {} : { tensor, tensorStep };
  state.divergence = { ...divergence, phase: "update", ...named };
}

function takeMetrics(state: State, { metrics, trace }: RecordedRows, row: JsonObject): void {
  if (isBefore(state, "metrics", row)) state.hasBegunAnew = true;
  const before = metrics[state.numMetrics++];
  if (before === undefined) return takeSurplus(state, row);
  for (const name of metricNames(before, row)) note(state, before[name], row[name]);
  const found = metricDifference(before, row);
  if (found === undefined) return;
  state.hasOtherMetrics = true;
  const phase = trace.length > 0 ? ({ phase: "evaluation" } as const) : {};
  state.divergence ??= state.pending ?? { step: stepOf(before), ...found, ...phase };
}

/** A row of which the run has none. */
function takeSurplus(state: State, row: JsonObject): void {
  state.hasOtherMetrics = true;
  state.largestDifference = Infinity;
  state.divergence ??= { step: stepOf(row), field: "steps", values: ["nothing", "a row"] };
}

/** Rows that the run has and that did not come, once no more can come. */
function missingRows(state: State, { trace, metrics }: RecordedRows): Divergence | undefined {
  const rows = [trace[state.numTrace], metrics[state.numMetrics]].filter(
    (row) => row !== undefined,
  );
  if (rows.length === 0) return undefined;
  const step = Math.min(...rows.map(stepOf));
  return { step, field: "steps", values: ["a row", "nothing"] };
}

function compareLoss(state: State, before: unknown, now: unknown): void {
  if (before === now) return;
  state.hasOtherMetrics = true;
  note(state, tracedNumber(before), tracedNumber(now));
}

/** Texts stand for what is not finite; only the same one agrees with it. */
function note(state: State, before: unknown, now: unknown): void {
  const difference = relativeDifference(before, now);
  state.largestDifference = Math.max(state.largestDifference, difference);
}

function stepOf(row: JsonObject): number {
  return typeof row["step"] === "number" ? row["step"] : 0;
}

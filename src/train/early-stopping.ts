/**
 * Which evaluation was the best, and when to stop waiting for a better one. Pure: states in, states out, so that they
 * can be part of a checkpoint.
 * The two differ on purpose: the best checkpoint is the best by any margin, and of equal ones the earliest, while
 * patience asks for an improvement of more than `minDelta` over the last value that counted as one.
 */
export type Direction = "max" | "min";

/** The best evaluation so far. */
export interface BestSoFar {
  readonly step: number;
  readonly value: number;
}

/** What early stopping remembers between evaluations. */
export interface EarlyStoppingState {
  /** The last value that counted as an improvement; `null` before the first evaluation. */
  readonly reference: number | null;
  /** Evaluations since then. */
  readonly numWithoutImprovement: number;
}

/** Before the first evaluation. */
export const initialEarlyStopping: EarlyStoppingState = {
  reference: null,
  numWithoutImprovement: 0,
};

/** Whether `value` is better than `other` by more than `margin`; equal values are not. */
export function isBetter(
  value: number,
  other: number,
  { direction, margin = 0 }: { readonly direction: Direction; readonly margin?: number },
): boolean {
  return direction === "max" ? value - other > margin : other - value > margin;
}

/** The state after one more evaluation. */
export function observeEvaluation(
  state: EarlyStoppingState,
  value: number,
  { direction, minDelta }: { readonly direction: Direction; readonly minDelta: number },
): EarlyStoppingState {
  const isImprovement =
    state.reference === null || isBetter(value, state.reference, { direction, margin: minDelta });
  return isImprovement
    ? { reference: value, numWithoutImprovement: 0 }
    : { reference: state.reference, numWithoutImprovement: state.numWithoutImprovement + 1 };
}

/** Whether `patience` evaluations in a row brought no improvement. */
export function shouldStop(state: EarlyStoppingState, patience: number): boolean {
  return state.numWithoutImprovement >= patience;
}

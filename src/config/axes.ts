/** Axes: markers that stand where a value stands and make a sweep. */
import { callSite, type CallSite } from "./call-site.ts";
import { markerOrStandIn } from "./collect-misuses.ts";
import { createMarker } from "./markers.ts";
import type { Deferred, Fit, Got } from "./marker-types.ts";
import { describeValue, misuse } from "./misuse.ts";
import { rangeProblem } from "./range-values.ts";
import { linspaceValues, logRangeValues, spacingProblem, type Spacing } from "./spaced-values.ts";
import { snapshotList, snapshotWithoutMarkers } from "./snapshot.ts";

/**
 * An axis over the given values, in their order.
 * @param values - At least one; whole values, typed by the field that the axis stands in.
 * @throws {ExpError} `config` without values, or with a marker among them.
 * @example optimizer: { learningRate: choice(1e-4, 3e-4, 1e-3) }
 */
export function choice<T, const V = T>(...values: Fit<T, V>[]): Deferred<Got<T, V>> {
  const call = callSite(choice);
  return markerOrStandIn(call, () => {
    if (values.length === 0) throw misuse(call, "choice() needs at least one value.");
    const copies = snapshotList(values, (value) => snapshotWithoutMarkers(value, call, "choice()"));
    return createMarker({ kind: "choice", values: copies, call });
  });
}

/**
 * An axis over `start`, `start + step`, …; `stop` is not part of it. Exact in decimal: steps of 0.1 give 0.3.
 * @param start - The first value; finite.
 * @param stop - The first value that is not part of the axis; finite.
 * @param step - Not 0; negative counts down.
 * @throws {ExpError} `config` for bounds that are not finite, a step of 0, no values, or more than a million.
 * @example seed: range(1, 4) // 1, 2, 3
 */
export function range(start: number, stop: number, step = 1): Deferred<number> {
  const call = callSite(range);
  return markerOrStandIn(call, () => {
    requireNumbers("range", [start, stop, step], call);
    const problem = rangeProblem(start, stop, step);
    if (problem !== undefined) throw misuse(call, problem);
    return createMarker({ kind: "range", start, stop, step, call });
  });
}

/**
 * An axis over `count` numbers at equal distances, from `start` to `stop`, both part of it. Exact in decimal.
 * @param start - The first value; finite.
 * @param stop - The last value; finite.
 * @param count - How many values; an integer from 1 to a million.
 * @throws {ExpError} `config` for bounds that are not finite, another count, or values too near to be told apart.
 * @example model: { dropoutRate: linspace(0, 0.5, 6) } // 0, 0.1, 0.2, 0.3, 0.4, 0.5
 */
export function linspace(start: number, stop: number, count: number): Deferred<number> {
  const call = callSite(linspace);
  return markerOrStandIn(call, () => spaced("linspace", { start, stop, count }, call));
}

/**
 * An axis over `count` numbers in equal ratios, from `start` to `stop`, both part of it; to 12 significant digits, the
 * same in every version of Node.js.
 * @param start - The first value; finite, not 0.
 * @param stop - The last value; finite, of the same sign.
 * @param count - How many values; an integer from 1 to a million.
 * @throws {ExpError} `config` for other bounds or another count, and for values too near to be told apart.
 * @example optimizer: { learningRate: logRange(1e-5, 1e-3, 5) } // 1e-5, 3.16227766017e-5, 1e-4, …
 */
export function logRange(start: number, stop: number, count: number): Deferred<number> {
  const call = callSite(logRange);
  return markerOrStandIn(call, () => spaced("logRange", { start, stop, count }, call));
}

function spaced(from: "linspace" | "logRange", spacing: Spacing, call: CallSite): Deferred<number> {
  requireNumbers(from, [spacing.start, spacing.stop, spacing.count], call);
  const problem = spacingProblem(from, spacing);
  if (problem !== undefined) throw misuse(call, problem);
  const values = from === "linspace" ? linspaceValues(spacing) : logRangeValues(spacing);
  return createMarker({ kind: "choice", values: Object.freeze(values), from, call });
}

function requireNumbers(name: string, values: readonly unknown[], call: CallSite): void {
  for (const value of values) {
    if (typeof value === "number") continue;
    throw misuse(call, `${name}() takes numbers, found ${describeValue(value)}.`);
  }
}

/** Axes: markers that stand where a value stands and make a sweep. */
import { callSite } from "./call-site.ts";
import { createMarker } from "./markers.ts";
import type { Deferred, Fit, Got } from "./marker-types.ts";
import { describeValue, misuse } from "./misuse.ts";
import { rangeProblem } from "./range-values.ts";
import { snapshotList, snapshotWithoutMarkers } from "./snapshot.ts";

/**
 * An axis over the given values, in their order.
 * @param values - At least one; whole values, typed by the field that the axis stands in.
 * @throws {ExpError} `config` without values, or with a marker among them.
 * @example optimizer: { learningRate: choice(1e-4, 3e-4, 1e-3) }
 */
export function choice<T, const V = T>(...values: Fit<T, V>[]): Deferred<Got<T, V>> {
  const call = callSite(choice);
  if (values.length === 0) throw misuse(call, "choice() needs at least one value.");
  const copies = snapshotList(values, (value) => snapshotWithoutMarkers(value, call, "choice()"));
  return createMarker({ kind: "choice", values: copies, call });
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
  for (const value of [start, stop, step] as readonly unknown[]) {
    if (typeof value === "number") continue;
    throw misuse(call, `range() takes numbers, found ${describeValue(value)}.`);
  }
  const problem = rangeProblem(start, stop, step);
  if (problem !== undefined) throw misuse(call, problem);
  return createMarker({ kind: "range", start, stop, step, call });
}

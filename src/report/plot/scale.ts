/** From values to shares of an axis. */
import { log } from "../../random/math.ts";

/** The smallest and the largest value of an axis. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** One axis of a picture. */
export interface Scale extends Range {
  readonly isLog: boolean;
  /** Where a value lies: 0 at `min`, 1 at `max`. */
  share(value: number): number;
}

/** The range of values, all finite; `undefined` where there is none. */
export function rangeOfValues(values: Iterable<number>): Range | undefined {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? undefined : { min, max };
}

/**
 * An axis from the smallest to the largest value; where both are one, a tenth more to either side.
 * @param isLog - Equal ratios are equal lengths; all values are positive then.
 */
export function createScale(range: Range, isLog: boolean): Scale {
  const { min, max } = widened(range, isLog);
  const share = isLog
    ? (value: number) => (log(value) - log(min)) / (log(max) - log(min))
    : linearShare({ min, max });
  return { min, max, isLog, share };
}

function linearShare({ min, max }: Range): (value: number) => number {
  if (Number.isFinite(max - min)) return (value) => (value - min) / (max - min);
  // Halved first: the span of two huge numbers may be more than a number can be. Not halved
  // always: half of the smallest number is nothing.
  return (value) => (value / 2 - min / 2) / (max / 2 - min / 2);
}

/**
 * Values that differ in their last bits alone are as good as one. A logarithm, at most 745, leaves
 * fewer bits to tell them apart.
 */
const smallestSpan = { linear: 1e-13, log: 1e-9 };

function widened({ min, max }: Range, isLog: boolean): Range {
  const size = Math.max(Math.abs(min), Math.abs(max));
  const smallest = isLog ? smallestSpan.log : smallestSpan.linear;
  if (max / 2 - min / 2 > (size * smallest) / 2 && max > min) return { min, max };
  if (size === 0) return { min: -1, max: 1 };
  if (isLog)
    return { min: Math.max(min / 2, Number.MIN_VALUE), max: Math.min(max * 2, Number.MAX_VALUE) };
  const margin = Math.max(size / 10, Number.MIN_VALUE);
  return {
    min: Math.max(min - margin, -Number.MAX_VALUE),
    max: Math.min(max + margin, Number.MAX_VALUE),
  };
}

/** Numbers at equal distances, or in equal ratios, with both ends: what `linspace` and `logRange` stand for. */
import { exp, log } from "../random/math.ts";
import { decimal } from "./range-values.ts";

/** More runs than any sweep executes: beyond it a count was mistyped. */
const maxCount = 1_000_000;

/** Far from the last bits, in which a way to compute could be seen, and near enough for any experiment. */
const significantDigits = 12;

/** What `linspace` and `logRange` take. */
export interface Spacing {
  readonly start: number;
  readonly stop: number;
  readonly count: number;
}

/** More digits than a float64 has, so that a quotient is cut off where it cannot be seen. */
const spareDigits = 25;

/** `count` numbers from `start` to `stop` at equal distances, exact in decimal: `linspace(0, 0.3, 4)` gives 0.1. */
export function linspaceValues({ start, stop, count }: Spacing): readonly number[] {
  const [from, to] = [decimal(start), decimal(stop)];
  const exponent = Math.min(from.exponent, to.exponent);
  const first = from.digits * 10n ** BigInt(from.exponent - exponent);
  const last = to.digits * 10n ** BigInt(to.exponent - exponent);
  return between({ start, stop, count }, (index) => {
    const weighted = first * BigInt(count - 1 - index) + last * BigInt(index);
    const quotient = (weighted * 10n ** BigInt(spareDigits)) / BigInt(count - 1);
    return Number(`${quotient}e${exponent - spareDigits}`); // correctly rounded by the language
  });
}

/** `count` numbers from `start` to `stop`, each the same multiple of the one before, to 12 significant digits. */
export function logRangeValues({ start, stop, count }: Spacing): readonly number[] {
  const sign = start < 0 ? -1 : 1;
  const first = log(Math.abs(start));
  const last = log(Math.abs(stop));
  return between({ start, stop, count }, (index) => {
    const part = index / (count - 1);
    const value = sign * exp(first * (1 - part) + last * part);
    return Number(value.toPrecision(significantDigits));
  });
}

/** Both ends as they were given, and what lies between them. */
function between(
  { start, stop, count }: Spacing,
  valueAt: (index: number) => number,
): readonly number[] {
  return Array.from({ length: count }, (_, index) => {
    if (index === 0) return start;
    return index === count - 1 ? stop : valueAt(index);
  });
}

/**
 * What is wrong with a spacing, as a sentence, or `undefined` for a good one: finite ends, at least one value, no two
 * equal, and for equal ratios no zero between the ends.
 * @param name - `linspace` or `logRange`.
 */
export function spacingProblem(
  name: "linspace" | "logRange",
  spacing: Spacing,
): string | undefined {
  const { start, stop, count } = spacing;
  const call = `${name}(${start}, ${stop}, ${count})`;
  if (!Number.isFinite(start) || !Number.isFinite(stop)) {
    return `${call}: start and stop must be finite numbers.`;
  }
  if (!Number.isSafeInteger(count) || count < 1) {
    return `${call}: the number of values must be an integer from 1.`;
  }
  if (count > maxCount) return `${call} has ${count} values; at most ${maxCount} are allowed.`;
  if (name === "logRange" && !(start * stop > 0)) {
    return `${call}: start and stop must both be above 0, or both below.`;
  }
  if (count === 1) {
    return start === stop ? undefined : `${call}: one value cannot be both start and stop.`;
  }
  const values = name === "linspace" ? linspaceValues(spacing) : logRangeValues(spacing);
  if (new Set(values).size === count) return undefined;
  return `${call}: start and stop are too near to tell so many values apart.`;
}

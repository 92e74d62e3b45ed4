/**
 * The values of a range, exact in decimal: `range(0, 1, 0.1)` gives 0.3 and not 0.30000000000000004, and the number of
 * values never depends on rounding. Each bound is read as its shortest decimal text and scaled to an integer.
 */
import { ExpError } from "../core/errors.ts";

/** More runs than any sweep executes: beyond it a step was mistyped. */
const maxCount = 1_000_000;

/** A number as its shortest decimal text says it. */
export interface Decimal {
  readonly digits: bigint;
  /** The value is `digits` × 10^exponent. */
  readonly exponent: number;
}

/** A range as it is written. */
export interface RangeBounds {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

/** A range in units of 10^exponent. */
interface ScaledRange {
  readonly start: bigint;
  readonly step: bigint;
  readonly count: bigint;
  readonly exponent: number;
}

/**
 * `start`, `start + step`, … up to but without `stop`.
 * @throws {ExpError} `config` where `rangeProblem` finds one.
 */
export function rangeValues(start: number, stop: number, step: number): number[] {
  const problem = rangeProblem(start, stop, step);
  if (problem !== undefined) throw new ExpError("config", problem);
  const range = scale(start, stop, step);
  return Array.from({ length: Number(range.count) }, (_, index) => valueOf(range, BigInt(index)));
}

/** What is wrong with a range, as a sentence, or `undefined` for a good one: at least one value and no two equal. */
export function rangeProblem(start: number, stop: number, step: number): string | undefined {
  const name = `range(${start}, ${stop}, ${step})`;
  if (![start, stop, step].every((value) => Number.isFinite(value))) {
    return `${name}: start, stop and step must be finite numbers.`;
  }
  if (step === 0) return `${name}: the step must not be 0.`;
  const range = scale(start, stop, step);
  if (range.count < 1n) {
    const direction = step > 0 ? "above" : "below";
    return `${name} has no values: with this step, stop must lie ${direction} start.`;
  }
  if (range.count > BigInt(maxCount)) {
    return `${name} has ${range.count} values; at most ${maxCount} are allowed.`;
  }
  return isDistinct(range) ? undefined : `${name}: the step is too small to tell its values apart.`;
}

/**
 * The range of the same values in the other order. Its stop lies one step behind the last of them, or half a step for
 * floats, as in Hydra 1.4.
 * @returns `undefined` where there are no values.
 */
export function turnedRange(
  { start, stop, step }: RangeBounds,
  areIntegers: boolean,
): RangeBounds | undefined {
  if (step === 0) return undefined;
  const range = scale(start, stop, step);
  if (range.count < 1n) return undefined;
  const last = valueOf(range, range.count - 1n);
  const { start: first, step: by, exponent } = range;
  const end = areIntegers
    ? Number(`${first - by}e${exponent}`)
    : Number(`${first * 10n - by * 5n}e${exponent - 1}`);
  return { start: last, stop: end + 0, step: -step };
}

/** Doubles lie farthest apart where they are largest, which is at one of the ends. */
function isDistinct(range: ScaledRange): boolean {
  if (range.count === 1n) return true;
  const atStart = valueOf(range, 0n) !== valueOf(range, 1n);
  return atStart && valueOf(range, range.count - 1n) !== valueOf(range, range.count - 2n);
}

function scale(start: number, stop: number, step: number): ScaledRange {
  const decimals = [start, stop, step].map(decimal);
  const exponent = Math.min(...decimals.map((value) => value.exponent));
  const [from = 0n, to = 0n, by = 0n] = decimals.map(
    (value) => value.digits * 10n ** BigInt(value.exponent - exponent),
  );
  const span = by > 0n ? to - from : from - to;
  const size = by > 0n ? by : -by;
  const count = span <= 0n ? 0n : (span + size - 1n) / size; // rounded up: stop itself is left out
  return { start: from, step: by, count, exponent };
}

function valueOf(range: ScaledRange, index: bigint): number {
  return Number(`${range.start + index * range.step}e${range.exponent}`); // correctly rounded by the language
}

/** The shortest decimal that reads back as the number, as ECMAScript prints it. */
export function decimal(value: number): Decimal {
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** Where an axis has marks, and what they say. */
import type { Range, Scale } from "./scale.ts";

/**
 * The marks of an axis, rising: for people round numbers, inside the axis, at least one.
 * @param most - At least 2; a few more or fewer may come out.
 */
export function ticksOf(scale: Scale, most: number): readonly number[] {
  const all = scale.isLog ? logTicks(scale, most) : linearTicks(scale, most);
  const ticks = all.filter((tick) => Math.abs(scale.share(tick) - 0.5) <= 0.5 + slack);
  return (ticks.length > 0 ? ticks : [scale.min, scale.max]).map((tick) => tick + 0); // never -0
}

/**
 * Multiples of 1, 2 or 5 times a power of ten.
 * @see Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990.
 */
function linearTicks({ min, max }: Range, most: number): readonly number[] {
  const step = roundStep((max / 2 - min / 2) / ((most - 1) / 2));
  if (!Number.isFinite(step) || step === 0) return [min, max];
  const [first, last] = [Math.ceil(min / step - slack), Math.floor(max / step + slack)];
  const count = Math.min(last - first + 1, 3 * most);
  const ticks = Array.from({ length: count }, (_, index) => tidied((first + index) * step, step));
  return [...new Set(ticks)];
}

/** A linear range that begins and ends with a mark, so that a reader sees how far it goes. */
export function rounded(range: Range, most: number): Range {
  const { min, max } = range;
  const step = roundStep((max / 2 - min / 2) / ((most - 1) / 2));
  const low = tidied(Math.floor(min / step + slack) * step, step);
  const high = tidied(Math.ceil(max / step - slack) * step, step);
  const isUsable = Number.isFinite(low) && Number.isFinite(high) && low <= min && high >= max;
  return isUsable && step > 0 ? { min: low, max: high } : range;
}

/** A mark at the very end of an axis is inside, whatever the last bits of a division say. */
const slack = 1e-9;

/** Without the last bits that a product leaves: 0.30000000000000004 is 0.3. */
function tidied(value: number, step: number): number {
  const digits = exponentOf(value) - exponentOf(step) + 2;
  const tidy = Number(value.toPrecision(Math.min(17, Math.max(1, digits))));
  return tidy === 0 ? 0 : tidy; // never -0
}

function roundStep(rough: number): number {
  const power = powerOfTen(exponentOf(rough));
  const ratio = rough / power;
  return power * (ratio < 1.5 ? 1 : ratio < 3 ? 2 : ratio < 7 ? 5 : 10);
}

/** Powers of ten; of few of them also twice and five times as much, of none round numbers. */
function logTicks(scale: Scale, most: number): readonly number[] {
  const [low, high] = [exponentOf(scale.min), exponentOf(scale.max)];
  const every = Math.max(1, Math.ceil((high - low) / most));
  const inside = (value: number): boolean =>
    value >= scale.min * (1 - slack) && value <= scale.max * (1 + slack);
  const powers = Array.from({ length: high - low + 1 }, (_, index) => low + index);
  const tens = powers
    .filter((power) => power % every === 0)
    .map(powerOfTen)
    .filter(inside);
  if (tens.length >= 3) return tens;
  const all = powers.flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  const between = all.filter(inside);
  if (between.length >= 2 && between.length <= 2 * most) return between;
  return tens.length >= 2 ? tens : linearTicks(scale, most);
}

/** The exponent of a number in scientific notation; 0 for 0. */
function exponentOf(value: number): number {
  return Number(value.toExponential().split("e")[1]);
}

function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`);
}

/**
 * What the marks of an axis say: as many digits as tell them apart. On a linear axis all have the same decimals.
 * @param isLog - Each mark by itself: 0.001, 1, 1000.
 */
export function tickTexts(ticks: readonly number[], isLog: boolean): readonly string[] {
  const sizes = ticks.filter((tick) => tick !== 0).map((tick) => exponentOf(tick));
  const isWide = Math.max(...sizes, 0) >= 7 || Math.min(...sizes, 0) < -4;
  const gaps = ticks.slice(1).map((tick, index) => Math.abs(tick - (ticks[index] ?? 0)));
  const gap = Math.min(...gaps.filter((one) => one > 0));
  const gapOf = (tick: number): number =>
    isLog
      ? Math.min(Math.abs(tick) / 1000, gap)
      : Number.isFinite(gap)
        ? gap
        : Math.abs(tick) / 1000;
  if (isWide) return ticks.map((tick) => scientific(tick, gapOf(tick)));
  const decimals = ticks.map((tick) => decimalsOf(tick, gapOf(tick)));
  const most = Math.max(0, ...decimals);
  return ticks.map((tick, index) => fixed(tick, isLog ? (decimals[index] ?? most) : most));
}

/** Fewest decimals that give the mark back to a hundredth of the step. */
function decimalsOf(tick: number, gap: number): number {
  for (let decimals = 0; decimals < 20; decimals++) {
    if (Math.abs(Number(tick.toFixed(decimals)) - tick) <= gap / 100) return decimals;
  }
  return 20;
}

function fixed(tick: number, decimals: number): string {
  const text = tick.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

function scientific(tick: number, gap: number): string {
  if (tick === 0) return "0";
  for (let decimals = 0; decimals < 16; decimals++) {
    const text = tick.toExponential(decimals);
    if (Math.abs(Number(text) - tick) <= gap / 100) return text.replace("e+", "e");
  }
  return tick.toExponential(16).replace("e+", "e");
}

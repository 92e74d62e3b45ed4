/** A curve in one line of text. */

const bars = Array.from("▁▂▃▄▅▆▇█");

/**
 * A curve as bars from its smallest to its largest value. Of more values than columns each column shows the last one of
 * its part; a value that is not finite is a gap.
 * @param values - In the order of their steps.
 * @param columns - At least 1.
 */
export function sparkline(
  values: readonly number[],
  columns: number,
  range: { readonly min: number; readonly max: number } = rangeOf(values),
): string {
  const count = Math.min(columns, values.length);
  const picked = Array.from({ length: count }, (_, column) => {
    return values[Math.ceil(((column + 1) * values.length) / count) - 1] ?? Number.NaN;
  });
  return picked.map((value) => barOf(value, range)).join("");
}

/** The smallest and the largest finite value. */
export function rangeOf(values: readonly number[]): { readonly min: number; readonly max: number } {
  const finite = values.filter(Number.isFinite);
  return {
    min: finite.reduce((one, other) => Math.min(one, other), Infinity),
    max: finite.reduce((one, other) => Math.max(one, other), -Infinity),
  };
}

function barOf(
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): string {
  if (!Number.isFinite(value)) return " ";
  const share = max > min ? (value - min) / (max - min) : 0.5;
  return bars[Math.min(bars.length - 1, Math.floor(share * bars.length))] ?? "";
}

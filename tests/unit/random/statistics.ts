/** Plain statistics for tests; exactness of the last bit does not matter here. */

export function mean(values: ArrayLike<number>): number {
  return sum(Array.from(values)) / values.length;
}

export function variance(values: ArrayLike<number>): number {
  const center = mean(values);
  return sum(Array.from(values, (value) => (value - center) ** 2)) / values.length;
}

/** Pearson's correlation of two lists of one length. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const products = Array.from(a, (value, index) => (value - meanA) * ((b[index] ?? NaN) - meanB));
  return sum(products) / a.length / Math.sqrt(variance(a) * variance(b));
}

/**
 * How many standard deviations Pearson's chi-square of some counts lies from what equal chances give: beyond 4 either
 * way is too uneven, or too even, to be chance.
 */
export function unevenness(counts: readonly number[]): number {
  const expected = sum(counts) / counts.length;
  const chiSquare = sum(counts.map((count) => (count - expected) ** 2 / expected));
  const degrees = counts.length - 1;
  return (chiSquare - degrees) / Math.sqrt(2 * degrees);
}

/** How often each of 0 to numKinds - 1 occurs. */
export function countKinds(kinds: Iterable<number>, numKinds: number): number[] {
  const counts = Array.from({ length: numKinds }, () => 0);
  for (const kind of kinds) counts[kind] = (counts[kind] ?? NaN) + 1;
  return counts;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

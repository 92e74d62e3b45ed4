/** The fewest moves that bring a list into another order. */

/** An item is taken out at `from` and put in again so that its index becomes `to`. */
export interface Move {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The moves, one after the other, that bring `before` into the order of `after`; as few as there can be: the longest
 * part that is in order already stays where it is.
 * @param before - Names without repetition.
 * @param after - The same names.
 */
export function movesBetween(before: readonly string[], after: readonly string[]): readonly Move[] {
  const target = new Map(after.map((name, index) => [name, index]));
  const staying = longestRising(before.map((name) => target.get(name) ?? 0));
  const stays = new Set(before.filter((_, index) => staying.has(index)));
  const current = [...before];
  const moves: Move[] = [];
  for (const [index, name] of after.entries()) {
    if (stays.has(name)) continue;
    const from = current.indexOf(name);
    current.splice(from, 1);
    const earlier = after[index - 1]; // in its place already, moved or not
    const to = earlier === undefined ? 0 : current.indexOf(earlier) + 1;
    current.splice(to, 0, name);
    if (from !== to) moves.push({ name, from, to });
  }
  return moves;
}

/** Indices of a longest rising part of different numbers (patience sorting, O(n log n)). */
function longestRising(numbers: readonly number[]): ReadonlySet<number> {
  const ends: number[] = []; // ends[k]: index of the smallest number that ends a rising part of length k + 1
  const previous: (number | undefined)[] = [];
  for (const [at, number] of numbers.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[ends[middle] ?? 0] ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    previous.push(ends[low - 1]);
    ends[low] = at;
  }
  const chosen = new Set<number>();
  let index: number | undefined = ends.at(-1);
  while (index !== undefined) {
    chosen.add(index);
    index = previous[index];
  }
  return chosen;
}

/** The fewest moves that bring a list into another order. */

/** An item is taken out at `from` and put in again so that its index becomes `to`. */
export interface Move {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The moves, one after the other, that bring `before` into the order of `after`; as few as there can be: the longest
 * part that is in order already stays where it is. O(n log n).
 * @param before - Names without repetition.
 * @param after - The same names.
 */
export function movesBetween(before: readonly string[], after: readonly string[]): readonly Move[] {
  const target = new Map(after.map((name, index) => [name, index]));
  const staying = longestRising(before.map((name) => target.get(name) ?? 0));
  // Slot 0 is the front, slot i + 1 the place of before[i]; what has moved lies behind an item that stays, in its slot.
  const slots = new Map(before.map((name, index) => [name, index + 1]));
  const counts = createCounts(before.length + 1);
  for (const slot of slots.values()) counts.add(slot, 1);
  let anchor = 0; // slot of the last item of `after` so far that stays
  const moves: Move[] = [];
  for (const name of after) {
    const slot = slots.get(name) ?? 0;
    if (staying.has(slot - 1)) {
      anchor = slot;
      continue;
    }
    const from = counts.upTo(slot - 1);
    counts.add(slot, -1);
    const to = counts.upTo(anchor);
    counts.add(anchor, 1);
    if (from !== to) moves.push({ name, from, to });
  }
  return moves;
}

/** How many items lie in the first slots. */
interface Counts {
  add(slot: number, change: number): void;
  /** @returns Items in the slots from 0 to this one. */
  upTo(slot: number): number;
}

/** @see Fenwick, "A new data structure for cumulative frequency tables" (1994). */
function createCounts(numSlots: number): Counts {
  const sums = new Int32Array(numSlots + 1); // sums[i]: of the slots that end before i, as many as the lowest bit of i
  return {
    add(slot, change) {
      for (let at = slot + 1; at <= numSlots; at += at & -at) sums[at] = (sums[at] ?? 0) + change;
    },
    upTo(slot) {
      let sum = 0;
      for (let at = slot + 1; at > 0; at -= at & -at) sum += sums[at] ?? 0;
      return sum;
    },
  };
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

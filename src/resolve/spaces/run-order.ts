/** The order of the runs of a plan: what stands later varies faster. */

/**
 * Where something that varies stands: its segment (combinators divide a definition into segments, and each stands at
 * the head of its own), then the layer in which its path first appears, then the place in that layer.
 */
export type Slot = readonly [segment: number, layer: number, order: number];

/** Which of its values something that varies has in a run. */
export interface Step {
  readonly slot: Slot;
  /** From 0, in the order written. */
  readonly index: number;
}

/** Negative where the first slot stands before the second. */
export function compareSlots(first: Slot, second: Slot): number {
  return first[0] - second[0] || first[1] - second[1] || first[2] - second[2];
}

/**
 * Negative where the first run comes before the second. What a run does not have counts as less than any value of it.
 * @param first - Its steps, in the order of their slots.
 */
export function compareRuns(first: readonly Step[], second: readonly Step[]): number {
  for (let position = 0; ; position++) {
    const [one, other] = [first[position], second[position]];
    if (one === undefined || other === undefined) {
      return Number(one !== undefined) - Number(other !== undefined);
    }
    const order = compareSlots(one.slot, other.slot);
    if (order !== 0) return -order; // the one that stands first is lacking in the other run
    if (one.index !== other.index) return one.index - other.index;
  }
}

/** How often a training says what its short steps came to. */

/**
 * Milliseconds that a step waits at most, where the next one ends by then: less than people see, and 250 steps of the shortest.
 * Each is told at once where steps take as long; a short one before a long one waits for that.
 */
const longest = 250;

/**
 * A clock for one run, asked after each of its steps.
 * @param now - In milliseconds, from any beginning.
 * @returns Whether what is said of the step may be told with later ones; false again once that was long ago.
 */
export function createTellingPace(now: () => number = () => performance.now()): () => boolean {
  let toldAt = -Infinity;
  return () => {
    const time = now();
    if (time < toldAt + longest) return true;
    toldAt = time;
    return false;
  };
}

/** Finds the name that was probably meant, for "Did you mean …?". */

/**
 * The candidate nearest to `word`, or `undefined` where none is near enough to be worth saying.
 * Letters are compared without case; a swap of neighbours counts as one change. A third of the letters, at most three,
 * may differ. Where nothing is that near, the shortest candidate that begins with the word is taken (`dropout` finds
 * `dropoutRate`). Of equally near candidates the one that shares most letters with the word wins (`modle` is `model`, not
 * `mode`), then the first, so the answer does not change from call to call.
 * @see Boytsov, "Indexing methods for approximate dictionary searching", 2011, section 2.2: optimal string alignment.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = foldAscii(word);
  let best: string | undefined;
  let bestDistance = Infinity;
  let bestShared = 0;
  for (const candidate of candidates) {
    const limit = Math.min(3, Math.floor((Math.max(word.length, candidate.length) + 1) / 3));
    if (Math.abs(word.length - candidate.length) > limit) continue; // also keeps huge words cheap
    const folded = foldAscii(candidate);
    const distance = alignmentDistance(wanted, folded);
    if (distance > limit || distance > bestDistance) continue;
    const shared = numSharedLetters(wanted, folded);
    if (distance < bestDistance || shared > bestShared) {
      best = candidate;
      bestDistance = distance;
      bestShared = shared;
    }
  }
  return best ?? shortestExtension(wanted, candidates);
}

/** Letters that both have, each as often as it stands in both. */
function numSharedLetters(one: string, other: string): number {
  const left = other.split("");
  return one.split("").filter((letter) => {
    const position = left.indexOf(letter);
    if (position !== -1) left.splice(position, 1);
    return position !== -1;
  }).length;
}

/** Three letters begin too many names to be a hint. */
const minPrefixLength = 4;

function shortestExtension(wanted: string, candidates: readonly string[]): string | undefined {
  if (wanted.length < minPrefixLength) return undefined;
  let best: string | undefined;
  for (const candidate of candidates) {
    const isShorter = best === undefined || candidate.length < best.length;
    if (isShorter && foldAscii(candidate).startsWith(wanted)) best = candidate;
  }
  return best;
}

/** Only ASCII: lower case of anything else depends on the Unicode version of the engine. */
function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `from` into `to`. */
function alignmentDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isEqual = from[row - 1] === to[column - 1];
      const isSwap =
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      const cheapest = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (isEqual ? 0 : 1),
        isSwap ? at(beforePrevious, column - 2) + 1 : Infinity,
      );
      current.push(cheapest);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}

/**
 * Whether a run that goes on repeats what was computed before it was cut. An attempt that was killed has rows after its
 * newest checkpoint; who goes on from there computes them once more, and they must come out the same.
 */
import { isPlainObject, parseJson } from "../core/json.ts";

/** Compares the rows that are added to a log with those of an earlier attempt, as far as that one came. */
export interface RowComparison {
  /**
   * Takes note of one more row.
   * @param line - Without its newline.
   * @returns Where it is another one, the first time: `step 103: loss, gradientNorm`.
   */
  next(line: string): string | undefined;
  /** Rows that were the same. */
  readonly numEqual: number;
}

/**
 * A comparison.
 * @param later - What the earlier attempt's log has after the rows that were taken over. A torn last row does not count.
 */
export function compareRows(later: Uint8Array): RowComparison {
  const rows = new TextDecoder().decode(later).split("\n").slice(0, -1);
  let index = 0;
  let numEqual = 0;
  let isDifferent = false;
  return {
    next: (line) => {
      const earlier = rows[index++];
      if (earlier === undefined || isDifferent) return undefined;
      if (earlier === line) {
        numEqual++;
        return undefined;
      }
      isDifferent = true;
      return difference(earlier, line);
    },
    get numEqual(): number {
      return numEqual;
    },
  };
}

/** The step of a row and the names of its fields that differ. */
function difference(earlier: string, now: string): string {
  const [before, after] = [parseJson(earlier), parseJson(now)];
  if (!isPlainObject(before) || !isPlainObject(after)) return "a row that is no JSON object";
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return `step ${JSON.stringify(after["step"])}: ${changed.join(", ")}`;
}

/** Collects what is wrong with the rows of a file, so that one start shows the first few mistakes and how many there are. */
import { ExpError } from "../core/errors.ts";

const shown = 5;

export interface BrokenRows {
  /** Notes a row that cannot be read. */
  add(row: number, message: string): void;
  /** How many rows were noted. */
  count(): number;
  /**
   * @param numRows - Rows of the file, broken ones included.
   * @throws {ExpError} `data` when any row was noted.
   */
  check(numRows: number): void;
}

/**
 * An empty list of broken rows.
 * @param file - The file's name as the user wrote it.
 * @param hint - What to do about it.
 */
export function createBrokenRows(file: string, hint: string): BrokenRows {
  const lines: string[] = [];
  let count = 0;
  return {
    add(row, message) {
      count++;
      if (lines.length < shown) lines.push(`  ${file}:${row}: ${message}`);
    },
    count: () => count,
    check(numRows) {
      if (count === 0) return;
      const noun = count === 1 ? "row" : "rows";
      const rest = count > shown ? [`  … and ${count - shown} more`] : [];
      const title = `${file}: ${count} ${noun} of ${numRows} cannot be read:`;
      throw new ExpError("data", [title, ...lines, ...rest].join("\n"), { hint });
    },
  };
}

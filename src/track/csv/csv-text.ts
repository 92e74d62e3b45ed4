/** CSV as pandas, R and spreadsheets read it. */
import type { Cell, Column } from "../run-table.ts";

/** The header. */
export function csvHeader(columns: readonly Column[]): string {
  return csvLine(columns.map(({ name }) => name));
}

/**
 * One row. What a run does not have is an empty field; numbers have all their digits, and what is not finite is `NaN`,
 * `Infinity` or `-Infinity`.
 * @see RFC 4180; lines end with a line feed alone, which its readers take too.
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(field).join(",")}\n`;
}

/** Half a surrogate pair has no UTF-8 form; a NUL ends the text for some readers. */
function field(cell: Cell): string {
  if (typeof cell !== "string") return cell === undefined ? "" : String(cell);
  const text = cell.replace(/[\uD800-\uDFFF]/gu, "\uFFFD").replaceAll("\0", "\uFFFD");
  // An empty text in quotes is not the same as nothing.
  return text === "" || /[",\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

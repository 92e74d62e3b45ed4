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

/**
 * Half a surrogate pair has no UTF-8 form; a NUL ends the text for some readers, and ESC and the like would move the cursor
 * of whoever looks at the file in a terminal.
 */
function field(cell: Cell): string {
  if (typeof cell !== "string") return cell === undefined ? "" : String(cell);
  const text = guarded(cell.replace(unwritable, "\uFFFD"));
  // An empty text in quotes is not the same as nothing.
  return text === "" || /[",\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const unwritable = /[\uD800-\uDFFF\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu;

/** What a spreadsheet takes for a formula, which may start programs and send what else is in the table. */
const formula = /^'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/u;

const numeric = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|Infinity|NaN)$/iu;

/** With an apostrophe in front it is a text in every spreadsheet; numbers are left as they are. */
function guarded(text: string): string {
  return formula.test(text) && !numeric.test(text) ? `'${text}` : text;
}

/** A cell of a table of ours as it was before it was written. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell;
}

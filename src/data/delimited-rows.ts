/** Cuts delimited text into rows and cells. What cannot be cut is noted with its row and left out. */
import type { BrokenRows } from "./broken-rows.ts";

export interface Row {
  /** Number of the line that the row begins on, from 1. */
  readonly number: number;
  readonly cells: readonly string[];
}

export interface RowFormat {
  /** One character. */
  readonly delimiter: string;
  readonly quoting: "none" | "double";
}

/**
 * The rows of a text. Lines end with LF or CRLF; the last may lack its end, and empty lines at the end of the text
 * are not rows. With `double` quoting, a cell in quotation marks may hold the delimiter, line ends, and doubled
 * quotation marks.
 * @see RFC 4180, section 2.
 */
export function splitRows(text: string, format: RowFormat, broken: BrokenRows): readonly Row[] {
  let end = text.length;
  while (end > 0 && "\r\n".includes(text.charAt(end - 1))) end--; // empty lines at the end
  const body = text.slice(0, end);
  if (body === "") return [];
  return format.quoting === "none"
    ? plainRows(body, format.delimiter)
    : quotedRows(body, format.delimiter, broken);
}

function plainRows(body: string, delimiter: string): readonly Row[] {
  return body.split(/\r?\n/).map((line, index) => ({
    number: index + 1,
    cells: line.split(delimiter),
  }));
}

function quotedRows(body: string, delimiter: string, broken: BrokenRows): readonly Row[] {
  const rows: Row[] = [];
  let position = 0;
  let line = 1;
  while (position < body.length) {
    const row = readRow(body, position, delimiter);
    if (row.problem === undefined) rows.push({ number: line, cells: row.cells });
    else broken.add(line, row.problem);
    line += countLines(body, position, row.next);
    position = row.next;
  }
  return rows;
}

interface ReadRow {
  readonly cells: readonly string[];
  /** Where the next row begins. */
  readonly next: number;
  readonly problem?: string;
}

function readRow(body: string, start: number, delimiter: string): ReadRow {
  const cells: string[] = [];
  let position = start;
  for (;;) {
    const cell =
      body[position] === '"' ? quotedCell(body, position) : plainCell(body, position, delimiter);
    if ("problem" in cell) return { cells, next: lineEnd(body, start), problem: cell.problem };
    cells.push(cell.value);
    const after = body[cell.end];
    if (after === delimiter) {
      position = cell.end + 1;
    } else if (after === undefined || after === "\n" || body.startsWith("\r\n", cell.end)) {
      return { cells, next: lineEnd(body, cell.end) };
    } else {
      const problem = `column ${cells.length} goes on with ${JSON.stringify(after)} after its closing quotation mark`;
      return { cells, next: lineEnd(body, cell.end), problem };
    }
  }
}

type Cell = { readonly value: string; readonly end: number } | { readonly problem: string };

function plainCell(body: string, start: number, delimiter: string): Cell {
  let end = start;
  while (end < body.length && body[end] !== delimiter && body[end] !== "\n") end++;
  if (body[end] === "\n" && body[end - 1] === "\r" && end > start) end--;
  const value = body.slice(start, end);
  if (!value.includes('"')) return { value, end };
  return {
    problem: `a quotation mark inside a cell that does not begin with one: ${shorten(value)}`,
  };
}

function quotedCell(body: string, start: number): Cell {
  let value = "";
  let position = start + 1;
  for (;;) {
    const mark = body.indexOf('"', position);
    if (mark < 0) return { problem: "a quotation mark is never closed" };
    value += body.slice(position, mark);
    if (body[mark + 1] !== '"') return { value, end: mark + 1 };
    value += '"';
    position = mark + 2;
  }
}

/** The position after the end of the line that `position` lies on. */
function lineEnd(body: string, position: number): number {
  const end = body.indexOf("\n", position);
  return end < 0 ? body.length : end + 1;
}

function countLines(body: string, start: number, end: number): number {
  let count = 0;
  for (let at = body.indexOf("\n", start); at >= 0 && at < end; at = body.indexOf("\n", at + 1)) {
    count++;
  }
  return count;
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}…` : text);
}

/** The reading position in one override of the command line, and errors that point at it. */
import { ExpError } from "../core/errors.ts";

/** A place in the text of an override; the parsing functions move it forward. */
export interface Cursor {
  readonly text: string;
  /** Which argument of the command line it is, from 0. */
  readonly index: number;
  /** How errors name the text; default: the override of that number. */
  readonly name?: string;
  /** In UTF-16 code units from the start of the text. */
  position: number;
}

/** What is wrong at a place. */
export interface Complaint {
  /** Default: where the cursor stands. */
  readonly position?: number;
  /** One sentence: what was found and what was expected. */
  readonly message: string;
  readonly hint?: string;
}

/** Columns shown before and behind the place of an error; longer texts are cut. */
const shownBefore = 60;
const shownBehind = 30;

/** The error at a place of an override. */
export class OverrideError extends ExpError {
  /** In UTF-16 code units from the start of the text, at most its length. */
  readonly position: number;
  /** From 1, in characters. */
  readonly column: number;
  /** What was found and expected: the message without place and excerpt. */
  readonly problem: string;

  constructor(
    message: string,
    facts: { readonly position: number; readonly column: number; readonly complaint: Complaint },
  ) {
    const { hint } = facts.complaint;
    super("usage", message, hint === undefined ? {} : { hint });
    this.position = facts.position;
    this.column = facts.column;
    this.problem = facts.complaint.message;
  }
}

/** The error at a place: which override, column, sentence, then the text with a caret below the place. */
export function overrideError(cursor: Cursor, complaint: Complaint): OverrideError {
  const { text, index, name = `override ${index + 1}` } = cursor;
  const position = Math.min(complaint.position ?? cursor.position, text.length);
  const column = columns(text.slice(0, position)) + 1;
  const where = `${name}, column ${column}`;
  const before = shorten(text.slice(0, position), "start");
  const excerpt = before + shorten(text.slice(position), "end");
  const lines = [
    `${where}: ${complaint.message}`,
    `  ${excerpt}`,
    `  ${" ".repeat(columns(before))}^`,
  ];
  return new OverrideError(lines.join("\n"), { position, column, complaint });
}

/** What stands at the cursor, for "found …": a character, or the end. */
export function found(cursor: Cursor): string {
  const codePoint = cursor.text.codePointAt(cursor.position);
  if (codePoint === undefined) return "the end";
  const isInvisible = codePoint < 0x20 || (codePoint >= 0x7f && codePoint <= 0xa0);
  if (isInvisible || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
    return `the character U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
  }
  return `"${String.fromCodePoint(codePoint)}"`;
}

/** A word of the user in a message, cut where it is long. */
export function shortText(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40).replace(/[\ud800-\udbff]$/, "")}…` : text;
}

/** Tells whether the text goes on with `expected`. */
export function isAt(cursor: Cursor, expected: string): boolean {
  return cursor.text.startsWith(expected, cursor.position);
}

/** Moves past `expected` where the text goes on with it. */
export function skip(cursor: Cursor, expected: string): boolean {
  if (!isAt(cursor, expected)) return false;
  cursor.position += expected.length;
  return true;
}

/** Tells whether nothing, a comma or a closing bracket stands at the cursor. */
export function isEndOfValue({ text, position }: Cursor): boolean {
  return position >= text.length || ",]})".includes(text.charAt(position));
}

/** Moves past spaces and tabs. */
export function skipSpace(cursor: Cursor): void {
  while (isSpace(cursor.text.charCodeAt(cursor.position))) cursor.position++;
}

/** Tells spaces and tabs from anything else. */
export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Matches a sticky pattern at the cursor and moves past it. */
export function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.position;
  const text = pattern.exec(cursor.text)?.[0];
  if (text !== undefined) cursor.position += text.length;
  return text;
}

function shorten(text: string, cut: "start" | "end"): string {
  const limit = cut === "start" ? shownBefore : shownBehind;
  // A tab or a line break would move the caret away from its place.
  const visible = (part: string): string => part.replace(/[\u0000-\u001f\u007f-\u009f]/g, "·");
  if (text.length <= limit) return visible(text);
  return cut === "start" ? `…${visible(text.slice(-limit))}` : `${visible(text.slice(0, limit))}…`;
}

/** A character outside the basic plane takes two code units and one column. */
function columns(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0xdc00 || code > 0xdfff) count++;
  }
  return count;
}

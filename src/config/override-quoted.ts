/** Quoted texts of an override, with Hydra's escapes. */
import { found, isEndOfValue, overrideError, type Cursor } from "./override-cursor.ts";

/**
 * Reads a text in single or double quotes. Only the quote itself is escaped, by a backslash; backslashes count two by
 * two where they stand before a quote, and mean themselves anywhere else, so that Windows paths need no doubling.
 * @throws {ExpError} `usage` where the closing quote is missing.
 */
export function parseQuoted(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.position;
  const quote = text.charAt(start);
  let content = "";
  let from = start + 1;
  for (;;) {
    const end = text.indexOf(quote, from);
    if (end < 0) {
      const message = `the text in ${quote === "'" ? "single" : "double"} quotes has no end.`;
      throw overrideError(cursor, { position: start, message });
    }
    const numBackslashes = backslashesBefore(text, end, from);
    content += text.slice(from, end - Math.ceil(numBackslashes / 2));
    from = end + 1;
    if (numBackslashes % 2 === 0) break;
    content += quote;
  }
  cursor.position = from;
  return content;
}

/**
 * Refuses anything but the end of a value behind a closing quote: quoted texts are not joined to others.
 * @throws {ExpError} `usage`
 */
export function requireEndOfValue(cursor: Cursor): void {
  if (isEndOfValue(cursor)) return;
  throw overrideError(cursor, {
    message: `a quoted text is a whole value, but ${found(cursor)} follows it.`,
    hint: "Put everything inside the quotes.",
  });
}

function backslashesBefore(text: string, end: number, from: number): number {
  let start = end;
  while (start > from && text.charAt(start - 1) === "\\") start--;
  return end - start;
}

/** Quoted texts of an override, with Hydra's escapes, and the references in them. */
import type { TextPart } from "./override-tree.ts";
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
 * The literal parts and the references of a quoted text; `undefined` where the text means itself. Backslashes count two
 * by two before `${`, and an odd one makes it literal, as in OmegaConf.
 * @param position - Where the text stands, for errors.
 */
export function quotedParts(text: string, position: number): readonly TextPart[] | undefined {
  if (!text.includes("${")) return undefined;
  const parts: TextPart[] = [];
  let literal = "";
  let from = 0;
  for (;;) {
    const at = text.indexOf("${", from);
    if (at < 0) break;
    const numBackslashes = backslashesBefore(text, at, from);
    literal += text.slice(from, at - Math.ceil(numBackslashes / 2));
    if (numBackslashes % 2 === 1) {
      literal += "${";
      from = at + 2;
      continue;
    }
    const end = endOfReference(text, at);
    if (literal !== "") parts.push(literal);
    const isClosed = end < text.length;
    parts.push({ reference: text.slice(isClosed ? at + 2 : at, end), position }); // "${…" is no path
    literal = "";
    from = end + 1;
  }
  literal += text.slice(from);
  return literal === "" ? parts : [...parts, literal];
}

/** The place of the `}` that closes a reference, over nested braces; the end of the text where there is none. */
function endOfReference(text: string, start: number): number {
  let depth = 0;
  for (let position = start; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === 0x7b) depth++;
    else if (code === 0x7d && --depth === 0) return position;
  }
  return text.length;
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

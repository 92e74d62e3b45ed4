/** Values that stand without quotes: null, booleans, numbers, and texts. */
import { found, isAt, isSpace, overrideError, type Cursor } from "./override-cursor.ts";

/** An unquoted text: outer spaces gone, escapes resolved. */
export interface PlainText {
  readonly text: string;
  /** Escapes make a text of what would be a number otherwise. */
  readonly hasEscapes: boolean;
}

/** ASCII characters that need neither quotes nor a backslash; letters and digits of any script are added below. */
const plainSigns = "/-+.$%*@?|:=_ \t";
const isPlainAscii = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9]/.test(String.fromCharCode(code)) || plainSigns.includes(String.fromCharCode(code))
    ? 1
    : 0,
);
/** What a backslash makes literal; before anything else it means itself. */
const escapable = "\\()[]{}:=, \t";
const backslash = 0x5c;
const endsOfValue = ",]})";

/**
 * Reads up to a comma, a closing bracket or the end.
 * @param isDictKey - Stops at a colon too.
 * @throws {ExpError} `usage` at a character that has to be quoted.
 */
export function scanPlain(cursor: Cursor, isDictKey: boolean): PlainText {
  const start = cursor.position;
  skipPlain(cursor, isDictKey);
  if (cursor.text.charCodeAt(cursor.position) === backslash) {
    cursor.position = start;
    return scanEscaped(cursor, isDictKey);
  }
  requireEnd(cursor, isDictKey);
  const end = solidLength(cursor.text, start, cursor.position);
  return { text: cursor.text.slice(start, end), hasEscapes: false };
}

function scanEscaped(cursor: Cursor, isDictKey: boolean): PlainText {
  const { text } = cursor;
  let content = "";
  let numSolid = 0; // length of `content` without spaces at its end, unless they were escaped
  let hasEscapes = false;
  for (;;) {
    const start = cursor.position;
    skipPlain(cursor, isDictKey);
    content += text.slice(start, cursor.position);
    numSolid = solidLength(content, numSolid, content.length);
    if (text.charCodeAt(cursor.position) !== backslash) break;
    const next = text.charAt(cursor.position + 1);
    const isEscape = next !== "" && escapable.includes(next);
    content += isEscape ? next : "\\";
    cursor.position += isEscape ? 2 : 1;
    hasEscapes ||= isEscape;
    numSolid = content.length;
  }
  requireEnd(cursor, isDictKey);
  return { text: content.slice(0, numSolid), hasEscapes };
}

/** What an unquoted text means: null, a boolean, a number, or the text. */
export function plainValue(cursor: Cursor, plain: PlainText, position: number): unknown {
  const { text, hasEscapes } = plain;
  if (hasEscapes || text.length === 0) return text;
  const first = text.charCodeAt(0);
  if (first <= 0x39)
    return first === 0x24 || first === 0x25 ? text : numberOrText(cursor, text, position);
  return text.length > 5 ? text : wordValue(cursor, text, position);
}

function wordValue(cursor: Cursor, text: string, position: number): unknown {
  switch (text.toLowerCase()) {
    case "null":
      return null;
    case "true":
      return true;
    case "false":
      return false;
    case "inf":
    case "nan":
      throw notFinite(cursor, text, position);
    default:
      return text;
  }
}

const integer = /^[+-]?(?:0|[1-9](?:_?\d)*)$/;
const float =
  /^[+-]?(?:(?:(?:0|[1-9](?:_?\d)*)?\.\d(?:_?\d)*|(?:0|[1-9](?:_?\d)*)\.?)(?:[eE][+-]?\d(?:_?\d)*)?)$/;

function numberOrText(cursor: Cursor, text: string, position: number): unknown {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text); // nearly all; the rest costs more
  if (/^[+-](?:inf|nan)$/i.test(text)) throw notFinite(cursor, text, position);
  const isInteger = integer.test(text);
  if (!isInteger && !float.test(text)) return text;
  const value = Number(text.replaceAll("_", ""));
  const isLost = value === 0 && /[1-9]/.test(text.split(/e/i, 1)[0] ?? "");
  if (!Number.isFinite(value) || isLost || (isInteger && !Number.isSafeInteger(value))) {
    throw overrideError(cursor, {
      position,
      message: "this number cannot be held exactly enough: JSON's numbers are 64-bit floats.",
      hint: "Quote it if it is meant as text.",
    });
  }
  return value === 0 ? 0 : value; // no negative zero
}

function notFinite(cursor: Cursor, text: string, position: number): Error {
  return overrideError(cursor, {
    position,
    message: `${text} is not a value that a config can hold: its numbers are finite.`,
    hint: "Quote it if it is meant as text.",
  });
}

function skipPlain(cursor: Cursor, isDictKey: boolean): void {
  const { text } = cursor;
  let { position } = cursor;
  for (; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code < 128 ? isPlainAscii[code] === 0 : !isPlainUnicode(code)) break;
    if (code === 0x3a && isDictKey) break;
    if (code === 0x24 && text.charCodeAt(position + 1) === 0x7b) break; // ${
  }
  cursor.position = position;
}

/**
 * Everything beyond ASCII that can be seen and is not an easy mistake: typographic quotes come from pasting, and
 * invisible characters (spaces, line breaks, direction marks, a byte order mark) would be a riddle in a config.
 */
function isPlainUnicode(code: number): boolean {
  if (code <= 0xa0 || code === 0xad || code === 0x3000 || code >= 0xfff9) return false;
  if (code >= 0x2000 && code <= 0x206f)
    return code >= 0x2010 && !(code >= 0x2018 && code <= 0x202f);
  return code !== 0xfeff && code !== 0x1680;
}

function requireEnd(cursor: Cursor, isDictKey: boolean): void {
  const next = cursor.text.charAt(cursor.position);
  if (next === "" || endsOfValue.includes(next) || (isDictKey && next === ":")) return;
  if (isAt(cursor, "${")) {
    throw overrideError(cursor, {
      message: "references (${…}) are not known here.",
      hint: "Quote the text if it is meant literally.",
    });
  }
  throw overrideError(cursor, {
    message: `${found(cursor)} cannot stand in a text without quotes.`,
    hint: "Quote the whole value, and protect the quotes from the shell: 'data.path=\"a & b\"'.",
  });
}

/** Where the text before `end` stops being spaces, not before `from`. */
function solidLength(text: string, from: number, end: number): number {
  let length = end;
  while (length > from && isSpace(text.charCodeAt(length - 1))) length--;
  return length;
}

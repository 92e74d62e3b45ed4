/** Values that stand without quotes: null, booleans, numbers, texts, and texts with references. */
import {
  found,
  isAt,
  isEndOfValue,
  isSpace,
  match,
  overrideError,
  type Cursor,
} from "./override-cursor.ts";
import type { KeyNode, TextNode, TextPart } from "./override-tree.ts";

/** An unquoted text: outer spaces gone, escapes resolved. */
export interface PlainText {
  readonly text: string;
  /** Escapes make a text of what would be a number otherwise. */
  readonly hasEscapes: boolean;
  /** Present where the text has references. */
  readonly parts?: readonly TextPart[];
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
const reference = /\$\{([^{}]+)\}/y;

/**
 * Reads up to a comma, a closing bracket or the end.
 * @param isDictKey - Stops at a colon too, and takes no references.
 * @throws {ExpError} `usage` at a character that has to be quoted.
 */
export function scanPlain(cursor: Cursor, isDictKey: boolean): PlainText {
  const start = cursor.position;
  skipPlain(cursor, isDictKey);
  const isSimple =
    cursor.text.charCodeAt(cursor.position) !== backslash && (isDictKey || !isAt(cursor, "${"));
  if (!isSimple) {
    cursor.position = start;
    return scanPieces(cursor, isDictKey);
  }
  requireEnd(cursor, isDictKey);
  const end = solidLength(cursor.text, start, cursor.position);
  return { text: cursor.text.slice(start, end), hasEscapes: false };
}

/** The content of a text in pieces: literals as they stand, escapes, references. */
class Pieces {
  hasEscapes = false;
  #text = "";
  /** Length of the text without spaces at its end, unless they were escaped. */
  #numSolid = 0;
  /** What stands behind the last reference. */
  #literal = "";
  readonly #parts: TextPart[] = [];

  addLiteral(text: string): void {
    const numSolid = solidLength(text, 0, text.length);
    if (numSolid > 0) this.#numSolid = this.#text.length + numSolid;
    this.#text += text;
    this.#literal += text;
  }

  addEscaped(character: string): void {
    this.#text += character;
    this.#literal += character;
    this.#numSolid = this.#text.length;
  }

  addReference(name: string, position: number): void {
    this.#text += `\${${name}}`;
    this.#numSolid = this.#text.length;
    if (this.#literal !== "") this.#parts.push(this.#literal);
    this.#parts.push({ reference: name, position });
    this.#literal = "";
  }

  end(): PlainText {
    const { hasEscapes } = this;
    const numSpaces = this.#text.length - this.#numSolid;
    const text = this.#text.slice(0, this.#numSolid);
    if (this.#parts.length === 0) return { text, hasEscapes };
    const rest = this.#literal.slice(0, this.#literal.length - numSpaces);
    const parts = rest === "" ? this.#parts : [...this.#parts, rest];
    return { text, hasEscapes, parts };
  }
}

function scanPieces(cursor: Cursor, isDictKey: boolean): PlainText {
  const { text } = cursor;
  const pieces = new Pieces();
  for (;;) {
    const start = cursor.position;
    skipPlain(cursor, isDictKey);
    if (cursor.position > start) pieces.addLiteral(text.slice(start, cursor.position));
    if (text.charCodeAt(cursor.position) === backslash) {
      const at = cursor.position;
      pieces.addEscaped(scanEscape(cursor));
      pieces.hasEscapes ||= cursor.position > at + 1;
    } else if (!isDictKey && isAt(cursor, "${")) {
      const at = cursor.position;
      pieces.addReference(scanReference(cursor), at + 2);
    } else break;
  }
  requireEnd(cursor, isDictKey);
  return pieces.end();
}

/** What a backslash makes literal: a sign, or a whole reference; before anything else it stands for itself. */
function scanEscape(cursor: Cursor): string {
  cursor.position++;
  if (isAt(cursor, "${")) return `\${${scanReference(cursor)}}`;
  const next = cursor.text.charAt(cursor.position);
  if (next === "" || !escapable.includes(next)) return "\\";
  cursor.position++;
  return next;
}

function scanReference(cursor: Cursor): string {
  const whole = match(cursor, reference);
  if (whole !== undefined) return whole.slice(2, -1);
  throw overrideError(cursor, {
    message: "this reference has no end: expected ${path}.",
    hint: "Quote the text if it is meant literally, with a backslash before the $.",
  });
}

/** What an unquoted text means: null, a boolean, a number, or the text. */
export function plainNode({ text, hasEscapes, parts }: PlainText, position: number): KeyNode {
  if (parts !== undefined) return { kind: "text", text, written: text, parts, position };
  const isText = hasEscapes || text.length === 0;
  return (isText ? undefined : typedNode(text, position)) ?? plainTextNode(text, position);
}

function plainTextNode(text: string, position: number): TextNode {
  return { kind: "text", text, written: text, position };
}

function typedNode(written: string, position: number): KeyNode | undefined {
  const first = written.charCodeAt(0);
  if (first > 0x39) return written.length > 5 ? undefined : wordNode(written, position);
  const isSign = first === 0x2b || first === 0x2d;
  if (!isSign && first !== 0x2e && first < 0x30) return undefined;
  return numberNode(written, position);
}

function wordNode(written: string, position: number): KeyNode | undefined {
  switch (written.toLowerCase()) {
    case "null":
      return { kind: "null", written, position };
    case "true":
    case "false":
      return { kind: "boolean", value: written.length === 4, written, position };
    case "inf":
      return { kind: "float", value: Infinity, written, position };
    case "nan":
      return { kind: "float", value: Number.NaN, written, position };
    default:
      return undefined;
  }
}

const integer = /^[+-]?(?:0|[1-9](?:_?\d)*)$/;
const float =
  /^[+-]?(?:(?:(?:0|[1-9](?:_?\d)*)?\.\d(?:_?\d)*|(?:0|[1-9](?:_?\d)*)\.?)(?:[eE][+-]?\d(?:_?\d)*)?)$/;

function numberNode(written: string, position: number): KeyNode | undefined {
  if (/^[1-9]\d{0,14}$/.test(written)) {
    return { kind: "integer", value: Number(written), written, position }; // nearly all; the rest costs more
  }
  if (integer.test(written)) return writtenInteger(written, position);
  if (float.test(written)) {
    return { kind: "float", value: Number(written.replaceAll("_", "")), written, position };
  }
  if (!/^[+-](?:inf|nan)$/i.test(written)) return undefined;
  const size = /nan$/i.test(written) ? Number.NaN : Infinity;
  return { kind: "float", value: written.startsWith("-") ? -size : size, written, position };
}

function writtenInteger(written: string, position: number): KeyNode {
  const digits = written.replaceAll("_", "");
  const value = Number(digits) + 0; // no negative zero
  if (Number.isSafeInteger(value)) return { kind: "integer", value, written, position };
  return { kind: "integer", value: BigInt(digits.replace("+", "")), written, position };
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
  if (isEndOfValue(cursor) || (isDictKey && isAt(cursor, ":"))) return;
  if (isAt(cursor, "${")) {
    throw overrideError(cursor, { message: "a key cannot hold a reference (${…})." });
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

/** The value of an override: plain and quoted values, lists, objects, calls, and comma sweeps. */
import { createMarker, markerData } from "./markers.ts";
import { evaluateCall, requireKnownFunction, type CallArgument } from "./override-call.ts";
import {
  found,
  isAt,
  match,
  overrideError,
  skip,
  skipSpace,
  type Cursor,
} from "./override-cursor.ts";
import { refuseForbiddenKey } from "./override-key.ts";
import { plainValue, scanPlain } from "./override-plain.ts";
import { parseQuoted, requireEndOfValue } from "./override-quoted.ts";

/** Deeper values are slips or attacks; the parser calls itself once a level. */
const maxDepth = 100;

const callStart = /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/y;
const argumentName = /[A-Za-z_][A-Za-z0-9_]*[ \t]*=/y;

/**
 * What was written for the values that stand without quotes, in the shape of the whole: a list for a list or a choice, a
 * map for an object. `1.50` is a number and means its text where a text must stand.
 */
export type Written = string | undefined | readonly Written[] | ReadonlyMap<string, Written>;

/** A value with what was written for it. */
export interface ParsedValue {
  /** A JSON value, or a choice or range marker. */
  readonly value: unknown;
  readonly written: Written;
}

/**
 * Reads the rest of the text as one value; several with commas between them are a `choice`.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseValue(cursor: Cursor): ParsedValue {
  skipSpace(cursor);
  if (cursor.position >= cursor.text.length) return asText(""); // `key=` is the empty text
  const start = cursor.position;
  const first = parseElement(cursor, 0);
  if (!isAt(cursor, ",")) {
    requireEnd(cursor);
    return first;
  }
  const values = [whole(cursor, first, start)];
  while (skip(cursor, ",")) {
    skipSpace(cursor);
    const position = cursor.position;
    values.push(whole(cursor, parseElement(cursor, 0), position));
  }
  requireEnd(cursor);
  const { value, written } = listOf(values);
  return {
    value: createMarker({ kind: "choice", values: value, call: place(cursor, start) }),
    written,
  };
}

/**
 * Reads one value that is a part of a longer text, up to a comma or a closing bracket.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseValuePart(cursor: Cursor): ParsedValue {
  return parseElement(cursor, 0);
}

function asText(value: string): ParsedValue {
  return { value, written: undefined };
}

function listOf(items: readonly ParsedValue[]): {
  readonly value: readonly unknown[];
  readonly written: readonly Written[];
} {
  return {
    value: Object.freeze(items.map(({ value }) => value)),
    written: items.map(({ written }) => written),
  };
}

/** The call site of a marker that was written on the command line. */
function place(cursor: Cursor, position: number): { file: string; line: number; column: number } {
  return { file: "command line", line: cursor.index + 1, column: position + 1 };
}

function requireEnd(cursor: Cursor): void {
  if (cursor.position >= cursor.text.length) return;
  throw overrideError(cursor, {
    message: `expected a comma or the end, found ${found(cursor)}.`,
    hint: "Quote the value if it is a text.",
  });
}

function parseElement(cursor: Cursor, depth: number): ParsedValue {
  if (depth > maxDepth) {
    throw overrideError(cursor, { message: `values may be nested ${maxDepth} deep at most.` });
  }
  skipSpace(cursor);
  const parsed = parseOne(cursor, depth);
  skipSpace(cursor);
  return parsed;
}

function parseOne(cursor: Cursor, depth: number): ParsedValue {
  const start = cursor.position;
  switch (cursor.text.charAt(start)) {
    case "[":
      return parseList(cursor, depth);
    case "{":
      return parseObject(cursor, depth);
    case "'":
    case '"': {
      const text = parseQuoted(cursor);
      skipSpace(cursor);
      requireEndOfValue(cursor);
      return asText(text);
    }
    case "":
    case ",":
    case "]":
    case "}":
    case ")":
      throw overrideError(cursor, { message: `expected a value, found ${found(cursor)}.` });
    default: {
      const name = isWordStart(cursor.text.charCodeAt(start))
        ? match(cursor, callStart)
        : undefined;
      if (name !== undefined)
        return parseCall(cursor, { name: name.slice(0, -1).trim(), start, depth });
      const plain = scanPlain(cursor, false);
      return { value: plainValue(cursor, plain, start), written: plain.text };
    }
  }
}

/** Spares the pattern for a call where a number stands. */
function isWordStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

function parseList(cursor: Cursor, depth: number): ParsedValue {
  const items: ParsedValue[] = [];
  const bracket = { open: cursor.position++, close: "]" };
  skipSpace(cursor);
  while (!skip(cursor, "]")) {
    const start = cursor.position;
    items.push(whole(cursor, parseElement(cursor, depth + 1), start));
    separate(cursor, bracket);
  }
  return listOf(items);
}

function parseObject(cursor: Cursor, depth: number): ParsedValue {
  const entries: Record<string, unknown> = {};
  const written = new Map<string, Written>();
  const bracket = { open: cursor.position++, close: "}" };
  skipSpace(cursor);
  while (!skip(cursor, "}")) {
    const key = parseObjectKey(cursor, entries);
    const start = cursor.position;
    const item = whole(cursor, parseElement(cursor, depth + 1), start);
    entries[key] = item.value;
    written.set(key, item.written);
    separate(cursor, bracket);
  }
  return { value: Object.freeze(entries), written };
}

function parseObjectKey(cursor: Cursor, entries: Readonly<Record<string, unknown>>): string {
  const start = cursor.position;
  const isQuoted = isAt(cursor, "'") || isAt(cursor, '"');
  const key = isQuoted ? parseQuoted(cursor) : scanPlain(cursor, true).text;
  if (key === "" && !isQuoted) {
    throw overrideError(cursor, { message: `expected a key, found ${found(cursor)}.` });
  }
  refuseForbiddenKey(cursor, key, start);
  if (Object.hasOwn(entries, key)) {
    throw overrideError(cursor, {
      position: start,
      message: `the key "${key}" stands here twice.`,
    });
  }
  skipSpace(cursor);
  if (!skip(cursor, ":")) {
    throw overrideError(cursor, {
      message: `expected ":" behind the key, found ${found(cursor)}.`,
    });
  }
  return key;
}

/** Moves past the comma behind an item; the last one may have a comma too. */
function separate(
  cursor: Cursor,
  bracket: { readonly open: number; readonly close: string },
): void {
  skipSpace(cursor);
  if (skip(cursor, ",")) {
    skipSpace(cursor);
    return;
  }
  if (isAt(cursor, bracket.close)) return;
  if (cursor.position >= cursor.text.length) {
    const message = `this bracket has no end: expected "${bracket.close}".`;
    throw overrideError(cursor, { position: bracket.open, message });
  }
  const message = `expected a comma or "${bracket.close}", found ${found(cursor)}.`;
  throw overrideError(cursor, { message });
}

function parseCall(
  cursor: Cursor,
  call: { readonly name: string; readonly start: number; readonly depth: number },
): ParsedValue {
  requireKnownFunction(cursor, call.name, call.start);
  const parameters: CallArgument[] = [];
  const written: Written[] = [];
  const open = cursor.position - 1;
  skipSpace(cursor);
  while (!skip(cursor, ")")) {
    const position = cursor.position;
    const name = match(cursor, argumentName)?.slice(0, -1).trim();
    const item = whole(cursor, parseElement(cursor, call.depth + 1), position);
    const { value } = item;
    parameters.push(name === undefined ? { value, position } : { name, value, position });
    written.push(item.written);
    separate(cursor, { open, close: ")" });
  }
  skipSpace(cursor);
  const { name, start } = call;
  const value = evaluateCall(cursor, {
    name,
    parameters,
    position: start,
    call: place(cursor, start),
  });
  return { value, written };
}

/** A sweep is a whole value: inside another value it would not say what varies with what. */
function whole(cursor: Cursor, parsed: ParsedValue, position: number): ParsedValue {
  const marker = markerData(parsed.value);
  if (!marker) return parsed;
  throw overrideError(cursor, {
    position,
    message: `${marker.kind}(…) has to be the whole value, not a part of one.`,
  });
}

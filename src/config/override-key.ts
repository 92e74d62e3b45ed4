/** The path before the `=` of an override: plain keys with dots, list indices and other keys in brackets. */
import type { Path } from "../core/path.ts";
import { found, isAt, match, overrideError, skip, type Cursor } from "./override-cursor.ts";
import { parseQuoted } from "./override-quoted.ts";

const plainKey = /[\p{L}_$][\p{L}\p{N}_$-]*/uy;
const listIndex = /0(?!\d)|[1-9]\d{0,14}(?!\d)/y;
const jsonText = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;

/** Names that reach into JavaScript's own objects; no config needs them. */
const forbiddenKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Reads a path up to and with the `=` behind it.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseKey(cursor: Cursor): Path {
  const path: (string | number)[] = [firstPart(cursor)];
  while (!skip(cursor, "=")) path.push(nextPart(cursor));
  refuseMinusOperator(cursor);
  return path;
}

/**
 * Refuses keys that reach into JavaScript's own objects.
 * @throws {ExpError} `usage`
 */
export function refuseForbiddenKey(cursor: Cursor, key: string, position: number): void {
  if (!forbiddenKeys.has(key)) return;
  throw overrideError(cursor, { position, message: `"${key}" cannot be the key of a config.` });
}

function firstPart(cursor: Cursor): string | number {
  if (isAt(cursor, "[")) return bracketPart(cursor);
  const key = plainPart(cursor);
  if (key !== undefined) return key;
  const expected = "expected the path of a value, such as optimizer.learningRate";
  throw overrideError(cursor, { message: `${expected}, found ${found(cursor)}.` });
}

function nextPart(cursor: Cursor): string | number {
  if (isAt(cursor, "[")) return bracketPart(cursor);
  if (!skip(cursor, ".")) throw unexpected(cursor);
  const key = plainPart(cursor);
  if (key !== undefined) return key;
  const isIndex = /^\d/.test(cursor.text.slice(cursor.position, cursor.position + 1));
  throw overrideError(cursor, {
    message: `expected a key behind the dot, found ${found(cursor)}.`,
    ...(isIndex && {
      hint: 'List indices stand in brackets: layers[0]. Other keys too: weights["0"].',
    }),
  });
}

function plainPart(cursor: Cursor): string | undefined {
  const start = cursor.position;
  const key = match(cursor, plainKey);
  if (key !== undefined) refuseForbiddenKey(cursor, key, start);
  return key;
}

function bracketPart(cursor: Cursor): string | number {
  cursor.position++;
  const start = cursor.position;
  const part = bracketContent(cursor);
  if (part === undefined) {
    const expected = "expected a list index from 0 or a quoted key";
    throw overrideError(cursor, { message: `${expected}, found ${found(cursor)}.` });
  }
  if (typeof part === "string") refuseForbiddenKey(cursor, part, start);
  if (skip(cursor, "]")) return part;
  throw overrideError(cursor, { message: `expected "]", found ${found(cursor)}.` });
}

function bracketContent(cursor: Cursor): string | number | undefined {
  const index = match(cursor, listIndex);
  if (index !== undefined) return Number(index);
  const json = match(cursor, jsonText); // as `formatPath` prints keys
  if (json !== undefined) return String(JSON.parse(json));
  return isAt(cursor, "'") ? parseQuoted(cursor) : undefined;
}

/** `-` may be part of a key, so `tags-=x` reads as the key `tags-`: nobody means that. */
function refuseMinusOperator(cursor: Cursor): void {
  const position = cursor.position - 2;
  if (cursor.text[position] === "-") throw overrideError(cursor, operatorComplaint("-=", position));
}

function unexpected(cursor: Cursor): Error {
  for (const operator of ["+=", ":="]) {
    if (isAt(cursor, operator)) return overrideError(cursor, operatorComplaint(operator));
  }
  const message = `expected "=", "." or "[" behind the key, found ${found(cursor)}.`;
  if (isAt(cursor, "/")) {
    return overrideError(cursor, { message, hint: "Paths have dots: optimizer.learningRate." });
  }
  if (isAt(cursor, "@")) {
    return overrideError(cursor, { message, hint: "There are no packages: name the path itself." });
  }
  return overrideError(cursor, { message });
}

function operatorComplaint(
  operator: string,
  position?: number,
): { message: string; position?: number } {
  const message = `the operator ${operator} is not known here; expected "=", or "+" or "++" before the path.`;
  return position === undefined ? { message } : { message, position };
}

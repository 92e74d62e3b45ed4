/**
 * The path of an override and the operator behind it: plain keys and list indices with dots, indices and other keys in
 * brackets. Hydra's `db/engine` is the path `db.engine`.
 */
import type { Path } from "../core/path.ts";
import {
  found,
  isAt,
  match,
  overrideError,
  skip,
  type Complaint,
  type Cursor,
} from "./override-cursor.ts";
import { parseQuoted } from "./override-quoted.ts";

const plainKey = /[\p{L}_$][\p{L}\p{N}_$-]*/uy;
const listIndex = /0(?!\d)|[1-9]\d{0,14}(?!\d)/y;
const dottedIndex = /(?:0|[1-9]\d{0,14})(?![\p{L}\p{N}_$-])/uy;
const jsonText = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;

/** Names that reach into JavaScript's own objects; no config needs them. */
const forbiddenKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Deeper than any config. */
const maxParts = 100;

/** What stands between the path of an override and its value. */
export type Operator = "=" | "+=" | "-=" | ":=";

/** Longest first; `-` may be part of a key, so that one is looked for at its end. */
const operators: readonly Operator[] = ["+=", "-=", ":=", "="];

/**
 * Reads a path; the cursor stops behind it.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseKey(cursor: Cursor): Path {
  const path: (string | number)[] = [firstPart(cursor)];
  if (isAt(cursor, "/") && isWord(path[0])) return groupPath(cursor, path);
  for (;;) {
    if (path.length > maxParts) {
      throw overrideError(cursor, { message: `a path has at most ${maxParts} parts.` });
    }
    if (isAt(cursor, "[")) path.push(bracketPart(cursor));
    else if (skip(cursor, ".")) path.push(partBehindDot(cursor));
    else return path;
  }
}

/** Moves past the operator behind a path, or gives `undefined` where none stands there. */
export function parseOperator(cursor: Cursor): Operator | undefined {
  return operators.find((operator) => skip(cursor, operator));
}

/** The error for anything else than an operator behind a path. */
export function operatorExpected(cursor: Cursor): Error {
  const message = `expected "=", "." or "[" behind the key, found ${found(cursor)}.`;
  const hints: readonly (readonly [string, string])[] = [
    ["/", "Paths have dots: optimizer.learningRate."],
    ["@", "There are no packages: name the path itself."],
    [":", "A value stands behind =: optimizer.learningRate=3e-4."],
    [",", "Write an argument for each path: ~one ~other."],
    [" ", "No spaces around the operator: optimizer.learningRate=3e-4."],
  ];
  const hint = hints.find(([start]) => isAt(cursor, start))?.[1];
  const complaint: Complaint = hint === undefined ? { message } : { message, hint };
  return overrideError(cursor, complaint);
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

function partBehindDot(cursor: Cursor): string | number {
  const part = plainPart(cursor) ?? match(cursor, dottedIndex);
  if (part !== undefined) return typeof part === "string" && /^\d/.test(part) ? Number(part) : part;
  throw overrideError(cursor, {
    message: `expected a key or a list index behind the dot, found ${found(cursor)}.`,
  });
}

function isWord(part: string | number | undefined): boolean {
  return typeof part === "string" && /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(part);
}

/** Hydra's name of a group of configs, `db/engine`: plain words with slashes, and nothing else. */
function groupPath(cursor: Cursor, path: (string | number)[]): Path {
  while (skip(cursor, "/")) {
    const part = plainPart(cursor);
    if (part === undefined) {
      const message = `expected a key behind the slash, found ${found(cursor)}.`;
      throw overrideError(cursor, { message });
    }
    path.push(part);
  }
  return path;
}

function plainPart(cursor: Cursor): string | undefined {
  const start = cursor.position;
  const key = match(cursor, plainKey);
  if (key === undefined) return undefined;
  const isOperator = key.length > 1 && key.endsWith("-") && isAt(cursor, "=");
  if (isOperator) cursor.position--; // `tags-=x` takes from `tags`; a key `tags-` has to be quoted
  const part = isOperator ? key.slice(0, -1) : key;
  refuseForbiddenKey(cursor, part, start);
  return part;
}

function bracketPart(cursor: Cursor): string | number {
  cursor.position++;
  const start = cursor.position;
  const part = bracketContent(cursor);
  if (typeof part === "string" && /\p{Surrogate}/u.test(part)) {
    throw overrideError(cursor, {
      position: start,
      message: "this key is not well-formed Unicode.",
    });
  }
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

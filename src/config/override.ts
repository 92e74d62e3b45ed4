/**
 * Overrides of the command line, `optimizer.learningRate=3e-4`: Hydra's value grammar, read by hand so that every error
 * has its position. Differs from Hydra: brackets in paths, letters of any script, `:` and `=` in unquoted texts, quoted
 * keys, trailing commas, and the operators `+= -= :=` are accepted; keys that stand twice are refused.
 * @see Hydra 1.3, "Basic Override syntax" and "Extended Override syntax".
 */
import type { Path } from "../core/path.ts";
import {
  found,
  isEndOfValue,
  overrideError,
  skip,
  skipSpace,
  type Cursor,
} from "./override-cursor.ts";
import { operatorExpected, parseKey, parseOperator, type Operator } from "./override-key.ts";
import { parseValue, parseValuePart, type ParsedValue, type Written } from "./override-value.ts";

/** What an override does with the value at its path. */
export type Operation =
  | "set" // `key=v`: what is there changes
  | "add" // `+key=v`: nothing may be there yet
  | "forceAdd" // `++key=v`: either
  | "append" // `key+=v`: items at the end of a list
  | "subtract" // `key-=v`: items out of a list
  | "replace" // `key:=v`: not merged into what is there
  | "remove"; // `~key`, or `~key=v` where the value is v

/** One parsed override. */
export interface Override {
  /** As it was written. */
  readonly text: string;
  /** Its place among the arguments of the command line, from 0. */
  readonly index: number;
  readonly operation: Operation;
  /** Dotted indices (`layers.0`) are numbers, like those in brackets. */
  readonly key: Path;
  /** Frozen JSON, or markers in place of values and inside of them; `undefined` for `~key`. */
  readonly value: unknown;
  /** False for `~key` alone. */
  readonly hasValue: boolean;
  /** The text of each value in it that stood without quotes, for fields that take texts. */
  readonly written: Written;
}

/**
 * Reads one override.
 * @param text - One argument of the command line.
 * @param index - Its place among the arguments, from 0; errors say it.
 * @throws {ExpError} `usage`: what was found and expected, the text, and a caret under the position.
 */
export function parseOverride(text: string, index: number): Override {
  const cursor: Cursor = { text, index, position: 0 };
  requireWellFormed(cursor);
  return toOverride(cursor, parseHead(cursor, { isPart: false }), parseValue);
}

/**
 * Reads an override that is a part of a longer text, up to a comma or a closing bracket.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseOverridePart(cursor: Cursor): Override {
  return toOverride(cursor, parseHead(cursor, { isPart: true }), parseValuePart);
}

function toOverride(
  cursor: Cursor,
  head: OverrideHead,
  readValue: (cursor: Cursor) => ParsedValue,
): Override {
  const { operation, key, hasValue } = head;
  const { value, written } = hasValue
    ? readValue(cursor)
    : { value: undefined, written: undefined };
  const isWhole = head.start === 0 && cursor.position >= cursor.text.length;
  const text = isWhole ? cursor.text : cursor.text.slice(head.start, cursor.position).trim();
  return Object.freeze({ text, index: cursor.index, operation, key, value, hasValue, written });
}

/** An override up to its value. */
export interface OverrideHead {
  readonly operation: Operation;
  readonly key: Path;
  /** The key as it was written. */
  readonly keyText: string;
  readonly hasValue: boolean;
  /** Where the override starts in the text. */
  readonly start: number;
}

/**
 * Reads operation and path; the cursor stops where the value starts.
 * @param options - `isPart`: whether a comma or a closing bracket may end it, as inside of `zip(…)`.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseHead(cursor: Cursor, { isPart }: { readonly isPart: boolean }): OverrideHead {
  const start = cursor.position;
  const prefix = prefixes.find(([sign]) => skip(cursor, sign));
  const keyStart = cursor.position;
  const key = Object.freeze(parseKey(cursor));
  const keyEnd = cursor.position;
  const keyText = cursor.text.slice(keyStart, keyEnd);
  const operator = parseOperator(cursor);
  if (operator === undefined) {
    if (prefix?.[1] !== "remove") throw operatorExpected(cursor);
    skipSpace(cursor);
    const isEnd = isPart ? isEndOfValue(cursor) : cursor.position >= cursor.text.length;
    if (!isEnd) throw operatorExpected(cursor);
    return { operation: "remove", key, keyText, hasValue: false, start };
  }
  if (prefix !== undefined && operator !== "=") {
    const message = `"${prefix[0]}" before the path and "${operator}" behind it contradict each other.`;
    throw overrideError(cursor, { position: keyEnd, message, hint: "Write one of the two." });
  }
  const operation = prefix?.[1] ?? operations[operator];
  return { operation, key, keyText, hasValue: true, start };
}

const prefixes: readonly (readonly [sign: string, operation: Operation])[] = [
  ["++", "forceAdd"],
  ["+", "add"],
  ["~", "remove"],
];

const operations: Readonly<Record<Operator, Operation>> = {
  "=": "set",
  "+=": "append",
  "-=": "subtract",
  ":=": "replace",
};

/**
 * Refuses texts with halves of characters: JSON and files cannot hold them.
 * @throws {ExpError} `usage`
 */
export function requireWellFormed(cursor: Cursor): void {
  const position = cursor.text.search(/\p{Surrogate}/u);
  if (position < 0) return;
  const message = `this text is not well-formed Unicode: ${found({ ...cursor, position })} is half a character.`;
  throw overrideError(cursor, { position, message });
}

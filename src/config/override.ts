/**
 * Overrides of the command line, `optimizer.learningRate=3e-4`: Hydra's value grammar, read by hand so that every error
 * has its position. Differs from Hydra: brackets in paths, letters of any script, `:` and `=` in unquoted texts and a
 * trailing comma in lists are accepted; infinities, not-a-numbers, keys that stand twice and integers that 64-bit floats
 * cannot hold are refused.
 * @see Hydra 1.3, "Basic Override syntax" and "Extended Override syntax".
 */
import type { Path } from "../core/path.ts";
import { overrideError, skip, type Cursor } from "./override-cursor.ts";
import { parseKey } from "./override-key.ts";
import { parseValue, type Written } from "./override-value.ts";

/** One parsed override. */
export interface Override {
  /** As it was written. */
  readonly text: string;
  /** Its place among the overrides of the command line, from 0. */
  readonly index: number;
  /** `key=` changes what is there, `+key=` adds what is not, `++key=` does either. */
  readonly operation: "set" | "add" | "forceAdd";
  readonly key: Path;
  /** A frozen JSON value, or a choice or range marker. */
  readonly value: unknown;
  /** The text of each value in it that stood without quotes, for fields that take texts. */
  readonly written: Written;
}

/**
 * Reads one override.
 * @param text - One argument of the command line.
 * @param index - Its place among the overrides, from 0; errors say it.
 * @throws {ExpError} `usage`: what was found and expected, the text, and a caret under the position.
 */
export function parseOverride(text: string, index: number): Override {
  const cursor: Cursor = { text, index, position: 0 };
  if (text.startsWith("~")) {
    throw overrideError(cursor, { message: "removing with ~ is not known here." });
  }
  const operation = skip(cursor, "++") ? "forceAdd" : skip(cursor, "+") ? "add" : "set";
  if (/\p{Surrogate}/u.test(text)) {
    throw overrideError(cursor, { position: 0, message: "this text is not well-formed Unicode." });
  }
  const key = parseKey(cursor);
  return Object.freeze({
    text,
    index,
    operation,
    key: Object.freeze(key),
    ...parseValue(cursor),
  });
}

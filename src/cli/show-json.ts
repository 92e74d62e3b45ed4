/** JSON as the command line prints it: characters that could move a cursor or turn text around are written as escapes. */
import { canonicalJson } from "../core/canonical-json.ts";
import type { JsonValue } from "../core/json.ts";

/** Indented JSON for people, in the order of the value's own keys. */
export function prettyJson(value: JsonValue): string {
  return escaped(JSON.stringify(value, undefined, 2));
}

/**
 * The document of `--json` as one line with its end: canonical JSON, but for the escapes, which say the same.
 * @throws {ExpError} as `canonicalJson` does.
 */
export function jsonLine(document: unknown): string {
  return `${escaped(canonicalJson(document))}\n`;
}

/** JSON text with escapes for what terminals act on; in JSON such characters stand in strings alone. */
export function escaped(json: string): string {
  // Long documents are ASCII most often, which is told sooner than by a look at each character.
  if (Buffer.byteLength(json) === json.length && !json.includes("\u007f")) return json;
  return json.replace(
    /[\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    },
  );
}

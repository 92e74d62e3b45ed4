/** JSON for people: indented, in the order of the value's own keys. */
import type { JsonValue } from "../core/json.ts";

/** Indented JSON; characters that could move a cursor or turn text around are written as escapes. */
export function prettyJson(value: JsonValue): string {
  const text = JSON.stringify(value, undefined, 2);
  return text.replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

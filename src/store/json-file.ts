/** JSON in the store: one way to write it, and reading that trusts nothing. */
import { canonicalJson } from "../core/canonical-json.ts";
import { isPlainObject, parseJson } from "../core/json.ts";

/**
 * JSON for humans with one text for one value: keys in canonical order, two spaces, a newline at the end.
 * @throws {ExpError} `config` for what JSON cannot say.
 */
export function prettyJson(value: unknown): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)}\n`;
}

/** The object in a JSON text, `undefined` where it is broken, nested too deeply (`parseJson`) or something else. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  const value = parseJson(text);
  return isPlainObject(value) ? value : undefined;
}

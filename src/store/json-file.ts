/** JSON in the store: one way to write it, and reading that trusts nothing. */
import { canonicalJson } from "../core/canonical-json.ts";
import { isPlainObject } from "../core/json.ts";

/**
 * JSON for humans with one text for one value: keys in canonical order, two spaces, a newline at the end.
 * @throws {ExpError} `config` for what JSON cannot say.
 */
export function prettyJson(value: unknown): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)}\n`;
}

/** What we write is nested a few levels deep, and canonical JSON at most this deep. */
const maxDepth = 200;

/**
 * The object in a JSON text, `undefined` where it is broken or something else; also where it is nested so deeply that
 * whatever walks through it later would run out of stack.
 */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) && !isTooDeep(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Brackets in texts count too where one is so full of them: then the depth is counted in its values. */
function isTooDeep(json: string): boolean {
  let numOpen = 0;
  for (const bracket of ["[", "{"]) {
    for (let at = json.indexOf(bracket); at !== -1; at = json.indexOf(bracket, at + 1)) {
      if (++numOpen > maxDepth) return depthOf(json) > maxDepth;
    }
  }
  return false;
}

/** How deep valid JSON is nested. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') at = endOfText(json, at);
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return deepest;
}

/** Where the text that begins at a quote ends: at its closing quote. */
function endOfText(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
}

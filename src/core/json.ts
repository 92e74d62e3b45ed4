/** Plain JSON data as TypeScript sees it; what JSON cannot say (undefined, NaN, functions) has no type here. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** What we write is nested a few levels deep, and canonical JSON at most this deep. */
const maxDepth = 200;

/**
 * What a JSON text says; `undefined` for any other text, and for one that is nested more than 200 deep: whatever walks
 * through it later would run out of stack.
 */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(text) ? undefined : value;
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

/** Tells a plain object (or one without a prototype) from lists, class instances and primitives. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

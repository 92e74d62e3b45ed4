/** Keys that stand twice in JSON text: `JSON.parse` silently keeps the later one. */

/** A key that its object has already. */
export interface RepeatedKey {
  readonly key: string;
  /** Of the second one, from 1. */
  readonly line: number;
}

/**
 * The first key that stands twice in one object, or `undefined`.
 * @param json - Valid JSON text.
 */
export function repeatedKey(json: string): RepeatedKey | undefined {
  const openKeys: Set<string>[] = [];
  for (const match of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g)) {
    const [token, text, colon] = match;
    if (token === "{") openKeys.push(new Set());
    else if (token === "}") openKeys.pop();
    else if (text !== undefined && colon !== undefined) {
      const key = String(JSON.parse(text)); // two spellings, such as "a" and "\u0061", are one key
      const keys = openKeys.at(-1);
      if (keys?.has(key)) {
        return { key, line: json.slice(0, match.index).split("\n").length };
      }
      keys?.add(key);
    }
  }
  return undefined;
}

/**
 * One path type for issues, origins, overrides and diffs: keys and list indices from the root of a config.
 * Its text is `model.hiddenSizes[0]`; a key that is not a plain word stands in brackets, as in `data["a b"]`.
 */
export type Path = readonly (string | number)[];

const keyPattern = String.raw`[\p{L}_$][\p{L}\p{N}_$-]*`;
const indexPattern = String.raw`0|[1-9]\d{0,14}`;
const quotedPattern = String.raw`"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"`;
const bracketsPattern = String.raw`\[(?:(${indexPattern})|(${quotedPattern}))\]`;
const plainKey = new RegExp(`^${keyPattern}$`, "u");
const firstPart = new RegExp(`^(?:(${keyPattern})|${bracketsPattern})`, "u");
const nextPart = new RegExp(`^(?:\\.(${keyPattern})|${bracketsPattern})`, "u");

/** The text of a path; `parsePath` reads it back. The empty path is the empty text. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (plainKey.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** The path that `formatPath` prints as `text`, or `undefined` where the text is not a path. */
export function parsePath(text: string): Path | undefined {
  const path: (string | number)[] = [];
  let rest = text;
  while (rest !== "") {
    const match = (path.length === 0 ? firstPart : nextPart).exec(rest);
    if (match === null) return undefined;
    const [part, key, index, quoted] = match;
    if (key !== undefined) path.push(key);
    else if (index !== undefined) path.push(Number(index));
    else path.push(String(JSON.parse(quoted ?? '""')));
    rest = rest.slice(part.length);
  }
  return path;
}

/** The value at a path, or `undefined` where the path leaves the tree. Reads own properties only. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part))
      return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** Tells whether `path` lies at or below `ancestor`. */
export function startsWith(path: Path, ancestor: Path): boolean {
  return ancestor.length <= path.length && ancestor.every((part, index) => part === path[index]);
}

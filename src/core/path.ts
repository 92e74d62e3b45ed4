/**
 * One path type for issues, origins, overrides and diffs: keys and list indices from the root of a config.
 * Its text is `model.hiddenSizes[0]`; a key that is not a plain word stands in brackets, as in `data["a b"]`.
 */
export type Path = readonly (string | number)[];

const plainKey = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;

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

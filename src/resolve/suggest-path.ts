/**
 * The path that was probably meant, for "Did you mean …?": a neighbour first, then the same key, or one that begins with
 * it, anywhere else; of several all are named, since a guess among them would be wrong half of the time.
 */
import { formatPath, type Path } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";
import { childViews, keysOf, listView, viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

/** Deep enough for any config, and an end for schemas that contain themselves. */
const maxDepth = 6;
/** More are no help. */
const maxShown = 3;

/**
 * The text of the nearest path that the schema knows; where several are equally near, all of them: `a.x or b.x`.
 * @param wrong - A path that it does not know.
 * @param others - Further names, such as aliases.
 */
export function suggestPath(
  root: SchemaView,
  wrong: Path,
  others: readonly string[] = [],
): string | undefined {
  if (viewsAt(root, wrong).length > 0) return undefined; // known, if only under another kind
  const sibling = withNearSibling(root, wrong);
  if (sibling !== undefined) {
    return suggestPath(root, sibling, others) ?? formatPath(sibling);
  }
  const paths = [...others, ...allPaths(root, [], maxDepth)];
  const moved = movedPaths(wrong, paths);
  if (moved.length > 0) return listPaths(moved);
  const key = String(wrong.at(-1));
  const nearKey = nearest(key, [...new Set(paths.map(lastKey))]);
  if (nearKey === undefined) return nearest(formatPath(wrong), paths);
  return listPaths(paths.filter((path) => lastKey(path) === nearKey));
}

/** The path with its first unknown part put right by a name that stands at the same place. */
function withNearSibling(root: SchemaView, wrong: Path): Path | undefined {
  const depth = wrong.findIndex(
    (_, index) => viewsAt(root, wrong.slice(0, index + 1)).length === 0,
  );
  const parent = wrong.slice(0, depth);
  const key = String(wrong[depth]);
  const siblings = [...new Set(viewsAt(root, parent).flatMap(keysOf))];
  const found = nearest(key, siblings) ?? (depth > 0 ? withInitials(key, siblings) : undefined);
  return found === undefined ? undefined : [...parent, found, ...wrong.slice(depth + 1)];
}

/** `lr` stands for `learningRate`, where that alone has these initials. */
function withInitials(key: string, names: readonly string[]): string | undefined {
  const fitting = names.filter((name) => initials(name) === key.toLowerCase());
  return fitting.length === 1 ? fitting[0] : undefined;
}

function initials(name: string): string {
  return (name.match(/^[a-z]|[A-Z]/g) ?? []).join("").toLowerCase();
}

/** Paths that end as the wrong one does, else those whose last key is its last key or continues it by a word. */
function movedPaths(wrong: Path, paths: readonly string[]): readonly string[] {
  const text = formatPath(wrong);
  const key = String(wrong.at(-1));
  const ending = paths.filter((path) => path === text || path.endsWith(`.${text}`));
  if (ending.length > 0 && wrong.length > 1) return ending;
  const same = paths.filter((path) => lastKey(path) === key);
  const longer = paths.filter((path) => {
    const last = lastKey(path);
    return last.startsWith(key) && /^[A-Z]/.test(last.slice(key.length));
  });
  return [...same, ...longer];
}

function lastKey(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function listPaths(paths: readonly string[]): string {
  const numParts = (path: string): number => path.split(/[.[]/).length;
  const shown = paths.toSorted((one, other) => numParts(one) - numParts(other)).slice(0, maxShown);
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} or ${last}`;
}

/** Every path of a schema, over all members of its unions; lists are entered at their first item. */
function allPaths(view: SchemaView, path: Path, depth: number): readonly string[] {
  if (depth === 0) return [];
  const keys = listView(view) === undefined ? keysOf(view) : [0];
  const found = keys.flatMap((key) => {
    const below = [...path, key];
    const deeper = childViews(view, key).flatMap((child) => allPaths(child, below, depth - 1));
    return [...(key === 0 ? [] : [formatPath(below)]), ...deeper];
  });
  return [...new Set(found)];
}

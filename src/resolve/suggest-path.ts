/** The path that was probably meant, for "Did you mean …?": a neighbour first, then the same key anywhere else. */
import { formatPath, type Path } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";
import { childViews, keysOf, viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

/** Deep enough for any config, and an end for schemas that contain themselves. */
const maxDepth = 6;

/**
 * The text of the nearest path that the schema knows.
 * @param wrong - A path that it does not know.
 * @param others - Further names, such as aliases.
 */
export function suggestPath(
  root: SchemaView,
  wrong: Path,
  others: readonly string[] = [],
): string | undefined {
  const depth = wrong.findIndex(
    (_, index) => viewsAt(root, wrong.slice(0, index + 1)).length === 0,
  );
  const parent = wrong.slice(0, depth);
  const key = String(wrong[depth]);
  const siblings = [...new Set(viewsAt(root, parent).flatMap(keysOf))];
  const sibling = nearest(key, siblings);
  if (sibling !== undefined) return formatPath([...parent, sibling, ...wrong.slice(depth + 1)]);
  const paths = [...others, ...allPaths(root, [], maxDepth)];
  const last = String(wrong.at(-1));
  const moved = paths.find((path) => path === last || path.endsWith(`.${last}`));
  return moved ?? nearest(formatPath(wrong), paths);
}

function allPaths(view: SchemaView, path: Path, depth: number): readonly string[] {
  if (depth === 0) return [];
  return keysOf(view).flatMap((key) => {
    const below = [...path, key];
    const deeper = childViews(view, key).flatMap((child) => allPaths(child, below, depth - 1));
    return [...new Set([formatPath(below), ...deeper])];
  });
}

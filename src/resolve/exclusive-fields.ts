/** Fields of an object of which exactly one must be set; what zod itself cannot say without a refinement. */
import { isPlainObject } from "../core/json.ts";
import { startsWith, type Path } from "../core/path.ts";
import type { Build } from "./build.ts";
import type { Problem } from "./problems.ts";
import { childViews, listView, objectView, unionView } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

/** One problem for each group of which nothing is set. (Of two that are set, merging keeps the later or refuses.) */
export function missingChoices(build: Build, view: SchemaView): readonly Problem[] {
  const problems: Problem[] = [];
  visit(build.root, { path: [], view, broken: build.broken, problems });
  return problems;
}

interface Visit {
  readonly path: Path;
  readonly view: SchemaView | undefined;
  readonly broken: readonly Path[];
  readonly problems: Problem[];
}

function visit(value: unknown, at: Visit): void {
  if (Array.isArray(value)) {
    const list = listView(at.view);
    for (const [index, item] of value.entries())
      visit(item, { ...at, path: [...at.path, index], view: list?.entry(index) });
  }
  if (!isPlainObject(value)) return;
  const discriminator = unionView(at.view)?.discriminator;
  const view = objectView(at.view, discriminator === undefined ? undefined : value[discriminator]);
  if (view === undefined) return;
  for (const group of view.facts.exactlyOneOf ?? []) {
    const isExcused = at.broken.some((path) =>
      group.some((key) => startsWith([...at.path, key], path)),
    );
    if (isExcused || group.some((key) => value[key] !== undefined)) continue;
    at.problems.push({
      path: at.path,
      message: `needs one of ${group.join(", ")}`,
      place: { kind: "setter", path: at.path, below: true },
    });
  }
  for (const key of Object.keys(value))
    visit(value[key], { ...at, path: [...at.path, key], view: childViews(view, key)[0] });
}

/** Questions to a schema: which view stands at a key, at a path, behind a union. */
import type { Path } from "../core/path.ts";
import type { SchemaView } from "./schema-view.ts";

/**
 * The view of an object's own fields: itself, the member of a union that `kind` names, or the one option that is an
 * object.
 * @param kind - The value of the discriminator, where there is one.
 */
export function objectView(view: SchemaView | undefined, kind: unknown): SchemaView | undefined {
  if (view === undefined) return undefined;
  if (view.shape === "union") return objectView(view.members().get(kind), kind);
  if (view.shape !== "anyOf")
    return view.shape === "object" || view.shape === "record" ? view : undefined;
  const objects = view.options().flatMap((option) => objectView(option, kind) ?? []);
  return objects.length === 1 ? objects[0] : undefined;
}

/** The union behind a view, also where it is one option of several. */
export function unionView(view: SchemaView | undefined): SchemaView | undefined {
  if (view?.shape === "union") return view;
  return view?.shape === "anyOf"
    ? view.options().find((option) => option.shape === "union")
    : undefined;
}

/** The list or tuple behind a view, also where it is one option of several. */
export function listView(view: SchemaView | undefined): SchemaView | undefined {
  if (view?.shape === "list" || view?.shape === "tuple") return view;
  if (view?.shape !== "anyOf") return undefined;
  return view.options().find((option) => option.shape === "list" || option.shape === "tuple");
}

/** The view of one key or index below a view; over all members where a union's kind is not known. */
export function childViews(view: SchemaView, part: string | number): readonly SchemaView[] {
  switch (view.shape) {
    case "object": {
      const child = view.fields().get(String(part)) ?? view.entry();
      return child === undefined ? [] : [child];
    }
    case "record":
    case "list":
    case "tuple": {
      const isIndex = typeof part === "number";
      const child = isIndex === (view.shape === "record") ? undefined : view.entry(Number(part));
      return child === undefined ? [] : [child];
    }
    case "union":
      return [...new Set(view.members().values())].flatMap((member) => childViews(member, part));
    case "anyOf":
      return view.options().flatMap((option) => childViews(option, part));
    case "unknown":
      return [view];
    case "scalar":
      break;
  }
  return [];
}

/** All views that a path may lead to; empty where the schema has no such path. */
export function viewsAt(root: SchemaView, path: Path): readonly SchemaView[] {
  return path.reduce<readonly SchemaView[]>(
    (views, part) => views.flatMap((view) => childViews(view, part)),
    [root],
  );
}

/** The names of the fields that may stand below a view, over all members of a union. */
export function keysOf(view: SchemaView): readonly string[] {
  if (view.shape === "object") return [...view.fields().keys()];
  const parts = view.shape === "union" ? [...view.members().values()] : view.options();
  return [...new Set(parts.flatMap(keysOf))];
}

/** A resolved config as a module would have to write it: locations relative to its folder, fields as the schema has them. */
import { relative, resolve, sep } from "node:path";
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { parsePath, valueAt } from "../core/path.ts";
import { isRunPrefix } from "../core/run-name.ts";
import { isSecret } from "../core/secret-reference.ts";
import type { Folders } from "./locations.ts";
import { childViews, listView, objectView, unionView } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

/** Where a config comes from and where it goes; both absolute. */
export interface ModulePlace extends Pick<Folders, "projectDirectory"> {
  /** The folder of the module. */
  readonly folder: string;
}

/**
 * What a module in a folder writes to get the config: the inverse of what resolving does with locations. Fields stand in
 * the order of the schema.
 * @param config - Resolved, with locations relative to the project.
 */
export function asWritten(config: JsonObject, view: SchemaView, place: ModulePlace): JsonObject {
  return writtenObject(config, view, { ...place, config });
}

interface Context extends ModulePlace {
  readonly config: JsonObject;
}

function written(value: JsonValue, view: SchemaView | undefined, context: Context): JsonValue {
  if (isSecret(value)) return value;
  if (isPlainObject(value)) return writtenObject(value, view, context);
  if (Array.isArray(value)) {
    const list = listView(view);
    return (value as readonly JsonValue[]).map((item, index) =>
      written(item, list?.entry(index), context),
    );
  }
  return typeof value === "string" && value !== "" ? location(value, view, context) : value;
}

function writtenObject(
  value: JsonObject,
  view: SchemaView | undefined,
  context: Context,
): JsonObject {
  const discriminator = unionView(view)?.discriminator;
  const own = objectView(view, discriminator === undefined ? undefined : value[discriminator]);
  const known = own?.shape === "object" ? [...own.fields().keys()] : [];
  const names = new Set([
    ...(discriminator === undefined ? [] : [discriminator]),
    ...known,
    ...Object.keys(value),
  ]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const field = Object.hasOwn(value, name) ? value[name] : undefined;
      const child = own && childViews(own, name)[0];
      return field === undefined ? [] : [[name, written(field, child, context)]];
    }),
  );
}

function location(value: string, view: SchemaView | undefined, context: Context): string {
  const { config, projectDirectory, folder } = context;
  const facts = view?.facts.location;
  if (facts === undefined) return value;
  const { insideOf, orRun = false } = facts;
  const holder = insideOf === undefined ? undefined : valueAt(config, parsePath(insideOf) ?? []);
  if (holder !== undefined && holder !== null) return value;
  if (orRun && isRunPrefix(value)) return value;
  const path = relative(folder, resolve(projectDirectory, value)).split(sep).join("/");
  if (path === "") return ".";
  return orRun && isRunPrefix(path) ? `./${path}` : path;
}

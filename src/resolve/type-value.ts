/** Values of the command line, typed by the field that they are for: `name=7` is a text where a text must stand. */
import type { Written } from "../config/override-value.ts";
import { isPlainObject } from "../core/json.ts";
import { childViews } from "./schema-queries.ts";
import type { ScalarType, SchemaView } from "./schema-view.ts";

/**
 * The value as the field takes it. Only where no view accepts its type, and one accepts a text, does it become its own
 * text; everything else stays as written, to be refused by the schema where it does not fit.
 * @param views - All that the field may be.
 * @param written - What was written for the value, and for each inside of it.
 */
export function typeValue(value: unknown, views: readonly SchemaView[], written: Written): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      typeValue(item, below(views, index), writtenAt(written, index)),
    );
  }
  if (isPlainObject(value)) {
    const entries = Object.entries(value).map(([key, item]) => {
      const members = views.map((view) => memberOf(view, value));
      return [key, typeValue(item, below(members, key), writtenAt(written, key))] as const;
    });
    return Object.fromEntries(entries);
  }
  const type = value === null ? "null" : typeof value;
  if (type !== "null" && type !== "number" && type !== "boolean") return value;
  return !accepts(views, type) && accepts(views, "string") ? textOf(value, written) : value;
}

/** What was written for one part of a value. */
export function writtenAt(written: Written, part: number | string): Written {
  if (written instanceof Map) return (written as ReadonlyMap<string, Written>).get(String(part));
  return Array.isArray(written) ? (written as readonly Written[])[Number(part)] : undefined;
}

function textOf(value: unknown, written: Written): string {
  return typeof written === "string" ? written : String(value);
}

function below(views: readonly SchemaView[], part: string | number): readonly SchemaView[] {
  return views.flatMap((view) => childViews(view, part));
}

function memberOf(view: SchemaView, value: Record<string, unknown>): SchemaView {
  return view.shape === "union" ? (view.members().get(value[view.discriminator]) ?? view) : view;
}

function accepts(views: readonly SchemaView[], type: ScalarType): boolean {
  return views.some((view) => {
    if (type === "null" && view.isNullable) return true;
    if (view.shape === "anyOf") return accepts(view.options(), type);
    return view.shape === "unknown" || view.scalars.includes(type);
  });
}

/** Tells whether a field takes a number, a truth value or `null` as it is. */
export function acceptsScalar(
  views: readonly SchemaView[],
  value: number | boolean | null,
): boolean {
  if (value === null) return accepts(views, "null");
  return accepts(views, typeof value === "number" ? "number" : "boolean");
}

/** Tells whether a text may stand at a field. */
export function acceptsText(views: readonly SchemaView[]): boolean {
  return accepts(views, "string");
}

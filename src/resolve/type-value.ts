/** Values of the command line, typed by the field that they are for: `name=7` is a text where a text must stand. */
import { numberProblem, type Written } from "../config/override-value.ts";
import { markerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";
import { childViews } from "./schema-queries.ts";
import type { ScalarType, SchemaView } from "./schema-view.ts";

/**
 * The value as the field takes it. Only where no view accepts its type, and one accepts a text, does it become its own
 * text; everything else stays as written, to be refused by the schema where it does not fit. `null` says that there is
 * nothing, so it becomes a text only where that is one of those that the field lists.
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
  if (accepts(views, type) || !accepts(views, "string")) return value;
  const text = textOf(value, written);
  return type !== "null" || isListed(views, text) ? text : value;
}

/** Something in a value that its field cannot take as it was written. */
export interface ValueProblem {
  /** From the value's own path on. */
  readonly below: Path;
  readonly message: string;
  /** Whether it is `null`, at a field that may be left out. */
  readonly isAbsence: boolean;
}

/**
 * What the fields of a value cannot take although a text could say it: `null` for a text, numbers beyond a 64-bit float.
 * @param views - All that the field may be.
 * @param written - As for `typeValue`.
 */
export function valueProblems(
  value: unknown,
  views: readonly SchemaView[],
  written: Written,
): readonly ValueProblem[] {
  if (markerData(value) !== undefined) return [];
  if (Array.isArray(value) || isPlainObject(value)) {
    const isList = Array.isArray(value);
    const members = isList ? views : views.map((view) => memberOf(view, value));
    return Object.entries(value).flatMap(([key, item]) => {
      const part = isList ? Number(key) : key;
      const own = valueProblems(item, below(members, part), writtenAt(written, part));
      return own.map((one) => ({ ...one, below: [part, ...one.below] }));
    });
  }
  const message =
    value === null ? nullProblem(views, written) : unheldProblem(value, views, written);
  const isAbsence = value === null && views.some(({ isOptional }) => isOptional);
  return message === undefined ? [] : [{ below: [], message, isAbsence }];
}

function nullProblem(views: readonly SchemaView[], written: Written): string | undefined {
  const takesText = !accepts(views, "null") && accepts(views, "string");
  if (!takesText || isListed(views, textOf(null, written))) return undefined;
  return 'takes a text, and null is none; the text is "null" in quotes';
}

/** What was read as a number, and is held as a text because JSON has no such number. */
function unheldProblem(
  value: unknown,
  views: readonly SchemaView[],
  written: Written,
): string | undefined {
  if (typeof value !== "string" || value !== written) return undefined;
  const isText = accepts(views, "string") && !accepts(views, "number");
  const problem = isText ? undefined : numberProblem(written);
  return problem?.replace(/\.$/, "");
}

/** Whether a text is one of those that a field lists. */
function isListed(views: readonly SchemaView[], text: string): boolean {
  return views.some((view) =>
    [view, ...view.options()].some(({ values }) => values.includes(text)),
  );
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

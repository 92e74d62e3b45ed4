/** Limits of a field in few signs: `> 0, ≤ 1000`, `2 or more items`. */
import type { Bound, FieldLimits } from "./field-limits.ts";
import type { SchemaView } from "./schema-view.ts";

/** What the checks of a field allow, or `undefined` where they allow everything of its type. */
export function rangeText(view: SchemaView): string | undefined {
  const parts = view.shape === "list" ? listParts(view) : scalarParts(view);
  return parts.length === 0 ? undefined : parts.join(", ");
}

function listParts(view: SchemaView): readonly string[] {
  const item = view.entry();
  const inner = item === undefined ? undefined : rangeText(item);
  const own = lengthText(view.limits, "items");
  return [...(own === undefined ? [] : [own]), ...(inner === undefined ? [] : [`each ${inner}`])];
}

function scalarParts({ limits, scalars, values }: SchemaView): readonly string[] {
  if (values.length > 0) return [];
  const { minimum, maximum, multipleOf, pattern } = limits;
  const isText = scalars.includes("string");
  const length = isText ? lengthText(limits, "characters") : undefined;
  return [
    ...(minimum === undefined ? [] : [boundText(minimum, ["≥", ">"])]),
    ...(maximum === undefined ? [] : [boundText(maximum, ["≤", "<"])]),
    ...(multipleOf === undefined ? [] : [`a multiple of ${multipleOf}`]),
    ...(length === undefined ? [] : [length]),
    ...(pattern === undefined ? [] : [`matches /${pattern}/`]),
  ];
}

function boundText({ value, inclusive }: Bound, [including, excluding]: [string, string]): string {
  return `${inclusive ? including : excluding} ${value}`;
}

function lengthText({ minLength, maxLength }: FieldLimits, what: string): string | undefined {
  const least = minLength ?? 0;
  if (maxLength !== undefined && least === maxLength) return `${least} ${what}`;
  if (maxLength !== undefined && least > 0) return `${least} to ${maxLength} ${what}`;
  if (maxLength !== undefined) return `at most ${maxLength} ${what}`;
  if (least === 1) return "not empty";
  return least === 0 ? undefined : `${least} or more ${what}`;
}

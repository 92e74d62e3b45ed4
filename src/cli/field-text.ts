/** What is known of a field of a config, in words. */
import type { FieldInfo } from "../app/field-facts.ts";
import type { JsonValue } from "../core/json.ts";
import type { Mark } from "../core/marks.ts";
import { formatValue } from "./run-text.ts";
import { printable } from "./terminal.ts";

/** What a mark means for whoever changes the value. */
export function markText(mark: Mark): string {
  switch (mark) {
    case "identity":
      return "counts in configHash and groupHash";
    case "seed":
      return "counts in configHash; runs that differ in it alone share their groupHash";
    case "label":
      return "a label, in no hash";
    case "operation":
      return "how a run is executed, in no hash";
    case "location":
      return "where something lies: its content counts in dataHash, its place in no hash";
  }
}

/** `a number > 0, ≤ 1000, in steps`. */
export function typeText({ type, range, unit }: FieldInfo): string {
  const limits = range === undefined ? "" : `, ${range}`;
  return `${type}${limits}${unit === undefined ? "" : `, in ${unit}`}`;
}

/** The same in few words, for tables: `whole number ≥ 1`, `"pre" | "post"`, `object by kind`. */
export function shortType(field: FieldInfo): string {
  const { values, members, range, unit } = field;
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (members !== undefined) return "object by kind";
  const type = field.type.replaceAll(/\ban? /gu, "").replace("list, each ", "list of ");
  const limits = range === undefined || type.includes("text") ? "" : ` ${range}`;
  return `${type}${limits}${unit === undefined ? "" : ` ${unit}`}`;
}

/** The value where none is set: `0.9`, or whether one has to be set. */
export function defaultText(field: FieldInfo): string {
  if (field.default !== undefined) return shortValue(field.default);
  return field.isRequired ? "none, required" : "none";
}

/** The kinds under which a field exists, for tables; empty where it always does. */
export function kindsText({ onlyIn }: FieldInfo): string {
  return onlyIn === undefined ? "" : onlyIn.kinds.map(String).join(", ");
}

/** Under which `kind` a field exists: `only with optimizer.kind "sgd"`; empty for fields that always do. */
export function onlyInText({ onlyIn }: FieldInfo): string {
  if (onlyIn === undefined) return "";
  const kinds = onlyIn.kinds.map((kind) => JSON.stringify(kind));
  const last = kinds.at(-1) ?? "";
  const text = kinds.length < 2 ? last : `${kinds.slice(0, -1).join(", ")} or ${last}`;
  return `only with ${onlyIn.path} ${text}`;
}

const maxValue = 44;

/** A value on one line, cut to what a table has room for. */
export function shortValue(value: JsonValue): string {
  const text = typeof value === "string" ? JSON.stringify(value) : formatValue(value);
  return printable(text.length <= maxValue ? text : `${text.slice(0, maxValue - 1)}…`);
}

/** `1 step`, `45 steps`: a number with its unit; anything else as it is. */
export function quantityText(value: JsonValue, unit: string | undefined): string {
  const text = shortValue(value);
  if (unit === undefined || typeof value !== "number") return text;
  return `${text} ${value === 1 ? unit.replace(/s$/u, "") : unit}`;
}

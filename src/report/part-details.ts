/** Reading the details of a result: they come from a task, which may say other things, or nothing. */
import { isPlainObject, type JsonObject } from "../core/json.ts";

/** How one part of the data was classified. */
export interface PartDetails {
  readonly classes: readonly {
    readonly label: string;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
    /** Examples of this class. */
    readonly support: number;
  }[];
  /** Rows are true classes, columns predicted ones; as many of both as classes. */
  readonly matrix: readonly (readonly number[])[];
}

/** The details of a part, `undefined` where the task gives none in this form. */
export function readPart(details: JsonObject, name: string): PartDetails | undefined {
  const part = details[name];
  if (!isPlainObject(part)) return undefined;
  const { classes, confusionMatrix: matrix } = part;
  if (!Array.isArray(classes) || !classes.every(isClass)) return undefined;
  const isRow = (row: unknown): row is number[] =>
    Array.isArray(row) &&
    row.length === classes.length &&
    row.every((count) => typeof count === "number");
  if (!Array.isArray(matrix) || matrix.length !== classes.length || !matrix.every(isRow)) {
    return undefined;
  }
  return { classes, matrix };
}

function isClass(value: unknown): value is PartDetails["classes"][number] {
  if (!isPlainObject(value)) return false;
  const figures = ["precision", "recall", "f1", "support"];
  return (
    typeof value["label"] === "string" && figures.every((name) => typeof value[name] === "number")
  );
}

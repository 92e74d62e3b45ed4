/**
 * What is wrong, before it is known where it stands: finding the line of a key costs a parser, so places are looked
 * up once, for all problems together, when an error is about to be shown.
 */
import type { CallSite } from "../config/call-site.ts";
import { describeValue } from "../config/misuse.ts";
import { isPlainObject } from "../core/json.ts";
import { scrub } from "../core/secrets.ts";
import { isExpError } from "../core/errors.ts";
import type { Path } from "../core/path.ts";
import { thrownText } from "../core/thrown.ts";
import type { Assignments } from "./assignments.ts";
import type { Layer } from "./layers.ts";

/** Whose line a problem stands at. */
export type Place =
  /** The key that a layer wrote for a path. */
  | { readonly kind: "layer"; readonly layer: Layer; readonly path: Path }
  /** A call that is known exactly: a marker, a rule. */
  | { readonly kind: "call"; readonly call: CallSite }
  /** Whoever set the path last; with `below`, whoever wrote last anything at or below it. */
  | {
      readonly kind: "setter";
      readonly path: Path;
      readonly below?: boolean;
      /** Of the run that has the problem; without them those of the first run. */
      readonly assignments?: Assignments;
    };

/** An issue whose origin is still to be found. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  readonly value?: string;
  readonly suggestion?: string;
  readonly place?: Place;
  /** A second place, put behind the message in brackets: where the inherited `kind` was set, say. */
  readonly because?: { readonly text: string; readonly place: Place };
}

/** What is said of `required()` without a value; an experiment with nothing else to say can be resolved with one. */
export const requiredText = "is required() and no later layer sets it";

export type Report = (problem: Problem) => void;

const maxShown = 80;

/** A value as it is shown in a message: one line of JSON, cut to a readable length. */
export function showValue(value: unknown): string {
  const text = scrub(textOf(value)); // before it is cut: half a secret would not be known again
  return text.length <= maxShown ? text : `${text.slice(0, maxShown - 1)}…`;
}

function textOf(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "number") return String(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function")
    return value.name === "" ? "a function" : `function ${value.name}`;
  if (typeof value === "symbol") return value.toString();
  try {
    // What no config can hold is named: JSON would make {} of a map, and a text of a date.
    if (isOfClass(value)) return describeValue(value);
    return JSON.stringify(value);
  } catch {
    return Object.prototype.toString.call(value); // cycles and objects that refuse to be printed
  }
}

function isOfClass(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !isPlainObject(value)
  );
}

/** What somebody's function threw, on one line; our own errors say where they stand themselves. */
export function errorText(error: unknown): string {
  if (isExpError(error)) return error.message;
  return thrownText(error);
}

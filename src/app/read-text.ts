/** How a value or an argument of the command line is read: for `exp parse`. */
import { parseCombinator, type CombinatorCall } from "../config/combinator-call.ts";
import { formatTree } from "../config/format-tree.ts";
import { markerData } from "../config/markers.ts";
import { OverrideError, type Cursor } from "../config/override-cursor.ts";
import { parseTree } from "../config/override-parser.ts";
import type { ValueNode } from "../config/override-tree.ts";
import { dataOf, numberProblem } from "../config/override-value.ts";
import { requireWellFormed, type Operation } from "../config/override.ts";
import { rangeValues } from "../config/range-values.ts";
import { parseOverrideTree, taggedCombinator, taggedOverride } from "../config/tagged-argument.ts";
import { taggedValue } from "../config/tagged-tree.ts";
import { isExpError } from "../core/errors.ts";
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { describeTree } from "./describe-tree.ts";

/** What a text was read as. */
export interface ReadText {
  /** JSON that keeps 1 and 1.0, quotes, infinities and types of keys apart. */
  readonly tagged: JsonValue;
  /** The same for people, and what a config makes of it. */
  readonly lines: readonly string[];
}

/** How to read a text. */
export interface ReadRequest {
  /** A whole argument, `key=value` or `zip(…)`, in place of a value. */
  readonly isArgument: boolean;
  /** How errors name it: `value`, `line 3`. */
  readonly name: string;
}

/**
 * Reads a value, or a whole argument of the command line.
 * @throws {ExpError} `usage`, with position and caret.
 */
export function readText(text: string, { isArgument, name }: ReadRequest): ReadText {
  const cursor: Cursor = { text, index: 0, name, position: 0 };
  requireWellFormed(cursor);
  if (!isArgument) {
    const tree = parseTree(cursor);
    return { tagged: taggedValue(tree), lines: valueLines(cursor, tree) };
  }
  const call = parseCombinator(cursor);
  if (call !== undefined) return { tagged: taggedCombinator(call), lines: callLines(call) };
  const override = parseOverrideTree(cursor);
  const action = `${actions[override.operation]} ${override.keyText}`;
  const { value } = override;
  const lines = value === undefined ? [action] : [action, ...valueLines(cursor, value)];
  return { tagged: taggedOverride(override), lines };
}

function callLines({ kind, parts }: CombinatorCall): readonly string[] {
  const lines = parts.flatMap((part) => {
    switch (part.kind) {
      case "override":
        return [`${actions[part.override.operation]} ${part.override.text}`];
      case "call":
        return callLines(part.call);
      case "comparison":
        return [`where ${part.comparison.text}`];
      default:
        return [part.text];
    }
  });
  return [kind, ...lines.map((line) => `  ${line}`)];
}

const actions: Readonly<Record<Operation, string>> = {
  set: "sets",
  add: "adds",
  forceAdd: "adds or sets",
  append: "appends to",
  subtract: "takes items out of",
  replace: "replaces the whole of",
  remove: "removes",
};

function valueLines(cursor: Cursor, tree: ValueNode): readonly string[] {
  return [...describeTree(tree), "", `written back  ${formatTree(tree)}`, inConfig(cursor, tree)];
}

/** Runs that are shown of a sweep. */
const maxShown = 12;

function inConfig(cursor: Cursor, tree: ValueNode): string {
  try {
    const { value } = dataOf(cursor, tree);
    const marker = markerData(value);
    switch (marker?.kind) {
      case undefined:
        return `in a config   ${jsonText(value)}${unheldText(tree)}`;
      case "choice":
        return `${axisText(marker.values)}${unheldText(tree)}`;
      case "range":
        return axisText(rangeValues(marker.start, marker.stop, marker.step));
      case "interval":
        return "in a config   needs a search: a grid has no values of it";
      case "glob":
        return "in a config   an axis over the presets whose names fit";
      default:
        return "in a config   known when the config is resolved";
    }
  } catch (error) {
    if (error instanceof OverrideError) return `in a config   refused: ${error.problem}`;
    throw error;
  }
}

/** What is said of numbers that only a text can hold. */
function unheldText(tree: ValueNode): string {
  const unheld = numbersIn(tree).find((written) => numberProblem(written) !== undefined);
  return unheld === undefined ? "" : `, where a text may stand: as a number ${unheld} is refused`;
}

/** What was written for the numbers of a value. */
function numbersIn(node: ValueNode): readonly string[] {
  switch (node.kind) {
    case "integer":
    case "float":
      return [node.written];
    case "list":
    case "choice":
      return node.items.flatMap(numbersIn);
    case "dict":
      return node.entries.flatMap(([, item]) => numbersIn(item));
    default:
      return [];
  }
}

function axisText(values: readonly unknown[]): string {
  const shown = values.slice(0, maxShown).map(jsonText).join("  ");
  const runs = values.length === 1 ? "1 run" : `${values.length} runs`;
  return `in a config   ${runs}: ${shown}${values.length > maxShown ? "  …" : ""}`;
}

/** References stand as they were written. */
function jsonText(value: unknown): string {
  const marker = markerData(value);
  if (marker?.kind === "reference") return marker.text;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (!isPlainObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`,
  );
  return `{${entries.join(",")}}`;
}

/** An error of `readText` as JSON: what and where, without the excerpt. */
export function readError(error: unknown): JsonObject {
  if (!isExpError(error)) throw error;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  if (!(error instanceof OverrideError))
    return { code: error.code, message: error.message, ...hint };
  const { problem, position, column } = error;
  return { code: error.code, message: problem, position, column, ...hint };
}

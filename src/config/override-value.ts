/**
 * The value of an override as data: JSON, with markers for sweeps and references. A number that JSON cannot hold is its
 * text, which a field that takes numbers refuses; in a range it is refused here, at its place.
 */
import { createMarker, type MarkerMeaning } from "./markers.ts";
import { overrideError, shortText, skipSpace, type Cursor } from "./override-cursor.ts";
import { shuffled } from "./override-order.ts";
import { parseTree, parseTreePart } from "./override-parser.ts";
import { plainNode } from "./override-plain.ts";
import { referencePath } from "./override-reference.ts";
import type {
  ChoiceNode,
  DictEntry,
  IntervalNode,
  NumberNode,
  RangeNode,
  TextNode,
  ValueNode,
} from "./override-tree.ts";
import { rangeProblem, rangeValues } from "./range-values.ts";

/**
 * What was written for the values that stand without quotes, in the shape of the whole: a list for a list or a choice, a
 * map for an object. `1.50` is a number and means its text where a text must stand; a text without it was quoted or cast
 * by `str()`, and is no name of a preset.
 */
export type Written = string | undefined | readonly Written[] | ReadonlyMap<string, Written>;

/** A value with what was written for it. */
export interface ParsedValue {
  /** Frozen JSON, or markers in place of values and inside of them. */
  readonly value: unknown;
  readonly written: Written;
}

/**
 * Reads the rest of the text as one value; several with commas between them are a `choice`, nothing is the empty text.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseValue(cursor: Cursor): ParsedValue {
  skipSpace(cursor);
  if (cursor.position >= cursor.text.length) return { value: "", written: undefined };
  return dataOf(cursor, parseTree(cursor));
}

/**
 * Reads one value that is a part of a longer text, up to a comma or a closing bracket.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseValuePart(cursor: Cursor): ParsedValue {
  return dataOf(cursor, parseTreePart(cursor));
}

/**
 * The data of a tree that was read from the cursor's text.
 * @throws {ExpError} `usage` for bounds that JSON cannot hold, keys that stand twice, sweeps without values, and
 *   references that are no paths.
 */
export function dataOf(cursor: Cursor, node: ValueNode): ParsedValue {
  switch (node.kind) {
    case "null":
      return { value: null, written: node.written };
    case "boolean":
      return { value: node.value, written: node.written };
    case "integer":
    case "float": {
      const { written } = node;
      return { value: heldValue(node) ?? written, written };
    }
    case "text":
      return textData(cursor, node);
    case "list":
      return listData(cursor, node.items);
    case "dict":
      return dictData(cursor, node.entries);
    case "choice":
      return choiceData(cursor, node);
    case "range":
      return rangeData(cursor, node);
    case "interval":
      return intervalData(cursor, node);
    case "glob": {
      const { include, exclude, position } = node;
      return marked(cursor, position, { kind: "glob", include, exclude });
    }
  }
}

function marked(cursor: Cursor, position: number, meaning: MarkerMeaning): ParsedValue {
  return {
    value: createMarker({ ...meaning, call: callAt(cursor, position) }),
    written: undefined,
  };
}

/** The call site of a marker that was written on the command line. */
function callAt(
  cursor: Cursor,
  position: number,
): { readonly file: string; readonly line: number; readonly column: number } {
  return { file: "command line", line: cursor.index + 1, column: position + 1 };
}

/** The number as JSON holds it; `undefined` where that is another one, or none. */
function heldValue({ value, written }: NumberNode): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  if (value !== 0) return value;
  return /[1-9]/.test(digitsOf(written)) ? undefined : 0; // no negative zero
}

function digitsOf(written: string): string {
  return written.split(/e/i, 1)[0] ?? "";
}

/**
 * Why no config can hold what was written as a number: beyond a 64-bit float, or infinite.
 * @param written - What stood without quotes.
 * @returns A sentence; `undefined` for any other number, and for what is no number.
 */
export function numberProblem(written: string): string | undefined {
  const node = plainNode({ text: written, hasEscapes: false }, 0);
  const isNumber = node.kind === "integer" || node.kind === "float";
  if (!isNumber || heldValue(node) !== undefined) return undefined;
  return /\d/.test(digitsOf(written))
    ? "this number cannot be held exactly enough: JSON's numbers are 64-bit floats."
    : `${written} is not a value that a config can hold: its numbers are finite.`;
}

function heldNumber(cursor: Cursor, node: NumberNode): number {
  const held = heldValue(node);
  if (held !== undefined) return held;
  const { written, position } = node;
  const message = numberProblem(written) ?? `${written} is no number that a config can hold.`;
  throw overrideError(cursor, { position, message, hint: "Quote it if it is meant as text." });
}

function textData(cursor: Cursor, node: TextNode): ParsedValue {
  const { text, written, parts, position } = node;
  if (parts === undefined) return { value: text, written };
  const resolved = parts.map((part) =>
    typeof part === "string" ? part : referencePath(cursor, part),
  );
  if (resolved.every((part) => typeof part === "string")) {
    return { value: resolved.join(""), written };
  }
  const joined = node.isForced === true && resolved.length === 1 ? ["", ...resolved] : resolved;
  return marked(cursor, position, { kind: "reference", text, parts: Object.freeze(joined) });
}

function listData(cursor: Cursor, items: readonly ValueNode[]): ParsedValue {
  const parsed = items.map((item) => dataOf(cursor, item));
  const value = Object.freeze(parsed.map((item) => item.value));
  return { value, written: parsed.map(({ written }) => written) };
}

/** Keys are texts in JSON: what was written for them. */
function dictData(cursor: Cursor, entries: readonly DictEntry[]): ParsedValue {
  const value: Record<string, unknown> = {};
  const written = new Map<string, Written>();
  for (const [key, item] of entries) {
    const name = key.kind === "text" ? key.text : key.written;
    if (written.has(name)) {
      const message = `the key "${shortText(name)}" stands here twice.`;
      throw overrideError(cursor, { position: key.position, message });
    }
    const parsed = dataOf(cursor, item);
    value[name] = parsed.value; // the parser has refused __proto__
    written.set(name, parsed.written);
  }
  return { value: Object.freeze(value), written };
}

function choiceData(cursor: Cursor, node: ChoiceNode): ParsedValue {
  const { items, shuffle, spacing, tags, position } = node;
  const parsed = items.map((item) => dataOf(cursor, item));
  const ordered = shuffle === undefined ? parsed : shuffled(parsed, shuffle);
  const { value } = marked(cursor, position, {
    kind: "choice",
    values: Object.freeze(ordered.map((item) => item.value)),
    ...(spacing !== undefined && { from: spacing.name }),
    ...(tags.length > 0 && { tags }),
  });
  return { value, written: ordered.map(({ written }) => written) };
}

function rangeData(cursor: Cursor, node: RangeNode): ParsedValue {
  const { shuffle, position } = node;
  const [start = 0, stop = 0, step = 0] = [node.start, node.stop, node.step].map((bound) =>
    heldNumber(cursor, bound),
  );
  const problem = rangeProblem(start, stop, step);
  if (problem !== undefined) throw overrideError(cursor, { position, message: problem });
  const tags = node.tags.length > 0 && { tags: node.tags };
  if (shuffle === undefined) {
    return marked(cursor, position, { kind: "range", start, stop, step, ...tags });
  }
  const values = Object.freeze(shuffled(rangeValues(start, stop, step), shuffle));
  return marked(cursor, position, { kind: "choice", values, ...tags });
}

function intervalData(cursor: Cursor, node: IntervalNode): ParsedValue {
  const { position, tags } = node;
  const [start, stop] = [heldNumber(cursor, node.start), heldNumber(cursor, node.stop)];
  if (!(start < stop)) {
    const message = `interval(${start}, ${stop}) is empty: its end must lie above its start.`;
    throw overrideError(cursor, { position, message });
  }
  const isInteger = node.start.kind === "integer";
  return marked(cursor, position, {
    kind: "interval",
    start,
    stop,
    isInteger,
    ...(tags.length > 0 && { tags }),
  });
}

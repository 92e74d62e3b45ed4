/** Whole arguments of the command line that combine changes: `zip(lr=[1e-4,3e-4], training.batchSize=[16,32])`. */
import type { Path } from "../core/path.ts";
import { found, match, overrideError, skip, skipSpace, type Cursor } from "./override-cursor.ts";
import { parseKey } from "./override-key.ts";
import { parseOverride, parseOverridePart, requireWellFormed, type Override } from "./override.ts";
import { parseValuePart, type Written } from "./override-value.ts";

/** The functions of the same names in experiment modules; `filter` is a condition that all runs have to meet. */
export type CombinatorKind =
  "zip" | "variants" | "product" | "concat" | "when" | "repeat" | "filter";

/** One argument that combines others. */
export interface CombinatorCall {
  readonly kind: CombinatorKind;
  /** At least one, as written. */
  readonly parts: readonly CombinatorPart[];
  /** As it was written; for a nested one, its part of the argument. */
  readonly text: string;
  /** The place of the whole argument on the command line, from 0. */
  readonly index: number;
}

export type CombinatorPart =
  /** `optimizer.learningRate=[1e-4,3e-4]`, in `zip`, `product`, `concat`, and behind the condition of `when`. */
  | { readonly kind: "override"; readonly override: Override }
  /** A combinator in a combinator. */
  | { readonly kind: "call"; readonly call: CombinatorCall }
  /** `small={model:{numLayers:1}}`, in `variants`. */
  | {
      readonly kind: "variant";
      readonly name: string;
      /** Frozen JSON, markers in place of values and inside of them. */
      readonly value: unknown;
      readonly written: Written;
      readonly text: string;
    }
  /** `3` or `[1,2,3]` of `repeat`; the name of the axis as first part of `variants`. */
  | { readonly kind: "value"; readonly value: unknown; readonly text: string }
  /** In `filter`, and as first parts of `when`. */
  | { readonly kind: "comparison"; readonly comparison: Comparison };

/** `model.hiddenSize>64`; in `when`, `optimizer.kind=sgd` means `==`. */
export interface Comparison {
  readonly path: Path;
  readonly operator: ComparisonOperator;
  /** Frozen JSON, or a reference marker. */
  readonly value: unknown;
  readonly written: Written;
  readonly text: string;
}

export type ComparisonOperator = "==" | "!=" | "<=" | ">=" | "<" | ">";

const comparisonOperators: readonly ComparisonOperator[] = ["==", "!=", "<=", ">=", "<", ">"];
const callStart = /(?:zip|variants|product|concat|when|repeat|filter)[ \t]*\(/y;
const variantName = /([\p{L}_$][\p{L}\p{N}_$-]*)[ \t]*=/uy;

/** Calls in calls beyond this are slips or attacks. */
const maxDepth = 20;

/**
 * Reads one argument of the command line that is no flag.
 * @param index - Its place among the arguments, from 0; errors say it.
 * @throws {ExpError} `usage`: what was found and expected, the text, and a caret under the position.
 */
export function parseArgument(text: string, index: number): Override | CombinatorCall {
  return parseCombinator({ text, index, position: 0 }) ?? parseOverride(text, index);
}

/**
 * Reads an argument that is a combinator, or gives `undefined` for any other.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseCombinator(cursor: Cursor): CombinatorCall | undefined {
  if (match(cursor, callStart) === undefined) return undefined;
  requireWellFormed(cursor);
  cursor.position = 0;
  const call = parseCall(cursor, 0);
  if (cursor.position >= cursor.text.length) return call;
  const message = `expected the end behind ${call.kind}(…), found ${found(cursor)}.`;
  throw overrideError(cursor, { message, hint: "Combine changes with product(…) or concat(…)." });
}

/** Tells a combinator from an override. */
export function isCombinator(argument: Override | CombinatorCall): argument is CombinatorCall {
  return "kind" in argument;
}

function parseCall(cursor: Cursor, depth: number): CombinatorCall {
  const start = cursor.position;
  if (depth > maxDepth) {
    throw overrideError(cursor, { message: `calls may be nested ${maxDepth} deep at most.` });
  }
  const kind = match(cursor, callStart)?.slice(0, -1).trim() as CombinatorKind; // the pattern lists them
  const open = cursor.position - 1;
  const parts: CombinatorPart[] = [];
  skipSpace(cursor);
  while (!skip(cursor, ")")) {
    const partStart = cursor.position;
    parts.push(parsePart(cursor, { kind, depth, isFirst: parts.length === 0 }));
    refuseSecondName(cursor, parts, partStart);
    separate(cursor, open);
  }
  if (parts.length === 0) {
    throw overrideError(cursor, { position: start, message: `${kind}() combines nothing.` });
  }
  const text = cursor.text.slice(start, cursor.position);
  skipSpace(cursor);
  return Object.freeze({ kind, parts: Object.freeze(parts), text, index: cursor.index });
}

interface PartPlace {
  readonly kind: CombinatorKind;
  readonly depth: number;
  readonly isFirst: boolean;
}

function parsePart(cursor: Cursor, place: PartPlace): CombinatorPart {
  const start = cursor.position;
  const inner = match(cursor, callStart)?.slice(0, -1).trim();
  cursor.position = start;
  if (inner !== undefined) {
    refuseCall(cursor, inner, place);
    return { kind: "call", call: parseCall(cursor, place.depth + 1) };
  }
  switch (place.kind) {
    case "repeat":
      return valuePart(cursor);
    case "variants":
      return parseVariant(cursor, place.isFirst);
    case "filter":
      refuseAssignment(cursor);
      return parseComparison(cursor);
    case "when":
      return place.isFirst ? parseComparison(cursor) : parseCondition(cursor);
    default:
      return { kind: "override", override: parseOverridePart(cursor) };
  }
}

/** Combinators stand where changes stand, not where a condition, a seed or a name does. */
function refuseCall(cursor: Cursor, inner: string, { kind, isFirst }: PartPlace): void {
  const expected: Partial<Record<CombinatorKind, string>> = {
    filter: "comparisons, such as model.hiddenSize>64",
    repeat: "a number of seeds, or a list of seeds",
    variants: "names and their changes, such as small={seed:1}",
    ...(isFirst ? { when: "a comparison first, such as model.hiddenSize>64" } : {}),
  };
  const what = expected[kind];
  if (what === undefined) return;
  const message = `${kind}() takes ${what}, and no ${inner}(…).`;
  const hint =
    "Write the combinators as arguments one after the other, or combine them with product(…).";
  throw overrideError(cursor, { message, hint });
}

function refuseSecondName(cursor: Cursor, parts: readonly CombinatorPart[], start: number): void {
  const last = parts.at(-1);
  if (last?.kind !== "variant") return;
  const isKnown = parts
    .slice(0, -1)
    .some((one) => one.kind === "variant" && one.name === last.name);
  if (!isKnown) return;
  const message = `there are two variants ${JSON.stringify(last.name)}; give each a name of its own.`;
  throw overrideError(cursor, { position: start, message });
}

/** Further conditions of `when`, or its first change: `path=value` is a change here. */
function parseCondition(cursor: Cursor): CombinatorPart {
  const start = cursor.position;
  if (!"+~".includes(cursor.text.charAt(start))) {
    parseKey(cursor);
    skipSpace(cursor);
    const isCondition = comparisonOperators.some((operator) => skip(cursor, operator));
    cursor.position = start;
    if (isCondition) return parseComparison(cursor);
  }
  return { kind: "override", override: parseOverridePart(cursor) };
}

/** `=` sets everywhere else, and a filter sets nothing. */
function refuseAssignment(cursor: Cursor): void {
  const start = cursor.position;
  parseKey(cursor);
  skipSpace(cursor);
  const isAssignment = cursor.text.charAt(cursor.position) === "=";
  if (isAssignment && cursor.text.charAt(cursor.position + 1) !== "=") {
    const message = "filter() compares and sets nothing: expected ==, found =.";
    throw overrideError(cursor, { message, hint: "Write == where values are to be equal." });
  }
  cursor.position = start;
}

function parseComparison(cursor: Cursor): CombinatorPart {
  const start = cursor.position;
  const path = Object.freeze(parseKey(cursor));
  skipSpace(cursor);
  const operator =
    comparisonOperators.find((candidate) => skip(cursor, candidate)) ??
    (skip(cursor, "=") ? "==" : undefined);
  if (operator === undefined) {
    const expected = `expected a comparison (${comparisonOperators.join(" ")})`;
    throw overrideError(cursor, { message: `${expected}, found ${found(cursor)}.` });
  }
  const { value, written } = parseValuePart(cursor);
  const text = cursor.text.slice(start, cursor.position).trim();
  return {
    kind: "comparison",
    comparison: Object.freeze({ path, operator, value, written, text }),
  };
}

function parseVariant(cursor: Cursor, isFirst: boolean): CombinatorPart {
  const start = cursor.position;
  const name = match(cursor, variantName)?.slice(0, -1).trim();
  if (name === undefined) {
    if (isFirst) return valuePart(cursor);
    const message = `expected a name and its changes, such as small={model:{numLayers:1}}, found ${found(cursor)}.`;
    throw overrideError(cursor, { message });
  }
  const { value, written } = parseValuePart(cursor);
  const text = cursor.text.slice(start, cursor.position).trim();
  return { kind: "variant", name, value, written, text };
}

function valuePart(cursor: Cursor): CombinatorPart {
  const start = cursor.position;
  const { value } = parseValuePart(cursor);
  return { kind: "value", value, text: cursor.text.slice(start, cursor.position).trim() };
}

function separate(cursor: Cursor, open: number): void {
  skipSpace(cursor);
  if (skip(cursor, ",")) return skipSpace(cursor);
  const { text, position } = cursor;
  if (text.charAt(position) === ")") return;
  if (position >= text.length) {
    const message = 'this bracket has no end: expected ")".';
    throw overrideError(cursor, { position: open, message });
  }
  throw overrideError(cursor, { message: `expected a comma or ")", found ${found(cursor)}.` });
}

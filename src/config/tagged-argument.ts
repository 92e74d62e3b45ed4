/** Whole arguments of the command line as tagged JSON: `{"$override":{…}}`, `{"$combinator":{…}}`. */
import type { JsonObject, JsonValue } from "../core/json.ts";
import { formatPath } from "../core/path.ts";
import type { CombinatorCall, CombinatorPart, Comparison } from "./combinator-call.ts";
import { skip, skipSpace, type Cursor } from "./override-cursor.ts";
import { parseKey } from "./override-key.ts";
import { parseTree } from "./override-parser.ts";
import type { ValueNode } from "./override-tree.ts";
import { parseHead, type Operation } from "./override.ts";
import { taggedValue } from "./tagged-tree.ts";

/** An override before its value becomes data. */
export interface OverrideTree {
  readonly operation: Operation;
  /** As it was written. */
  readonly keyText: string;
  /** Absent for `~key`. */
  readonly value?: ValueNode;
}

/**
 * The operation, key and value of an override as they stand.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseOverrideTree(cursor: Cursor): OverrideTree {
  const { operation, keyText, hasValue } = parseHead(cursor, { isPart: false });
  if (!hasValue) return { operation, keyText };
  skipSpace(cursor);
  const { position, text } = cursor;
  const isEmpty = position >= text.length;
  const value: ValueNode = isEmpty ? { kind: "text", text: "", position } : parseTree(cursor);
  return { operation, keyText, value };
}

/** An override as tagged JSON, in the form of the recorded cases of Hydra. */
export function taggedOverride({ operation, keyText, value }: OverrideTree): JsonObject {
  return {
    $override: {
      type: typeNames[operation],
      key: keyText,
      package: null,
      value_type: value === undefined ? null : valueType(value),
      value: value === undefined ? null : taggedValue(value),
    },
  };
}

/** Hydra's names, and ours for what Hydra does not have. */
const typeNames: Readonly<Record<Operation, string>> = {
  set: "CHANGE",
  add: "ADD",
  forceAdd: "FORCE_ADD",
  remove: "DEL",
  append: "APPEND",
  subtract: "SUBTRACT",
  replace: "REPLACE",
};

function valueType(value: ValueNode): string {
  switch (value.kind) {
    case "choice":
      return value.isSimple ? "SIMPLE_CHOICE_SWEEP" : "CHOICE_SWEEP";
    case "range":
      return "RANGE_SWEEP";
    case "interval":
      return "INTERVAL_SWEEP";
    case "glob":
      return "GLOB_CHOICE_SWEEP";
    default:
      return "ELEMENT";
  }
}

/** A combinator as tagged JSON, its parts in the forms of overrides and values. */
export function taggedCombinator({ kind, parts }: CombinatorCall): JsonObject {
  return { $combinator: { kind, parts: parts.map(taggedPart) } };
}

/** Parts know their text: it is read again, since their values are data already. */
function taggedPart(part: CombinatorPart): JsonValue {
  switch (part.kind) {
    case "override":
      return taggedOverride(parseOverrideTree(cursorOf(part.override.text)));
    case "call":
      return taggedCombinator(part.call);
    case "variant": {
      const { value } = parseOverrideTree(cursorOf(part.text));
      return {
        $variant: { name: part.name, value: value === undefined ? null : taggedValue(value) },
      };
    }
    case "value":
      return taggedValue(parseTree(cursorOf(part.text)));
    case "comparison":
      return taggedComparison(part.comparison);
  }
}

function taggedComparison({ path, operator, text }: Comparison): JsonObject {
  const cursor = cursorOf(text);
  parseKey(cursor);
  skipSpace(cursor);
  if (!skip(cursor, operator)) skip(cursor, "="); // `when(kind=sgd, …)`
  return {
    $comparison: { key: formatPath(path), operator, value: taggedValue(parseTree(cursor)) },
  };
}

function cursorOf(text: string): Cursor {
  return { text, index: 0, position: 0 };
}

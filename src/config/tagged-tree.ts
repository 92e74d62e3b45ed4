/**
 * Trees of values as JSON that keeps apart what JSON has one form for: 1 and `{"$float":"1.0"}`, a text and
 * `{"$quoted":"a"}`, the reference `${a}` and `{"$literal":"${a}"}`, dicts with keys of any type, sweeps. Single texts in
 * lists and simple sweeps keep their quotes; arguments of functions lose them, as in Hydra.
 */
import type { JsonObject, JsonValue } from "../core/json.ts";
import {
  floatText,
  type ChoiceNode,
  type NumberNode,
  type RangeNode,
  type Shuffle,
  type TextNode,
  type ValueNode,
} from "./override-tree.ts";

/** A value as tagged JSON. */
export function taggedValue(node: ValueNode): JsonValue {
  switch (node.kind) {
    case "null":
      return null;
    case "boolean":
      return node.value;
    case "integer":
    case "float":
      return taggedNumber(node);
    case "text":
      return taggedText(node);
    case "list":
      return node.items.map(taggedValue);
    case "dict":
      return { $dict: node.entries.map((entry) => entry.map(taggedValue)) };
    case "choice":
      return taggedChoice(node);
    case "range":
      return taggedRange(node);
    case "interval":
      return { $interval: [node.start, node.stop].map(taggedNumber), tags: node.tags };
    case "glob":
      return { $glob: { include: node.include, exclude: node.exclude } };
  }
}

/** Integers beyond 2^53 stand as their digits, since few readers of JSON keep them. */
function taggedNumber(node: NumberNode): JsonValue {
  if (node.kind === "float") return { $float: floatText(node.value) };
  return typeof node.value === "number" ? node.value : { $integer: String(node.value) };
}

/** In quotes a backslash before `${` still stands; without them only the parts of a text tell what is a reference. */
function taggedText({ text, quote, parts = [text] }: TextNode): JsonValue {
  if (quote !== undefined) return { $quoted: text, quote };
  const tagged = parts.map((part): JsonValue => {
    if (typeof part !== "string") return `\${${part.reference}}`;
    return part.includes("${") ? { $literal: part } : part;
  });
  const [first] = tagged;
  if (tagged.every((part) => typeof part === "string")) return text;
  return tagged.length === 1 && first !== undefined ? first : { $joined: tagged };
}

function taggedChoice({ items, isSimple, shuffle, spacing, tags }: ChoiceNode): JsonObject {
  return {
    $choice: items.map(taggedValue),
    simple: isSimple,
    ...shuffleFacts(shuffle),
    tags,
    ...(spacing !== undefined && {
      from: { [spacing.name]: spacing.parameters.map(taggedNumber) },
    }),
  };
}

function taggedRange({ start, stop, step, shuffle, tags }: RangeNode): JsonObject {
  return { $range: [start, stop, step].map(taggedNumber), ...shuffleFacts(shuffle), tags };
}

function shuffleFacts(shuffle: Shuffle | undefined): JsonObject {
  if (shuffle === undefined) return { shuffle: false };
  return shuffle.seed === 0 ? { shuffle: true } : { shuffle: true, seed: shuffle.seed };
}

/** Which items of a list came, went, moved and stayed. */
import type { JsonValue } from "../../core/json.ts";
import { equalJson, isJsonList, isJsonObject } from "./equal.ts";
import { movesBetween } from "./moves.ts";
import type { Operation, Place } from "./operations.ts";

/** Fields that name an item, the first one that all items have. */
const nameFields = ["name", "id", "key"] as const;

/** An item that both lists have; at its place in the list after the operations. */
export interface KeptItem {
  readonly place: Place;
  readonly before: JsonValue;
  readonly after: JsonValue;
}

export interface ItemOperations {
  readonly operations: readonly Operation[];
  readonly kept: readonly KeptItem[];
}

type List = readonly JsonValue[];

/**
 * The operations between two lists whose items are objects or lists. Items that are all objects with a text `name`
 * (or `id`, or `key`) of their own are known by it, so that they may move; others are known by what is equal at both
 * ends. `undefined` where an item is a single value: `[256, 128]` is read as one thing and replaced as a whole.
 */
export function itemOperations(
  place: Place,
  before: List,
  after: List,
): ItemOperations | undefined {
  const items = [...before, ...after];
  const field = nameFields.find((name) => namesAll(before, name) && namesAll(after, name));
  if (field !== undefined) return namedItems({ place, field }, before, after);
  if (!items.every((item) => isJsonObject(item) || isJsonList(item))) return undefined;
  return unnamedItems(place, before, after);
}

function namesAll(list: List, field: string): boolean {
  const names = list.map((item) => nameOf(item, field));
  return !names.includes(undefined) && new Set(names).size === names.length;
}

function nameOf(item: JsonValue, field: string): string | undefined {
  if (!isJsonObject(item) || !Object.hasOwn(item, field)) return undefined;
  const name = item[field];
  return typeof name === "string" ? name : undefined;
}

interface NamedList {
  readonly place: Place;
  readonly field: string;
}

/** First what went, the last one first; then what moved; then what came, in order: each index counts at its moment. */
function namedItems({ place, field }: NamedList, before: List, after: List): ItemOperations {
  const byName = (list: List): Map<string, JsonValue> =>
    new Map(list.map((item) => [nameOf(item, field) ?? "", item]));
  const [earlier, later] = [byName(before), byName(after)];
  const at = (index: number, name: string): Place => ({
    path: [...place.path, index],
    item: { field, name },
  });
  const removed = [...earlier].flatMap(([name, value], index): Operation[] =>
    later.has(name) ? [] : [{ kind: "remove", ...at(index, name), value }],
  );
  const keptBefore = [...earlier.keys()].filter((name) => later.has(name));
  const keptAfter = [...later.keys()].filter((name) => earlier.has(name));
  const moved = movesBetween(keptBefore, keptAfter).map(({ name, from, to }): Operation => ({
    kind: "move",
    ...at(from, name),
    to,
  }));
  const added = [...later].flatMap(([name, value], index): Operation[] =>
    earlier.has(name) ? [] : [{ kind: "add", ...at(index, name), value }],
  );
  const kept = [...later].flatMap(([name, value], index): KeptItem[] => {
    const old = earlier.get(name);
    return old === undefined ? [] : [{ place: at(index, name), before: old, after: value }];
  });
  return { operations: [...removed.toReversed(), ...moved, ...added], kept };
}

/** What is equal at both ends stays; of the middle, items are compared one by one, and the longer list has the rest. */
function unnamedItems(place: Place, before: List, after: List): ItemOperations {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && equalJson(before[start], after[start])) start++;
  let end = 0;
  while (end < shorter - start && equalJson(before.at(-1 - end), after.at(-1 - end))) end++;
  const at = (index: number): Place => ({ ...place, path: [...place.path, index] });
  const numKept = shorter - start - end;
  const kept = after.slice(start, start + numKept).map((value, index): KeptItem => ({
    place: at(start + index),
    before: before[start + index] ?? null,
    after: value,
  }));
  const rest = start + numKept;
  const removed = before
    .slice(rest, before.length - end)
    .map((value, index): Operation => ({ kind: "remove", ...at(rest + index), value }));
  const added = after
    .slice(rest, after.length - end)
    .map((value, index): Operation => ({ kind: "add", ...at(rest + index), value }));
  return { operations: [...removed.toReversed(), ...added], kept };
}

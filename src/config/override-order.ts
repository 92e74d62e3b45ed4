/** The functions that change an order: `sort` and `shuffle`, of values, lists and sweeps. */
import { createPermutation } from "../random/permutation.ts";
import { createStreams } from "../random/streams.ts";
import { callError, type BoundCall } from "./override-function.ts";
import { requireElement } from "./override-sweeps.ts";
import {
  describeNode,
  floatNode,
  hasReference,
  integerNode,
  isElement,
  type ElementNode,
  type NumberNode,
  type RangeNode,
  type Shuffle,
  type ValueNode,
} from "./override-tree.ts";
import { turnedRange } from "./range-values.ts";

/**
 * `sort(3,1,2)`, `sort([3,1,2],reverse=true)`, `sort(range(9,0,-1))`: numbers by size, texts by their code points.
 * @throws {ExpError} `usage` for values that have no order, such as a number and a text.
 */
export function sortCall(call: BoundCall): ValueNode {
  const isReverse = flagOf(call, "reverse");
  const subject = subjectOf(call);
  switch (subject.kind) {
    case "choice": {
      const { spacing: _spacing, shuffle: _shuffle, ...choice } = subject;
      return { ...choice, items: sorted(call, choice.items, isReverse) };
    }
    case "list":
      return { ...subject, items: sorted(call, subject.items, isReverse) };
    case "range":
      return sortedRange(call, subject, isReverse);
    case "interval":
    case "glob":
      throw callError(call, subject.position, `${subject.kind}(…) has no order to change.`);
    default:
      return subject; // a single value is in order
  }
}

/**
 * `shuffle(1,2,3)`, `shuffle([1,2,3])`, `shuffle(range(1,10),seed=7)`: an order by chance that is the same on every
 * machine. Seed 0 unless another is given.
 * @throws {ExpError} `usage` for a seed that is no integer from 0 on.
 */
export function shuffleCall(call: BoundCall): ValueNode {
  const shuffle = { seed: seedOf(call) };
  const subject = subjectOf(call);
  switch (subject.kind) {
    case "choice":
    case "range":
      return { ...subject, shuffle };
    case "list":
      return { ...subject, items: shuffled(subject.items, shuffle) };
    case "interval":
    case "glob":
      throw callError(call, subject.position, `${subject.kind}(…) has no order to change.`);
    default:
      return subject;
  }
}

/** The items in the order of a shuffle: a keyed permutation, so that nothing else that is drawn can move it. */
export function shuffled<T>(items: readonly T[], { seed }: Shuffle): readonly T[] {
  const order = createPermutation(createStreams(seed).stream("shuffle"), items.length, 0);
  const places = items.map((_, index) => order.at(index));
  return places.flatMap((place) => items.slice(place, place + 1));
}

/** What is sorted or shuffled: the one argument, or a choice of several. */
function subjectOf(call: BoundCall): ValueNode {
  const { rest, position } = call;
  const [list, sweep] = [call.named.get("list"), call.named.get("sweep")];
  const given = [...(list ? [list] : []), ...(sweep ? [sweep] : [])];
  if (given.length > 1 || (given.length === 1 && rest.length > 0)) {
    throw callError(call, position, `${call.name}() takes values, list=… or sweep=…, one of them.`);
  }
  const [only = rest[0]] = given;
  if (only === undefined) {
    throw callError(call, position, `${call.name}() needs at least one value.`);
  }
  if (list !== undefined && list.kind !== "list") {
    throw callError(call, list.position, `list has to be a list, found ${describeNode(list)}.`);
  }
  if (sweep !== undefined && isElement(sweep)) {
    throw callError(call, sweep.position, `sweep has to be one, found ${describeNode(sweep)}.`);
  }
  if (rest.length <= 1) return only;
  const items = rest.map((node) => requireElement(call, node));
  return { kind: "choice", items, isSimple: true, tags: [], position };
}

function flagOf(call: BoundCall, name: string): boolean {
  const node = call.named.get(name);
  if (node === undefined) return false;
  if (node.kind === "boolean") return node.value;
  throw callError(call, node.position, `${name} is true or false, found ${describeNode(node)}.`);
}

function seedOf(call: BoundCall): number {
  const node = call.named.get("seed");
  if (node === undefined) return 0;
  if (node.kind === "integer" && typeof node.value === "number" && node.value >= 0) {
    return node.value;
  }
  const message = `seed is an integer from 0 to 2^53 - 1, found ${describeNode(node)}.`;
  throw callError(call, node.position, message);
}

function sorted(
  call: BoundCall,
  items: readonly ElementNode[],
  isReverse: boolean,
): readonly ElementNode[] {
  const keys = items.map((item) => sortKey(call, item));
  const isText = (key: SortKey | undefined): boolean => typeof key === "string";
  const odd = items.find((_, index) => isText(keys[index]) !== isText(keys[0]));
  if (odd !== undefined) {
    const message = `numbers and texts have no common order: ${describeNode(odd)} stands among others.`;
    throw callError(call, odd.position, message, "Cast them to one type: sort(str(1,2,a)).");
  }
  const sign = isReverse ? -1 : 1;
  return items
    .map((item, index) => ({ item, key: keys[index] ?? 0 }))
    .toSorted((one, other) => sign * compare(one.key, other.key)) // stable, in both directions
    .map(({ item }) => item);
}

type SortKey = number | bigint | string;

function sortKey(call: BoundCall, item: ElementNode): SortKey {
  switch (item.kind) {
    case "integer":
    case "float":
      if (!Number.isNaN(item.value)) return item.value;
      break;
    case "boolean":
      return Number(item.value);
    case "text":
      if (!hasReference(item)) return item.text;
      break;
    default:
  }
  throw callError(
    call,
    item.position,
    `${describeNode(item)} has no order; numbers and texts have.`,
  );
}

function compare(one: SortKey, other: SortKey): number {
  if (typeof one === "string" && typeof other === "string") return compareTexts(one, other);
  return one < other ? -1 : one > other ? 1 : 0;
}

/** By code points, as in Python; JavaScript's own order is by UTF-16 code units. */
function compareTexts(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(one.charCodeAt(index)) - rank(other.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** Halves of characters beyond the basic plane come after everything inside of it. */
function rank(codeUnit: number): number {
  return codeUnit >= 0xd800 && codeUnit <= 0xdfff ? codeUnit + 0x10000 : codeUnit;
}

function sortedRange(call: BoundCall, range: RangeNode, isReverse: boolean): ValueNode {
  const { shuffle: _shuffle, ...rest } = range;
  const { start, stop, step, position } = range;
  if (Number(step.value) < 0 === isReverse) return rest;
  const bounds = [start, stop, step];
  if (bounds.some(({ value }) => !Number.isFinite(Number(value)))) {
    throw callError(call, position, "this range has no order to change: it is not finite.");
  }
  const areIntegers = bounds.every(({ kind }) => kind === "integer");
  const turned = turnedRange(
    { start: Number(start.value), stop: Number(stop.value), step: Number(step.value) },
    areIntegers,
  );
  if (turned === undefined) return rest;
  const node = (value: number): NumberNode =>
    areIntegers ? integerNode(value, position) : floatNode(value, position);
  return { ...rest, start: node(turned.start), stop: node(turned.stop), step: node(turned.step) };
}

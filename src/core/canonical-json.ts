/**
 * Canonical JSON as RFC 8785 (JCS) defines it: one text for one value, the same on every machine and in every locale.
 * Stricter than `JSON.stringify` on purpose. What JSON cannot say is refused with its path instead of being dropped
 * or turned into `{}`: a hash over less than the user wrote would let two different configs share one identity.
 */
import { DigestList } from "./digest-list.ts";
import { ExpError } from "./errors.ts";
import { formatPath } from "./path.ts";

/** Deeper data is a mistake (most often a cycle), and would end in a stack overflow without a path. */
const maxDepth = 200;

/** With the `u` flag, only halves of surrogate pairs that stand alone match. */
const loneSurrogate = /[\uD800-\uDFFF]/u;

/**
 * The RFC 8785 text of plain JSON data, without a newline at the end.
 * Integers beyond 2^53 are printed as ECMAScript prints that float64, as the RFC asks; -0 prints as `0`.
 * @param value - null, booleans, finite numbers, well-formed strings, dense lists, plain objects, lists of digests.
 * @throws {ExpError} `config`, with one issue that names the path of the first value that JSON cannot say.
 * @see RFC 8785, sections 3.2.2 (primitives) and 3.2.3 (keys ordered by UTF-16 code unit).
 */
export function canonicalJson(value: unknown): string {
  return printValue(value, []);
}

/**
 * The same text in pieces, so that a document of many runs is never in memory as one: the items of its lists come one by
 * one.
 * @param document - A plain object as for `canonicalJson`.
 * @throws {ExpError} as `canonicalJson` does, when it comes to the value.
 */
export function* canonicalJsonPieces(
  document: Readonly<Record<string, unknown>>,
): Generator<string> {
  const keys = Reflect.ownKeys(document).map((key) => acceptedKey(key, []));
  for (const [position, key] of keys.sort().entries()) {
    yield `${position === 0 ? "{" : ","}${printString(key, [])}:`;
    const value = document[key];
    if (Array.isArray(value)) yield* listPieces(value, key);
    else yield printProperty(document, key, [key]);
  }
  yield keys.length === 0 ? "{}" : "}";
}

function* listPieces(list: readonly unknown[], key: string): Generator<string> {
  requireDense(list, [key]);
  for (const index of list.keys())
    yield `${index === 0 ? "[" : ","}${printProperty(list, index, [key, index])}`;
  yield list.length === 0 ? "[]" : "]";
}

function printValue(value: unknown, path: (string | number)[]): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "string") return printString(value, path);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return String(value); // String(-0) is "0"
    return refuse(path, "is not a finite number, which JSON cannot say", String(value));
  }
  if (typeof value !== "object") return refuse(path, "is not JSON data", describe(value));
  if (path.length >= maxDepth) {
    return refuse(path, `is nested more than ${maxDepth} levels deep, or contains itself`);
  }
  return Array.isArray(value) ? printList(value, path) : printObject(value, path);
}

function printString(text: string, path: readonly (string | number)[]): string {
  const printed = JSON.stringify(text);
  // Half a pair is printed as an escape, so a text of the same length has none.
  if (printed.length !== text.length + 2 && loneSurrogate.test(text))
    refuse(path, "holds half of a surrogate pair, which has no UTF-8 form", printed);
  return printed;
}

/** A list whose text says all that it holds. */
function requireDense(list: readonly unknown[], path: (string | number)[]): void {
  if (Object.getPrototypeOf(list) !== Array.prototype) {
    refuse(path, "is an instance of a class, not a plain list", describe(list));
  }
  // One own key more than items: `length`. Any further one would be lost in the text.
  const isDense = Reflect.ownKeys(list).length === list.length + 1;
  if (isDense) return;
  const hole = Array.from(list.keys()).find((index) => !Object.hasOwn(list, index));
  if (hole === undefined) refuse(path, "is a list with keys beside its items");
}

function printList(list: readonly unknown[], path: (string | number)[]): string {
  requireDense(list, path);
  const items: string[] = [];
  for (let index = 0; index < list.length; index++) {
    path.push(index);
    items.push(printProperty(list, index, path));
    path.pop();
  }
  return `[${items.join(",")}]`;
}

function printObject(object: object, path: (string | number)[]): string {
  if (object instanceof DigestList) return printDigests(object, path);
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) {
    refuse(path, "is an instance of a class, not a plain object", describe(object));
  }
  const keys = Reflect.ownKeys(object).map((key) => acceptedKey(key, path));
  const members: string[] = [];
  for (const key of keys.sort()) {
    path.push(key);
    const name = printString(key, path);
    members.push(`${name}:${printProperty(object, key, path)}`);
    path.pop();
  }
  return `{${members.join(",")}}`;
}

function printDigests(list: DigestList, path: readonly (string | number)[]): string {
  return DigestList.json(list) ?? refuse(path, "is a list of digests of which some are missing");
}

function acceptedKey(key: string | symbol, path: readonly (string | number)[]): string {
  if (typeof key === "symbol") return refuse(path, "has a symbol as key", key.toString());
  if (key !== "__proto__") return key;
  return refuse([...path, key], "is not allowed as a key: many programs take it for the prototype");
}

/** Reads through the descriptor, so that no getter runs: its value could differ from one reading to the next. */
function printProperty(holder: object, key: string | number, path: (string | number)[]): string {
  const property = Object.getOwnPropertyDescriptor(holder, key);
  if (property === undefined) return refuse(path, "is missing: the list has a hole here");
  if (!("value" in property)) return refuse(path, "is a getter or setter, not a value");
  if (property.enumerable !== true)
    return refuse(path, "is not enumerable, so other programs would not see it");
  return printValue(property.value, path);
}

function describe(value: unknown): string {
  if (typeof value === "function")
    return value.name === "" ? "a function" : `function ${value.name}`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  const prototype = Object.getPrototypeOf(value) as { constructor?: unknown } | null;
  const constructor = prototype?.constructor;
  return typeof constructor === "function" && constructor.name !== ""
    ? constructor.name
    : "an object";
}

function refuse(path: readonly (string | number)[], message: string, found?: string): never {
  const place = path.length === 0 ? "The value" : formatPath(path);
  throw new ExpError("config", `${place} cannot be written as canonical JSON.`, {
    issues: [
      { path: [...path], message, ...(found === undefined ? {} : { value: shorten(found) }) },
    ],
    hint: "Use only null, booleans, finite numbers, strings, lists and plain objects.",
  });
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}

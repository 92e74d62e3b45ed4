/** Applies operations to a value, or turns them round. */
import { ExpError } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { formatPath, type Path } from "../../core/path.ts";
import { equalJson, isJsonList, isJsonObject } from "./equal.ts";
import type { Operation } from "./operations.ts";

/**
 * The value that the operations lead to, which shares with `value` all that they do not touch; `value` stays as it is.
 * @throws {ExpError} `usage` where an operation does not fit: its place is not there or taken, or another value is
 *   there than the one that it was made for.
 */
export function applyOperations(operations: readonly Operation[], value: JsonValue): JsonValue {
  let current = value;
  for (const operation of operations) current = applyOne(operation, current);
  return current;
}

/** The operations that undo these. */
export function invertOperations(operations: readonly Operation[]): readonly Operation[] {
  return operations.toReversed().map(invertOne);
}

function invertOne(operation: Operation): Operation {
  switch (operation.kind) {
    case "add":
      return { ...operation, kind: "remove" };
    case "remove":
      return { ...operation, kind: "add" };
    case "replace":
      return { ...operation, before: operation.value, value: operation.before };
    case "move": {
      const from = operation.path.at(-1);
      const path = [...operation.path.slice(0, -1), operation.to];
      return { ...operation, path, to: typeof from === "number" ? from : 0 };
    }
  }
}

function applyOne(operation: Operation, root: JsonValue): JsonValue {
  if (operation.path.length === 0) {
    if (operation.kind === "replace" && equalJson(root, operation.before)) return operation.value;
    throw doesNotFit(operation, root);
  }
  return changed(root, { path: operation.path, operation });
}

interface Step {
  /** What is left of the operation's path. */
  readonly path: Path;
  readonly operation: Operation;
}

/** A copy of `holder` in which the operation is done. */
function changed(holder: JsonValue, { path, operation }: Step): JsonValue {
  const [part, ...rest] = path;
  if (rest.length > 0) {
    const child = childAt(holder, part);
    if (child === undefined) throw doesNotFit(operation, undefined);
    return withChild(holder, part, changed(child, { path: rest, operation }));
  }
  if (isJsonList(holder) && typeof part === "number") return changedList(holder, part, operation);
  if (isJsonObject(holder) && typeof part === "string")
    return changedObject(holder, part, operation);
  throw doesNotFit(operation, undefined);
}

function childAt(holder: JsonValue, part: string | number | undefined): JsonValue | undefined {
  if (isJsonList(holder) && typeof part === "number") return holder[part];
  if (isJsonObject(holder) && typeof part === "string" && Object.hasOwn(holder, part))
    return holder[part];
  return undefined;
}

/** Not by assignment: the key may be `__proto__`. */
function withChild(
  holder: JsonValue,
  part: string | number | undefined,
  value: JsonValue,
): JsonValue {
  if (isJsonList(holder)) return holder.map((item, index) => (index === part ? value : item));
  const name = String(part);
  const fields = Object.entries(holder as JsonObject);
  if (!Object.hasOwn(holder as JsonObject, name))
    return Object.fromEntries([...fields, [name, value]]);
  return Object.fromEntries(fields.map(([key, old]) => [key, key === name ? value : old]));
}

function changedObject(holder: JsonObject, key: string, operation: Operation): JsonValue {
  const found = childAt(holder, key);
  switch (operation.kind) {
    case "add":
      if (found !== undefined) throw doesNotFit(operation, found);
      return withChild(holder, key, operation.value);
    case "replace":
      if (!equalJson(found, operation.before)) throw doesNotFit(operation, found);
      return withChild(holder, key, operation.value);
    case "remove":
      if (!equalJson(found, operation.value)) throw doesNotFit(operation, found);
      return Object.fromEntries(Object.entries(holder).filter(([name]) => name !== key));
    case "move":
      throw doesNotFit(operation, found);
  }
}

function changedList(
  list: readonly JsonValue[],
  index: number,
  operation: Operation,
): readonly JsonValue[] {
  const found = list[index];
  switch (operation.kind) {
    case "add":
      if (index > list.length) throw doesNotFit(operation, found);
      return list.toSpliced(index, 0, operation.value);
    case "replace":
      if (!equalJson(found, operation.before)) throw doesNotFit(operation, found);
      return list.with(index, operation.value);
    case "remove":
      if (!equalJson(found, operation.value)) throw doesNotFit(operation, found);
      return list.toSpliced(index, 1);
    case "move":
      if (found === undefined || operation.to >= list.length) throw doesNotFit(operation, found);
      return list.toSpliced(index, 1).toSpliced(operation.to, 0, found);
  }
}

function doesNotFit(operation: Operation, found: JsonValue | undefined): ExpError {
  const where = formatPath(operation.path) || "the whole value";
  const there = found === undefined ? "nothing is there" : `${JSON.stringify(found)} is there`;
  return new ExpError(
    "usage",
    `The change does not fit: ${expected(operation, where)}, but ${there}.`,
    {
      hint: "It was made for another value; make the diff again from this one.",
    },
  );
}

function expected(operation: Operation, where: string): string {
  switch (operation.kind) {
    case "add":
      return `${where} is to be added`;
    case "remove":
      return `${where} is to go, with the value ${JSON.stringify(operation.value)}`;
    case "replace":
      return `${where} is to be changed from ${JSON.stringify(operation.before)}`;
    case "move":
      return `${where} is to move to index ${String(operation.to)}`;
  }
}

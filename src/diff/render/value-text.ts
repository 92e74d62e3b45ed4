/** Values and changes on one line. */
import type { JsonValue } from "../../core/json.ts";
import type { AxisChange } from "../configs.ts";
import type { Operation } from "../value/operations.ts";

/** What stands where there is no value. */
export const noValue = "(none)";

/** The old and the new side of an operation as JSON; of a move, the indices. */
export function operationSides(operation: Operation): readonly [before: string, after: string] {
  switch (operation.kind) {
    case "add":
      return [noValue, json(operation.value)];
    case "remove":
      return [json(operation.value), noValue];
    case "replace":
      return [json(operation.before), json(operation.value)];
    case "move":
      return [`item ${String(operation.path.at(-1))}`, `item ${String(operation.to)}`];
  }
}

/** The values of an axis on both sides; of the side without it the value that is there instead. */
export function axisSides({
  before,
  after,
  instead,
}: AxisChange): readonly [before: string, after: string] {
  const other = instead === undefined ? noValue : json(instead);
  const text = (values: readonly JsonValue[] | undefined): string =>
    values === undefined ? other : `${values.map(json).join(", ")} (${String(values.length)})`;
  return [text(before), text(after)];
}

function json(value: JsonValue): string {
  return JSON.stringify(value);
}

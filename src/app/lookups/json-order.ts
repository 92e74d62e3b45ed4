/** An order of values: numbers by their size, all others by their JSON. */
import type { JsonValue } from "../../core/json.ts";

/** Less than 0 where `a` comes first; what is not there is as null. */
export function compareJson(a: JsonValue | undefined, b: JsonValue | undefined): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [JSON.stringify(a ?? null), JSON.stringify(b ?? null)];
  return left < right ? -1 : left > right ? 1 : 0;
}

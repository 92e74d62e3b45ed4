/** Equality of JSON values as hashes see it. */
import { isPlainObject, type JsonObject, type JsonValue } from "../../core/json.ts";

/** Tells a JSON object from the other values. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return isPlainObject(value);
}

/** Tells a JSON list from the other values. */
export function isJsonList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** True for equal JSON: the order of an object's keys does not count, as in canonical JSON, nor the sign of zero. */
export function equalJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b || Object.is(a, b)) return true; // NaN is no JSON, and equals itself all the same
  if (isJsonList(a) && isJsonList(b))
    return a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key], b[key]))
  );
}

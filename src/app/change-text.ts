/** What one config has other than another, as people read it. */
import type { JsonObject, JsonValue } from "../core/json.ts";
import { formatPath, valueAt } from "../core/path.ts";
import type { JsonChange } from "./json-changes.ts";

/**
 * One change in a line: `seed 1 → 2`, `(none)` where a field is not there.
 * @param before - The document that is changed.
 */
export function changeText(before: JsonObject, change: JsonChange): string {
  const [path, value] = change;
  const earlier = valueAt(before, path) as JsonValue | undefined;
  const now = change.length === 1 ? "(none)" : JSON.stringify(value);
  return `${formatPath(path)} ${earlier === undefined ? "(none)" : JSON.stringify(earlier)} → ${now}`;
}

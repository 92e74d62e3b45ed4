/** From two JSON values to the operations that lead from one to the other. */
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { checkDepth } from "./depth.ts";
import { equalJson, isJsonList, isJsonObject } from "./equal.ts";
import { itemOperations } from "./lists.ts";
import type { Operation, Place } from "./operations.ts";

/**
 * What must be done to `before` to get `after`, fields in the order of their names: to be applied one after the other,
 * as `applyOperations` does. Empty for equal values (`equalJson`): an object's fields have no order.
 * @throws {ExpError} `usage` for values more than 500 levels deep.
 */
export function diffValues(before: JsonValue, after: JsonValue): readonly Operation[] {
  for (const side of [before, after]) checkDepth(side);
  return diffAt({ path: [] }, before, after);
}

function diffAt(place: Place, before: JsonValue, after: JsonValue): readonly Operation[] {
  if (equalJson(before, after)) return [];
  if (isJsonObject(before) && isJsonObject(after)) return diffObjects(place, before, after);
  if (isJsonList(before) && isJsonList(after)) {
    const items = itemOperations(place, before, after);
    if (items !== undefined)
      return [
        ...items.operations,
        ...items.kept.flatMap((kept) => diffAt(kept.place, kept.before, kept.after)),
      ];
  }
  return [{ kind: "replace", ...place, before, value: after }];
}

function diffObjects(place: Place, before: JsonObject, after: JsonObject): readonly Operation[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].toSorted().flatMap((name) => {
    const here = { ...place, path: [...place.path, name] };
    const earlier = Object.hasOwn(before, name) ? before[name] : undefined;
    const later = Object.hasOwn(after, name) ? after[name] : undefined;
    if (earlier === undefined)
      return later === undefined ? [] : [{ kind: "add" as const, ...here, value: later }];
    if (later === undefined) return [{ kind: "remove" as const, ...here, value: earlier }];
    return diffAt(here, earlier, later);
  });
}

/**
 * Objects of the command line in the form in which they count: `model={kind: mlp, depth: 2}` is `model.kind=mlp` and
 * `model.depth=2`, so that whatever holds for the one holds for the other.
 */
import { markerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import { deprecationNote, moveOf, movedPath } from "./deprecated.ts";
import type { PlacedOverride, PlaceRequest } from "./place-override.ts";
import { viewsAt } from "./schema-queries.ts";
import { typeValue, writtenAt } from "./type-value.ts";

/** A field of an object, with the way to it. */
interface WrittenField {
  readonly below: readonly string[];
  readonly value: unknown;
}

/**
 * An override of an object as one override for each field that it writes, at any depth, in order; any other override as
 * it is. `:=` and `+` say something of the whole object, and an item of a list stands in the order of the list's changes:
 * they stay whole.
 */
export function fieldOverrides(
  placed: PlacedOverride,
  { view, moves = [], note }: Pick<PlaceRequest, "view" | "moves" | "note">,
): readonly PlacedOverride[] {
  if (!isObjectOverride(placed) || staysWhole(placed)) return [placed];
  const { override, path } = placed;
  // The whole is typed at once: the kind that it names says which of several fields of one name is meant.
  const value = typeValue(override.value, viewsAt(view, path), override.written);
  return writtenFields({ ...placed, override: { ...override, value } }).map((one) => {
    const move = one.path.length > path.length ? moveOf(one.path, moves) : undefined;
    if (move === undefined) return one;
    note(deprecationNote(move, `command line: ${override.text}`));
    return { ...one, path: movedPath(one.path, moves) };
  });
}

/** Whether an override of an object acts as one whole. */
export function staysWhole({ override, path }: PlacedOverride): boolean {
  return override.operation === "add" || path.some((part) => typeof part === "number");
}

/** Whether an override writes an object into what is there. */
export function isObjectOverride({ override, group }: PlacedOverride): boolean {
  return isSet(override) && group?.kind !== "profiles" && isObject(override.value);
}

/** What an override writes, field by field; one of anything but an object as it is. */
export function writtenFields(placed: PlacedOverride): readonly PlacedOverride[] {
  if (!isObjectOverride(placed)) return [placed];
  const { override, path } = placed;
  return fieldsOf(override.value, [], 0).map(({ below, value }) => {
    if (below.length === 0) return placed;
    const { written } = override;
    const own = below.reduce<typeof written>((one, part) => writtenAt(one, part), written);
    const key = [...override.key, ...below];
    return {
      ...placed,
      path: [...path, ...below],
      group: undefined,
      override: { ...override, key, value, written: own },
    };
  });
}

/** The values of an axis of which one at least is an object; `undefined` for anything else. */
export function objectAlternatives({
  override,
  group,
}: PlacedOverride): readonly unknown[] | undefined {
  const marker = markerData(override.value);
  if (!isSet(override) || group?.kind === "profiles" || marker?.kind !== "choice") return undefined;
  return marker.values.some(isObject) ? marker.values : undefined;
}

/** An override with one of the values of its axis, as if that had been given alone. */
export function withValue(placed: PlacedOverride, value: unknown, index: number): PlacedOverride {
  const { override } = placed;
  return {
    ...placed,
    override: { ...override, value, written: writtenAt(override.written, index) },
  };
}

function isSet({ operation }: PlacedOverride["override"]): boolean {
  return operation === "set" || operation === "forceAdd" || operation === "add";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return markerData(value) === undefined && isPlainObject(value);
}

const maxDepth = 100;

function fieldsOf(value: unknown, below: readonly string[], depth: number): WrittenField[] {
  const isWhole = !isObject(value) || Object.keys(value).length === 0 || depth > maxDepth;
  if (isWhole) return [{ below, value }];
  return Object.entries(value).flatMap(([key, field]) =>
    fieldsOf(field, [...below, key], depth + 1),
  );
}

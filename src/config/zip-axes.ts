/** The axes inside of one patch, for `zip`: where they stand, their values, and the patch with one value of each. */
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";
import { createMarker, markerData, type MarkerData } from "./markers.ts";
import { rangeValues } from "./range-values.ts";

/** An axis inside of a patch. */
export interface PatchAxis {
  /** As far as the patch says it: of items that are added to a list, the index among those added. */
  readonly path: Path;
  readonly values: readonly unknown[];
  /** Where it stands in items added at the end of a list: the list's path, and how many are added. */
  readonly appended?: { readonly list: Path; readonly count: number };
}

/** The values of an axis in order, or `undefined` for a marker that is none. */
export function axisValues(marker: MarkerData | undefined): readonly unknown[] | undefined {
  if (marker?.kind === "range") return rangeValues(marker.start, marker.stop, marker.step);
  return marker?.kind === "choice" ? marker.values : undefined;
}

/** All axes of a patch in the order written, those inside of lists and of other markers too. */
export function patchAxes(patch: unknown, path: Path = []): readonly PatchAxis[] {
  const marker = markerData(patch);
  const values = axisValues(marker);
  if (values !== undefined) return [{ path, values }];
  if (marker?.kind === "replace") return patchAxes(marker.value, path);
  if (marker?.kind === "prepend") return itemAxes(marker.items, path);
  if (marker?.kind === "append") {
    const appended = { list: path, count: marker.items.length };
    return itemAxes(marker.items, path).map((axis) => ({ ...axis, appended }));
  }
  if (Array.isArray(patch)) return itemAxes(patch, path);
  if (marker !== undefined || !isPlainObject(patch)) return [];
  return Object.entries(patch).flatMap(([key, value]) => patchAxes(value, [...path, key]));
}

function itemAxes(items: readonly unknown[], path: Path): readonly PatchAxis[] {
  return items.flatMap((item, index) => patchAxes(item, [...path, index]));
}

/**
 * The patch with every axis inside replaced by its value at `index`; what holds no axis stays the same object.
 * @param valuesOf - The values of a marker that is an axis, `undefined` for any other; asked once for each index.
 */
export function patchAt(
  patch: unknown,
  index: number,
  valuesOf: typeof axisValues = axisValues,
): unknown {
  const marker = markerData(patch);
  const values = valuesOf(marker);
  if (values !== undefined) return values[index];
  const at = (value: unknown): unknown => patchAt(value, index, valuesOf);
  if (marker?.kind === "replace") {
    const value = at(marker.value);
    return value === marker.value ? patch : createMarker({ ...marker, value });
  }
  if (marker?.kind === "append" || marker?.kind === "prepend") {
    const items = marker.items.map(at);
    return isSame(items, marker.items) ? patch : createMarker({ ...marker, items });
  }
  if (Array.isArray(patch)) {
    const items = patch.map(at);
    return isSame(items, patch) ? patch : items;
  }
  if (marker !== undefined || !isPlainObject(patch)) return patch;
  const fields = Object.values(patch).map(at);
  if (isSame(fields, Object.values(patch))) return patch;
  return Object.fromEntries(Object.keys(patch).map((key, position) => [key, fields[position]]));
}

function isSame(items: readonly unknown[], others: readonly unknown[]): boolean {
  return items.every((item, index) => item === others[index]);
}

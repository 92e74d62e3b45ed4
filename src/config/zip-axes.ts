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

/** The patch with every axis inside replaced by its value at `index`; what holds no axis stays the same object. */
export function patchAt(patch: unknown, index: number): unknown {
  const marker = markerData(patch);
  const values = axisValues(marker);
  if (values !== undefined) return values[index];
  if (patchAxes(patch).length === 0) return patch;
  if (marker?.kind === "replace")
    return createMarker({ ...marker, value: patchAt(marker.value, index) });
  if (marker?.kind === "append" || marker?.kind === "prepend")
    return createMarker({ ...marker, items: marker.items.map((item) => patchAt(item, index)) });
  if (Array.isArray(patch)) return patch.map((item) => patchAt(item, index));
  if (!isPlainObject(patch)) return patch;
  return Object.fromEntries(
    Object.entries(patch).map(([key, value]) => [key, patchAt(value, index)]),
  );
}

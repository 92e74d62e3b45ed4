/** The axes inside of one patch, for `zip`: where they stand, their values, and the patch with one value of each. */
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";
import { createMarker, markerData, type MarkerData } from "./markers.ts";
import { rangeValues } from "./range-values.ts";

/** An axis inside of a patch. */
export interface PatchAxis {
  readonly path: Path;
  readonly values: readonly unknown[];
}

/** The values of an axis in order, or `undefined` for a marker that is none. */
export function axisValues(marker: MarkerData | undefined): readonly unknown[] | undefined {
  if (marker?.kind === "range") return rangeValues(marker.start, marker.stop, marker.step);
  return marker?.kind === "choice" ? marker.values : undefined;
}

/**
 * All axes of a patch in the order written, those inside of lists and of other markers too.
 * @returns Their paths as far as the patch says them: of items that are added to a list, the index among those added.
 */
export function patchAxes(patch: unknown, path: Path = []): readonly PatchAxis[] {
  const marker = markerData(patch);
  const values = axisValues(marker);
  if (values !== undefined) return [{ path, values }];
  const inside = insideOf(patch, marker);
  if (inside === undefined) return [];
  return inside.flatMap(([key, value]) =>
    patchAxes(value, key === undefined ? path : [...path, key]),
  );
}

function insideOf(
  patch: unknown,
  marker: MarkerData | undefined,
): readonly (readonly [string | number | undefined, unknown])[] | undefined {
  if (marker?.kind === "replace") return [[undefined, marker.value]];
  const list = marker?.kind === "append" || marker?.kind === "prepend" ? marker.items : patch;
  if (Array.isArray(list)) return list.map((item: unknown, index) => [index, item]);
  return marker === undefined && isPlainObject(patch) ? Object.entries(patch) : undefined;
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

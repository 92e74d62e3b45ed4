/** Which kinds of unions a choice of presets sets: what `m.kind=…` before it on the command line loses to. */
import { markerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import { formatPath, type Path } from "../core/path.ts";
import type { PresetChoice } from "./choose-preset.ts";
import { unionView, viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

/** Whether a path is that of a union's discriminator. */
export function isKind(path: Path, root: SchemaView): boolean {
  const unions = viewsAt(root, path.slice(0, -1)).map(unionView);
  return unions.some((union) => union?.discriminator === path.at(-1));
}

/** The kinds that presets set, by their paths; of an axis over presets only those that each of them sets. */
export function presetKinds(
  choice: PresetChoice | undefined,
  root: SchemaView,
): ReadonlyMap<string, readonly unknown[]> {
  const kinds = new Map<string, readonly unknown[]>();
  if (choice?.kind !== "presets") return kinds;
  for (const { patch, alternatives } of choice.presets) {
    const layers = alternatives === undefined ? [{ patch }] : [...alternatives.values()];
    const [first = new Map<string, unknown>(), ...others] = layers.map((layer) =>
      kindsIn(layer.patch, [], root),
    );
    for (const [name, kind] of first) {
      if (others.every((other) => other.has(name)))
        kinds.set(name, [kind, ...others.map((other) => other.get(name))]);
    }
  }
  return kinds;
}

function kindsIn(patch: unknown, path: Path, root: SchemaView): ReadonlyMap<string, unknown> {
  const marker = markerData(patch);
  if (marker?.kind === "replace") return kindsIn(marker.value, path, root);
  if (marker !== undefined || !isPlainObject(patch)) return new Map();
  const entries = Object.entries(patch).flatMap(([key, value]): [string, unknown][] => {
    const here = [...path, key];
    const isChosen = typeof value === "string" && isKind(here, root);
    return isChosen ? [[formatPath(here), value]] : [...kindsIn(value, here, root)];
  });
  return new Map(entries);
}

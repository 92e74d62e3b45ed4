/** `model=bert-tiny`: a preset by its name, alone or as the values of an axis. */
import { createMarker, markerData } from "../config/markers.ts";
import type { Override } from "../config/override.ts";
import { valueAt, type Path } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";
import { hasAxis } from "./axes.ts";
import type { LayerSource, Layer } from "./layers.ts";
import type { PresetGroup, PresetGroups } from "./presets.ts";
import type { Report } from "./problems.ts";
import type { SchemaView } from "./schema-view.ts";
import { acceptsText } from "./type-value.ts";

export interface PresetChoice {
  readonly override: Override;
  readonly path: Path;
  readonly views: readonly SchemaView[];
  /** The override itself, for problems. */
  readonly layer: Layer;
}

export interface ChosenPreset {
  readonly label: string;
  readonly patch: unknown;
  readonly source: LayerSource;
  readonly names: ReadonlyMap<unknown, string>;
}

/**
 * What an override chooses: `undefined` where it does not name presets, `"refused"` where it names one that is reported
 * to be missing. A preset wins over a plain text.
 */
export function choosePreset(
  choice: PresetChoice,
  { presets, report }: { readonly presets: PresetGroups; readonly report: Report },
): ChosenPreset | "refused" | undefined {
  const { override, path, views } = choice;
  const group = path.length === 1 ? presets.get(String(path[0])) : undefined;
  if (group === undefined) return undefined;
  const marker = markerData(override.value);
  const values = marker?.kind === "choice" ? marker.values : [override.value];
  const names = values.filter((value) => typeof value === "string");
  const known = names.filter((name) => group.presets.has(name));
  if (known.length === 0 || known.length < values.length) {
    if (names.length === 0 || acceptsText(views)) return undefined;
    reportUnknown({ ...choice, names, group, report });
    return "refused";
  }
  if (marker === undefined) return onePreset(String(override.value), group, override);
  return presetAxis(known, { ...choice, group, report });
}

interface GroupChoice extends PresetChoice {
  readonly group: PresetGroup;
  readonly report: Report;
}

function reportUnknown(choice: GroupChoice & { readonly names: readonly string[] }): void {
  const { names, group, path, layer, report } = choice;
  const existing = [...group.presets.keys()];
  for (const name of names.filter((candidate) => !group.presets.has(candidate))) {
    const suggestion = nearest(name, existing);
    report({
      path,
      message: `has no preset ${JSON.stringify(name)}; there are ${existing.join(", ")}`,
      place: { kind: "layer", layer, path },
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}

function onePreset(
  name: string,
  { presets }: PresetGroup,
  { text }: Override,
): ChosenPreset | undefined {
  const preset = presets.get(name);
  if (preset === undefined) return undefined;
  const { label, patch, call, literal } = preset;
  return {
    label,
    patch,
    source: { kind: "module", call, literal, chosenBy: text },
    names: new Map(),
  };
}

function presetAxis(names: readonly string[], choice: GroupChoice): ChosenPreset | undefined {
  const { group, path, layer, report, override } = choice;
  const key = String(path[0]);
  const chosen = names.flatMap((name) => {
    const preset = group.presets.get(name);
    return preset === undefined ? [] : [{ name, preset, value: valueAt(preset.patch, path) }];
  });
  const [first] = chosen;
  if (first === undefined) return undefined;
  if (chosen.some(({ value }) => hasAxis(value))) {
    const message = "makes an axis of presets that hold axes of their own";
    report({ path, message, place: { kind: "layer", layer, path } });
  }
  const { call } = first.preset;
  const values = chosen.map(({ value }) => value);
  return {
    label: `preset ${key}`,
    patch: { [key]: createMarker({ kind: "choice", values, call }) },
    source: { kind: "module", call, literal: first.preset.literal, chosenBy: override.text },
    names: new Map(chosen.map(({ name, value }) => [value, name])),
  };
}

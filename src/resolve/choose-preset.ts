/** `model=bert-tiny`, `model=[bert-tiny,regularised]`, `run=dryrun`: presets and profiles by name, also as an axis. */
import type { PatchLayerData } from "../config/definition.ts";
import type { Written } from "../config/override-value.ts";
import { createMarker, markerData } from "../config/markers.ts";
import type { JsonValue } from "../core/json.ts";
import { valueAt, type Path } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";
import { hasAxis } from "./axes.ts";
import type { Layer, LayerSource } from "./layers.ts";
import { holdsMarker, patchAt } from "./operation-patch.ts";
import { argumentText, type PlacedOverride } from "./place-override.ts";
import type { PresetGroup } from "./presets.ts";
import type { Report } from "./problems.ts";
import { globNames, readPresetNames, type PresetReading } from "./read-preset-names.ts";
import type { SchemaView } from "./schema-view.ts";
import { writtenAt } from "./type-value.ts";

/** One preset as a layer. */
export interface ChosenPreset {
  readonly label: string;
  readonly patch: unknown;
  readonly source: LayerSource;
  readonly names: ReadonlyMap<unknown, string>;
  /** For an axis over presets: each of them, by the value that stands for it. */
  readonly alternatives?: ReadonlyMap<unknown, Layer>;
}

/** One value of an axis that is more than a value of its field: presets in a row, profiles, presets with axes. */
export interface PresetAlternative {
  readonly value: unknown;
  readonly written: Written;
  /** How plans show it. */
  readonly shown: JsonValue;
}

/** What an override chooses: presets in order, or one of several such in each run. */
export type PresetChoice =
  | { readonly kind: "presets"; readonly presets: readonly ChosenPreset[] }
  | { readonly kind: "alternatives"; readonly alternatives: readonly PresetAlternative[] };

interface Choosing extends PlacedOverride {
  readonly group: PresetGroup;
  readonly views: readonly SchemaView[];
  readonly report: Report;
}

/**
 * The presets that an override names; none where it names some that do not exist, which is reported; `undefined` where
 * it is a plain value.
 */
export function choosePreset(
  placed: PlacedOverride,
  scope: { readonly views: readonly SchemaView[]; readonly report: Report },
): PresetChoice | undefined {
  const { group, override } = placed;
  if (group === undefined) return undefined;
  const choosing = { ...placed, ...scope, group };
  const { operation } = override;
  const isPlain = operation === "set" || operation === "add" || operation === "forceAdd";
  if (!isPlain && (group.kind === "profiles" || operation !== "replace")) {
    if (group.kind === "presets") return undefined;
    return refuse(choosing, `is chosen with =, as in ${group.name}=${firstName(group)}`);
  }
  const { values, isAxis } = valuesOf(choosing);
  const readings = values.map(({ value, written }) => readPresetNames(value, written, choosing));
  if (readings.every(({ kind }) => kind === "value")) return undefined;
  const unknown = readings.flatMap((one) => (one.kind === "unknown" ? one.names : []));
  if (unknown.length > 0) return reportUnknown(unknown, choosing);
  if (readings.some(({ kind }) => kind === "unknown"))
    return refuse(choosing, "mixes names of presets with values; write them one after the other");
  if (readings.some(({ kind }) => kind === "noName"))
    return refuse(choosing, `takes the name of a profile of ${listNames(group)}`);
  if (!isAxis) return { kind: "presets", presets: oneChoice(readings[0], choosing) };
  const axis = presetAxis(readings, choosing);
  if (axis !== undefined) return { kind: "presets", presets: [axis] };
  const alternatives = values.map((one, index) => {
    return { ...one, shown: shownValue(one.value, readings[index]) };
  });
  return { kind: "alternatives", alternatives };
}

/** The value of an override, or those of its axis; a glob is an axis over the names that it fits. */
function valuesOf({ override, group }: Choosing): {
  readonly values: readonly Omit<PresetAlternative, "shown">[];
  readonly isAxis: boolean;
} {
  const { value, written } = override;
  const marker = markerData(value);
  if (marker?.kind === "choice") {
    const values = marker.values.map((one, index) => {
      return { value: one, written: writtenAt(written, index) };
    });
    return { values, isAxis: true };
  }
  if (marker?.kind !== "glob") return { values: [{ value, written }], isAxis: false };
  const names = globNames(marker, group);
  const found = names.length === 0 ? marker.include : names;
  return { values: found.map((name) => ({ value: name, written: name })), isAxis: true };
}

function shownValue(value: unknown, reading: PresetReading | undefined): JsonValue {
  if (reading?.kind !== "names") return holdsMarker(value) ? "…" : (value as JsonValue); // as it was parsed
  const [name] = reading.names;
  return name !== undefined && reading.names.length === 1 ? name : [...reading.names];
}

function listNames({ name, presets }: PresetGroup): string {
  return `${name}, or a list of names; there are ${[...presets.keys()].join(", ")}`;
}

function firstName({ presets }: PresetGroup): string {
  return [...presets.keys()][0] ?? "";
}

const nothing: PresetChoice = { kind: "presets", presets: [] };

function refuse({ path, source, report }: Choosing, message: string): PresetChoice {
  report({ path, message, place: { kind: "layer", layer: source, path } });
  return nothing;
}

function reportUnknown(names: readonly string[], choosing: Choosing): PresetChoice {
  const { group, path, source, report } = choosing;
  const existing = [...group.presets.keys()];
  const what = group.kind === "presets" ? "has no preset" : `names no profile of ${group.name}:`;
  for (const name of names) {
    const suggestion = nearest(name, existing);
    report({
      path,
      message: `${what} ${JSON.stringify(name)}; there are ${existing.join(", ")}`,
      place: { kind: "layer", layer: source, path },
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
  return nothing;
}

function oneChoice(
  reading: PresetReading | undefined,
  choosing: Choosing,
): readonly ChosenPreset[] {
  const { group, override, path } = choosing;
  const names = reading?.kind === "names" ? reading.names : [];
  return presetsOf(names, group).map(({ preset }, index) => {
    const isWhole = override.operation === "replace" && index === 0;
    const { patch, call } = preset;
    const layer = presetLayer(preset, argumentText(choosing));
    return { ...layer, patch: isWhole ? replaced(patch, path, call) : patch, names: new Map() };
  });
}

function presetLayer({ label, patch, call, literal }: PatchLayerData, chosenBy: string): Layer {
  return { label, patch, source: { kind: "module", call, literal, chosenBy } };
}

function presetsOf(
  names: readonly string[],
  { presets }: PresetGroup,
): readonly { readonly name: string; readonly preset: PatchLayerData }[] {
  return names.flatMap((name) => {
    const preset = presets.get(name);
    return preset === undefined ? [] : [{ name, preset }];
  });
}

function replaced(patch: unknown, path: Path, call: PatchLayerData["call"]): unknown {
  return patchAt(path, createMarker({ kind: "replace", value: valueAt(patch, path), call }));
}

/** An axis over single presets of a field stands where its value stands; anything else needs alternatives. */
function presetAxis(
  readings: readonly PresetReading[],
  choosing: Choosing,
): ChosenPreset | undefined {
  const { group, path, override } = choosing;
  const argument = argumentText(choosing);
  const lists = readings.map((one) => (one.kind === "names" ? one.names : []));
  const chosen = presetsOf(lists.flat(), group);
  const [first] = chosen;
  const isSimple = lists.every((names) => names.length === 1) && override.operation !== "replace";
  if (first === undefined || !isSimple || group.kind === "profiles") return undefined;
  const named = chosen.map(({ name, preset }) => [valueAt(preset.patch, path), name] as const);
  if (named.some(([value]) => hasAxis(value))) return undefined;
  const { call, literal } = first.preset;
  const values = named.map(([value]) => value);
  return {
    label: `preset ${group.name}`,
    patch: patchAt(path, createMarker({ kind: "choice", values, call })),
    source: { kind: "module", call, literal, chosenBy: argument },
    names: new Map(named),
    alternatives: new Map(
      chosen.map(({ preset }) => [valueAt(preset.patch, path), presetLayer(preset, argument)]),
    ),
  };
}

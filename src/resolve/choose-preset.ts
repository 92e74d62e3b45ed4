/** `model=bert-tiny`, `model=[bert-tiny,regularised]`, `run=dryrun`: presets and profiles by name, also as an axis. */
import type { PatchLayerData } from "../config/definition.ts";
import { createMarker, markerData } from "../config/markers.ts";
import { valueAt, type Path } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";
import { hasAxis } from "./axes.ts";
import type { LayerSource } from "./layers.ts";
import { patchAt } from "./operation-patch.ts";
import type { PlacedOverride } from "./place-override.ts";
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
}

interface Choosing extends PlacedOverride {
  readonly group: PresetGroup;
  readonly views: readonly SchemaView[];
  readonly report: Report;
}

/**
 * The layers of the presets that an override names, in order; none where it names some that do not exist, which is
 * reported; `undefined` where it is a plain value.
 */
export function choosePreset(
  placed: PlacedOverride,
  scope: { readonly views: readonly SchemaView[]; readonly report: Report },
): readonly ChosenPreset[] | undefined {
  const { group, override } = placed;
  if (group === undefined) return undefined;
  const choosing = { ...placed, ...scope, group };
  const { operation } = override;
  const isPlain = operation === "set" || operation === "add" || operation === "forceAdd";
  if (!isPlain && (group.kind === "profiles" || operation !== "replace")) {
    if (group.kind === "presets") return undefined;
    return refuse(choosing, `is chosen with =, as in ${group.name}=${firstName(group)}`);
  }
  const { readings, isAxis } = readingsOf(choosing);
  if (readings.every(({ kind }) => kind === "value")) return undefined;
  const unknown = readings.flatMap((one) => (one.kind === "unknown" ? one.names : []));
  if (unknown.length > 0) return reportUnknown(unknown, choosing);
  if (readings.some(({ kind }) => kind === "noName"))
    return refuse(choosing, `takes the name of a profile of ${listNames(group)}`);
  return isAxis ? presetAxis(readings, choosing) : oneChoice(readings[0], choosing);
}

function readingsOf(choosing: Choosing): {
  readonly readings: readonly PresetReading[];
  readonly isAxis: boolean;
} {
  const { override, group } = choosing;
  const { value, written } = override;
  const marker = markerData(value);
  if (marker?.kind === "glob") {
    const names = globNames(marker, group);
    const readings = names.map((name) => ({ kind: "names", names: [name] }) as const);
    const none = { kind: "unknown", names: [...marker.include] } as const;
    return { readings: names.length === 0 ? [none] : readings, isAxis: true };
  }
  if (marker?.kind === "choice") {
    const readings = marker.values.map((one, index) =>
      readPresetNames(one, writtenAt(written, index), choosing),
    );
    return { readings, isAxis: true };
  }
  return { readings: [readPresetNames(value, written, choosing)], isAxis: false };
}

function listNames({ name, presets }: PresetGroup): string {
  return `${name}, or a list of names; there are ${[...presets.keys()].join(", ")}`;
}

function firstName({ presets }: PresetGroup): string {
  return [...presets.keys()][0] ?? "";
}

function refuse({ path, source, report }: Choosing, message: string): readonly ChosenPreset[] {
  report({ path, message, place: { kind: "layer", layer: source, path } });
  return [];
}

function reportUnknown(names: readonly string[], choosing: Choosing): readonly ChosenPreset[] {
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
  return [];
}

function oneChoice(
  reading: PresetReading | undefined,
  { group, override, path }: Choosing,
): readonly ChosenPreset[] {
  const names = reading?.kind === "names" ? reading.names : [];
  return presetsOf(names, group).map(({ preset }, index) => {
    const isWhole = override.operation === "replace" && index === 0;
    const { label, patch, call, literal } = preset;
    return {
      label,
      patch: isWhole ? replaced(patch, path, call) : patch,
      source: { kind: "module", call, literal, chosenBy: override.text },
      names: new Map(),
    };
  });
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

function presetAxis(
  readings: readonly PresetReading[],
  choosing: Choosing,
): readonly ChosenPreset[] {
  const { group, path, override } = choosing;
  const lists = readings.flatMap((one) => (one.kind === "names" ? [one.names] : []));
  const chosen = presetsOf(lists.flat(), group);
  const [first] = chosen;
  const isSimple = lists.every((names) => names.length === 1) && lists.length === readings.length;
  if (first === undefined || !isSimple || group.kind === "profiles")
    return refuse(choosing, "makes an axis of what is no single preset of a field");
  const named = chosen.map(({ name, preset }) => [valueAt(preset.patch, path), name] as const);
  if (named.some(([value]) => hasAxis(value)))
    return refuse(choosing, "makes an axis of presets that hold axes of their own");
  const { call, literal } = first.preset;
  const values = named.map(([value]) => value);
  const axis = {
    label: `preset ${group.name}`,
    patch: patchAt(path, createMarker({ kind: "choice", values, call })),
    source: { kind: "module", call, literal, chosenBy: override.text },
    names: new Map(named),
  } as const;
  return [axis];
}

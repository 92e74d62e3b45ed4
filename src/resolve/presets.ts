/** The groups of presets that the command line may choose from: those of the nearest `presets/` folder. */
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { layerData, presetGroupData, type PatchLayerData } from "../config/definition.ts";
import { markerData } from "../config/markers.ts";
import type { Override } from "../config/override.ts";
import { ExpError } from "../core/errors.ts";
import { moduleError, namesIn } from "./module-errors.ts";
import type { LoadedExperiment } from "./load.ts";
import { projectLocation } from "./locations.ts";

/** The presets of one path. */
export interface PresetGroup {
  /** Relative to the project. */
  readonly file: string;
  readonly presets: ReadonlyMap<string, PatchLayerData>;
}

/** Groups by the path that they are for. */
export type PresetGroups = ReadonlyMap<string, PresetGroup>;

/**
 * The groups beside an experiment. They are only loaded where an override could name one.
 * @throws {ExpError} `module` for a presets module that cannot be loaded, or for two groups for one path.
 */
export async function loadPresets(
  experiment: LoadedExperiment,
  overrides: readonly Override[],
): Promise<PresetGroups> {
  const groups = new Map<string, PresetGroup>();
  const folder = overrides.some(mayNamePreset) ? presetsFolder(experiment) : undefined;
  if (folder === undefined) return groups;
  const known = new Set<object>();
  for (const name of namesIn(folder).filter((name) => /\.[cm]?ts$/.test(name))) {
    const path = join(folder, name);
    const exports = await experiment.loader.load(path).catch((error: unknown) => {
      throw moduleError(error, path, experiment.projectDirectory);
    });
    for (const value of Object.values(exports)) {
      if (typeof value !== "object" || value === null || known.has(value)) continue;
      known.add(value); // a group that two modules export is one group
      addGroup(value, projectLocation(path, experiment.projectDirectory), groups);
    }
  }
  return groups;
}

function mayNamePreset({ key, value }: Override): boolean {
  if (key.length !== 1) return false;
  const marker = markerData(value);
  const values = marker?.kind === "choice" ? marker.values : [value];
  return values.some((one) => typeof one === "string");
}

function presetsFolder({ file, projectDirectory }: LoadedExperiment): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const candidate = join(folder, "presets");
    if (statSync(candidate, { throwIfNoEntry: false })?.isDirectory() === true) return candidate;
    if (folder === projectDirectory || folder === dirname(folder)) return undefined;
  }
}

function addGroup(value: object, file: string, groups: Map<string, PresetGroup>): void {
  const group = presetGroupData(value);
  if (group === undefined) return;
  const other = groups.get(group.path);
  if (other !== undefined) {
    const places = other.file === file ? file : `${other.file} and ${file}`;
    throw new ExpError("module", `${places} hold two groups of presets for ${group.path}.`, {
      hint: "Put the presets of one path into one presets() call.",
    });
  }
  const presets = new Map<string, PatchLayerData>();
  for (const name of group.names) {
    const layer = layerData((value as Readonly<Record<string, unknown>>)[name]);
    if (layer?.kind === "patch") presets.set(name, layer);
  }
  groups.set(group.path, { file, presets });
}

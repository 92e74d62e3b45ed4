/** The groups of presets and profiles that the command line may choose from: those of the nearest `presets/` folder. */

import { dirname, join } from "node:path";
import {
  layerData,
  presetGroupData,
  type PatchLayerData,
  type PresetGroupData,
} from "../config/definition.ts";
import { markerData } from "../config/markers.ts";
import type { CombinatorCall } from "../config/combinator-call.ts";
import type { Override } from "../config/override.ts";
import { pathStatus } from "./path-status.ts";
import { ExpError } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import { aliasesOf } from "./aliases.ts";
import type { ParsedArguments } from "./command-line.ts";
import { moduleError, namesIn } from "./module-errors.ts";
import type { LoadedExperiment } from "./load.ts";
import { projectLocation } from "./locations.ts";
import { referencedPath } from "./place-override.ts";
import { isScalar } from "./read-preset-names.ts";
import { viewsAt } from "./schema-queries.ts";
import { createSchemaView } from "./schema-view.ts";
import { acceptsScalar, acceptsText } from "./type-value.ts";

/** The presets of one path, or one group of profiles. */
export interface PresetGroup {
  /** `presets` change the field at their path, `profiles` any part of the config. */
  readonly kind: PresetGroupData["kind"];
  /** The name of the task that they are written for. */
  readonly task: string;
  /** What stands before the `=` to choose from it: the path of presets, the name of profiles. */
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
  readonly presets: ReadonlyMap<string, PatchLayerData>;
}

/** What an experiment may be given by name. */
export interface LoadedPresets {
  readonly presets: PresetGroups;
  /** Groups for other tasks, which lie beside it too. */
  readonly otherPresets: readonly PresetGroup[];
}

/** Groups by what stands before the `=`. */
export type PresetGroups = ReadonlyMap<string, PresetGroup>;

/**
 * The groups beside an experiment, those for its task by name. They are only loaded where an override could name one.
 * @throws {ExpError} `module` as `readPresets` does.
 */
export async function loadPresets(
  experiment: LoadedExperiment,
  { overrides, combinators }: ParsedArguments,
): Promise<LoadedPresets> {
  const { definition, projectDirectory } = experiment;
  const { name, schema } = definition.task;
  const scope = {
    view: createSchemaView(schema),
    aliases: aliasesOf(definition, projectDirectory),
  };
  const mayChoose = ({ key, value }: Override): boolean => {
    const path = referencedPath(key, scope);
    if (path === undefined) return true; // the name of profiles
    const views = viewsAt(scope.view, path);
    const isOdd = (one: unknown): boolean =>
      isScalar(one) && (acceptsText(views) || !acceptsScalar(views, one));
    return holds(value, (one) => isText(one) || isOdd(one));
  };
  const isNamed =
    overrides.some(mayChoose) || combinators.some((call) => isNaming(call, mayChoose));
  const groups = isNamed ? await readPresets(experiment) : [];
  const own = groups.filter(({ task }) => task === name);
  return {
    presets: new Map(own.map((group) => [group.name, group])),
    otherPresets: groups.filter(({ task }) => task !== name),
  };
}

function isNaming({ parts }: CombinatorCall, mayChoose: (override: Override) => boolean): boolean {
  return parts.some((part) => {
    if (part.kind === "call") return isNaming(part.call, mayChoose);
    if (part.kind === "override") return mayChoose(part.override);
    return (
      part.kind === "variant" &&
      isPlainObject(part.value) &&
      Object.values(part.value).some((value) => holds(value, isText))
    );
  });
}

/** What groups are looked for beside: an experiment, loaded or not. */
type Beside = Pick<LoadedExperiment, "file" | "projectDirectory" | "loader">;

/**
 * All groups beside an experiment, of whatever task.
 * @throws {ExpError} `module` for a presets module that cannot be loaded, or for two groups for one path or of one name.
 */
export async function readPresets(experiment: Beside): Promise<readonly PresetGroup[]> {
  const groups: PresetGroup[] = [];
  const folder = presetsFolder(experiment);
  if (folder === undefined) return groups;
  const known = new Set<object>();
  for (const name of namesIn(folder).filter((name) => /\.[cm]?ts$/.test(name))) {
    const path = join(folder, name);
    const exported = await experiment.loader.load(path).catch((error: unknown) => {
      throw moduleError(error, path, experiment.projectDirectory);
    });
    for (const value of Object.values(exported)) {
      if (typeof value !== "object" || value === null || known.has(value)) continue;
      known.add(value); // a group that two modules export is one group
      addGroup(value, projectLocation(path, experiment.projectDirectory), groups);
    }
  }
  return groups;
}

/** A name stands alone, in a list, or among the values of an axis; `glob(…)` stands for names. */
function holds(value: unknown, isName: (one: unknown) => boolean): boolean {
  if (Array.isArray(value)) return value.some((one) => holds(one, isName));
  const marker = markerData(value);
  if (marker?.kind === "choice") return marker.values.some((one) => holds(one, isName));
  return marker?.kind === "glob" || isName(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

/** The folder whose groups are meant: the nearest `presets/` upwards, inside of the project. */
export function presetsFolder({ file, projectDirectory }: Beside): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const candidate = join(folder, "presets");
    if (pathStatus(candidate)?.isDirectory() === true) return candidate;
    if (folder === projectDirectory || folder === dirname(folder)) return undefined;
  }
}

function addGroup(value: object, file: string, groups: PresetGroup[]): void {
  const group = presetGroupData(value);
  if (group === undefined) return;
  const { kind, task, path: name } = group;
  const other = groups.find((one) => one.name === name && one.task === task);
  if (other !== undefined) {
    const places = other.file === file ? file : `${other.file} and ${file}`;
    const what = kind === "presets" ? `presets for ${name}` : `profiles named ${name}`;
    const hint =
      kind === "presets"
        ? "Put the presets of one path into one presets() call."
        : "Give one of them another name.";
    throw new ExpError("module", `${places} hold two groups of ${what}.`, { hint });
  }
  const presets = new Map<string, PatchLayerData>();
  for (const key of group.names) {
    const layer = layerData((value as Readonly<Record<string, unknown>>)[key]);
    if (layer?.kind === "patch") presets.set(key, layer);
  }
  groups.push({ kind, task, name, file, presets });
}

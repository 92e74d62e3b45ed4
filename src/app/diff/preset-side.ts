/** What a preset or profile sets, as one side of a comparison. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PatchLayerData } from "../../config/definition.ts";
import { markerData } from "../../config/markers.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { ExpError } from "../../core/errors.ts";
import { isPlainObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { ConfigRun, ConfigSide } from "../../diff/configs.ts";
import { sealAmbient } from "../../random/seal.ts";
import { createKeyFinder } from "../../resolve/find-key.ts";
import { loadParser } from "../../resolve/load-parser.ts";
import { projectLocation } from "../../resolve/locations.ts";
import { createModuleLoader, type ModuleLoader } from "../../resolve/module-loader.ts";
import { readPresets } from "../../resolve/presets.ts";
import { writtenText } from "../../resolve/written-text.ts";
import { projectDirectory } from "../list-project.ts";

/** A preset or profile of the project. */
export interface FoundPreset {
  /** As the command line chooses it: `model=bert-tiny`. */
  readonly name: string;
  /** Of presets that are for a part of the config: what they write there. */
  readonly side: ConfigSide;
}

/**
 * The preset that a word names: `model=bert-tiny`, or `bert-tiny` where only one group has it.
 * @returns `undefined` where none is called so.
 * @throws {ExpError} `usage` for a name that several groups have; `module` for presets that cannot be loaded.
 */
export async function findPreset(
  word: string,
  workingDirectory: string,
): Promise<FoundPreset | undefined> {
  const project = projectDirectory(workingDirectory);
  const folder = existsSync(join(project, "experiments")) ? "experiments" : ".";
  const loader = createModuleLoader(project, sealAmbient);
  const file = join(project, folder, "any.ts"); // groups are looked for beside it
  const groups = await readPresets({ file, projectDirectory: project, loader });
  const named = groups.flatMap(({ name, presets }) =>
    [...presets].map(([key, layer]) => ({ name: `${name}=${key}`, key, layer })),
  );
  const exact = named.filter(({ name }) => name === word);
  const [found, ...others] = exact.length > 0 ? exact : named.filter(({ key }) => key === word);
  if (found === undefined) return undefined;
  if (others.length > 0) {
    const names = [found, ...others].map(({ name }) => name);
    throw new ExpError("usage", `${word} may mean ${names.join(" or ")}.`, {
      hint: "Write the group before it.",
    });
  }
  return { name: found.name, side: presetSide(found.layer, { project, loader }) };
}

interface PresetPlace {
  readonly project: string;
  readonly loader: ModuleLoader;
}

function presetSide(layer: PatchLayerData, { project, loader }: PresetPlace): ConfigSide {
  const patch = asJson(layer.patch);
  const config = isPlainObject(patch) ? patch : {};
  const texts = new Map(loader.sources().map(({ path, text }) => [join(project, path), text]));
  return {
    runs: [{ config, identity: config, axisValues: {} }],
    originOf: async (_, path) => {
      const parser = await loadParser();
      const finder = parser && createKeyFinder(parser, (file) => texts.get(file));
      const { file, line } = finder?.find(layer.call, layer.literal, path) ?? layer.call;
      return `${projectLocation(file, project)}:${String(line)}`;
    },
  };
}

/** What the preset writes, with what is no plain value (`derived`, `choice`) as it is written. */
function asJson(value: unknown): JsonValue {
  if (markerData(value) !== undefined) return writtenText(value);
  if (Array.isArray(value)) return value.map(asJson);
  if (isPlainObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, asJson(field)]));
  }
  return isScalar(value) ? value : writtenText(value);
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/**
 * A side of which only that is left which a preset writes too: the rest is not for the preset to say.
 * @param preset - The side of the preset.
 */
export function within(side: ConfigSide, preset: ConfigSide): ConfigSide {
  const shape = preset.runs[0]?.config ?? {};
  const kept = new Map<ConfigRun, ConfigRun>();
  const seen = new Set<string>(); // runs of a sweep are the same in most of it
  for (const run of side.runs) {
    const config = part(run.config, shape);
    const text = canonicalJson(config);
    if (!seen.has(text))
      kept.set({ config, identity: part(run.identity, shape), axisValues: {} }, run);
    seen.add(text);
  }
  const { originOf } = side;
  return {
    runs: [...kept.keys()],
    ...(originOf !== undefined && {
      originOf: async (run, path) => {
        const whole = kept.get(run);
        return whole === undefined ? undefined : originOf(whole, path);
      },
    }),
  };
}

function part(value: JsonObject, shape: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]): [string, JsonValue][] => {
      const inner = Object.hasOwn(shape, key) ? shape[key] : undefined;
      if (inner === undefined) return [];
      const isDeeper = isPlainObject(inner) && isPlainObject(field);
      return [[key, isDeeper ? part(field, inner) : field]];
    }),
  );
}

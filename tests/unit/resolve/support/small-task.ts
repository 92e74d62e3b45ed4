/** A small task with every kind of field that the language knows, and short ways to resolve its definitions. */
import { z } from "zod";
import { definitionData, layerData, presetGroupData } from "../../../../src/config/definition.ts";
import { defineTask } from "../../../../src/config/define-task.ts";
import { field } from "../../../../src/core/marks.ts";
import { formatPath } from "../../../../src/core/path.ts";
import { parseArguments } from "../../../../src/resolve/command-line.ts";
import {
  resolveDefinition,
  type DefinitionRequest,
  type ResolvedDefinition,
} from "../../../../src/resolve/resolve-definition.ts";
import type { PresetGroups } from "../../../../src/resolve/presets.ts";

const adamw = z.strictObject({
  kind: z.literal("adamw"),
  learningRate: z.number().gt(0),
  beta1: z.number().min(0).lt(1).default(0.9),
  weightDecay: z.number().min(0).default(0.01),
});
const sgd = z.strictObject({
  kind: z.literal("sgd"),
  learningRate: z.number().gt(0),
  momentum: z.number().min(0).lt(1).default(0),
});
const flip = z.strictObject({ kind: z.literal("flip"), probability: z.number().default(0.5) });
const crop = z.strictObject({ kind: z.literal("crop"), size: z.int() });
const place = z.string().min(1);

export const smallSchema = z.strictObject({
  name: z
    .string()
    .optional()
    .meta(field({ mark: "label" })),
  seed: z
    .int()
    .min(0)
    .default(0)
    .meta(field({ mark: "seed" })),
  seeds: z
    .record(z.string(), z.int())
    .optional()
    .meta(field({ mark: "seed" })),
  mode: z.enum(["train", "evaluate"]).default("train"),
  optimizer: z.discriminatedUnion("kind", [adamw, sgd]),
  schedule: z
    .strictObject({ warmupSteps: z.int().optional(), warmupFraction: z.number().optional() })
    .prefault({})
    .meta(field({ atMostOneOf: [["warmupSteps", "warmupFraction"]] })),
  training: z
    .strictObject({
      numSteps: z.int().min(1).optional(),
      numEpochs: z.int().min(1).optional(),
      batchSize: z.int().min(1).default(8),
      maxGradNorm: z.number().gt(0).nullable().default(null),
    })
    .meta(field({ exactlyOneOf: [["numSteps", "numEpochs"]] })),
  hiddenSizes: z.array(z.int()).default([32, 16]),
  augment: z.array(z.discriminatedUnion("kind", [flip, crop])).default([]),
  column: z.union([z.string(), z.int()]).optional(),
  data: z
    .strictObject({
      path: place.optional().meta(field({ mark: "location", location: {} })),
      train: place
        .optional()
        .meta(field({ mark: "location", location: { insideOf: "data.path" } })),
    })
    .prefault({}),
  logging: z
    .strictObject({ interval: z.int().default(10) })
    .prefault({})
    .meta(field({ mark: "operation" })),
});

/** The resolved config. */
export type SmallConfig = z.output<typeof smallSchema>;

export const smallTask = defineTask({
  name: "small",
  schema: smallSchema,
  run: async function* run() {},
  aliases: { lr: "optimizer.learningRate" },
});

/** What every definition of these tests starts from. */
export const start = {
  optimizer: { kind: "adamw", learningRate: 0.001 },
  training: { numSteps: 10 },
} as const;
export const base = smallTask.defineConfig(start);

export const projectDirectory = import.meta.dirname;

/** Resolves a definition as it stands in a project in this folder. */
export function resolveWith(
  definition: object,
  overrides: readonly string[] = [],
  presets: PresetGroups = new Map(),
): ResolvedDefinition {
  return resolveDefinition({ ...requestOf(definition, overrides), presets });
}

/** The same, where the first of the overrides are of a run that is executed again. */
export function resolvePinned(
  definition: object,
  pinned: readonly string[],
  overrides: readonly string[],
): ResolvedDefinition {
  const numPinned = pinned.length;
  return resolveDefinition({ ...requestOf(definition, [...pinned, ...overrides]), numPinned });
}

function requestOf(definition: object, overrides: readonly string[]): DefinitionRequest {
  const data = definitionData(definition);
  if (data === undefined) throw new Error("not a definition");
  const folders = { projectDirectory, workingDirectory: `${projectDirectory}/work` };
  return { definition: data, ...parseArguments(overrides), presets: new Map(), folders };
}

/** Groups of presets and profiles as they are found in a file `presets/<name>.ts` each. */
export function groupsOf(...groups: readonly object[]): PresetGroups {
  return new Map(
    groups.map((value) => {
      const { kind, task, path, names } = presetGroupData(value) ?? fail("not a group");
      const entries = names.map((name) => {
        const layer = layerData((value as Record<string, unknown>)[name]);
        return [name, layer?.kind === "patch" ? layer : fail("not a patch")] as const;
      });
      const file = `presets/${path}.ts`;
      return [path, { kind, task, name: path, file, presets: new Map(entries) }] as const;
    }),
  );
}

function fail(message: string): never {
  throw new Error(message);
}

/** The config of a definition that resolves to one run. */
export function configOf(
  definition: object,
  overrides: readonly string[] = [],
  presets: PresetGroups = new Map(),
): SmallConfig {
  const { runs, problems } = resolveWith(definition, overrides, presets);
  if (runs.length !== 1) throw new Error(linesOf(problems).join("\n") || `${runs.length} runs`);
  return runs[0]?.config as never; // validated by the schema
}

/** The problems of a definition, one line each: path, message, value, suggestion. */
export function problemsOf(
  definition: object,
  overrides: readonly string[] = [],
  presets: PresetGroups = new Map(),
): string[] {
  return linesOf(resolveWith(definition, overrides, presets).problems);
}

function linesOf(problems: ResolvedDefinition["problems"]): string[] {
  return problems.map(({ path, message, value, suggestion }) => {
    const found = value === undefined ? "" : ` (found ${value})`;
    return `${formatPath(path)}: ${message}${found}${suggestion === undefined ? "" : ` → ${suggestion}`}`;
  });
}

/** A patch that its types refuse, as an untyped caller could write it. */
export function untyped(patch: object): never {
  return patch as never;
}

/** From an experiment's file and the command line to the runs that they ask for. */
import type { DefinitionData, TaskData } from "../config/definition.ts";
import type { NamedHook } from "../core/hooks.ts";
import type { JsonObject } from "../core/json.ts";
import { shortNames } from "./aliases.ts";
import { parseArguments } from "./command-line.ts";
import { configError } from "./config-error.ts";
import type { Assignments } from "./assignments.ts";
import { givenExperiment } from "./given-experiment.ts";
import { createInputReader, type RecordedInput } from "./inputs.ts";
import { readLock } from "./inputs-lock.ts";
import { loadExperiment, type LoadedExperiment } from "./load.ts";
import type { Seal, SourceFile } from "./module-loader.ts";
import { loadPresets } from "./presets.ts";
import { aboveSettings, projectSettings } from "./project-settings.ts";
import { resolveDefinition, type ResolvedDefinition } from "./resolve-definition.ts";

export interface ResolveRequest {
  /** Absolute, or relative to the working directory. */
  readonly file: string;
  /** A definition that code handed over; then `file` is not looked at. */
  readonly definition?: DefinitionData;
  /** Name of the experiment for a definition that was handed over. */
  readonly name?: string;
  /** Arguments of the command line such as `seed=7`, in order. */
  readonly overrides: readonly string[];
  /** So many of them, the first, nobody typed: what takes their place needs no note. Default: 0. */
  readonly numPinned?: number;
  /** Absolute; locations on the command line are relative to it. */
  readonly workingDirectory: string;
  /** Closes ambient inputs while code of the project runs: its modules, derived values and rules. */
  readonly seal?: Seal;
  /** What `env(…)` reads from. Default: no variables. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Calls what is computed for a run one time more beforehand, for the last run first. Default: false. */
  readonly rehearse?: boolean;
}

/** One run that an experiment asks for. */
export interface ResolvedRun {
  /** Complete, checked and deep-frozen; locations are relative to the project. */
  readonly config: JsonObject;
  /** What tells the run from others: the value of each axis by its path, the name of each variant by its axis. */
  readonly axisValues: JsonObject;
  /** The bytes of `identity.json`, whose SHA-256 is `configHash`. */
  readonly identityText: string;
  readonly configHash: string;
  readonly groupHash: string;
  /** Who wrote what; read when it is first asked for. */
  readonly assignments: Assignments;
}

export interface Resolution {
  readonly experiment: string;
  /** Absolute. */
  readonly file: string;
  readonly projectDirectory: string;
  readonly task: TaskData;
  /** Dotted paths by their short names. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Paths of the axes and names of the variants, in the order of the plan: the last varies fastest. */
  readonly axes: readonly string[];
  /** At least one; no two that differ in labels alone. Two may share a `configHash` and differ in data or backend. */
  readonly runs: readonly ResolvedRun[];
  /** Sentences about what was done without being asked, such as merging equal runs. */
  readonly notes: readonly string[];
  /** All project modules that were evaluated. */
  readonly sources: readonly SourceFile[];
  /** Environment variables and external values that were read, in order. */
  readonly inputs: readonly RecordedInput[];
  /** Hooks that watch the runs and count in no identity. */
  readonly hooks: readonly NamedHook[];
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/**
 * Loads an experiment, merges its layers and the overrides, and resolves every run of its grid.
 * @throws {ExpError} `usage` for a malformed override or a file that cannot be an experiment; `module` for one that
 *   cannot be loaded; `config`, with all issues at once, for a config that its schema, a rule or the language refuses.
 */
export async function resolveExperiment(request: ResolveRequest): Promise<Resolution> {
  const { experiment, resolved, sources, inputs } = await surveyExperiment(request);
  const { name, file, projectDirectory, definition, hooks } = experiment;
  if (resolved.problems.length > 0)
    throw await configError(resolved, { experiment: name, projectDirectory, sources });
  const { axes, runs, notes } = resolved;
  const { task } = definition;
  const aliases = shortNames(definition);
  const found = { experiment: name, file, projectDirectory, task, aliases, axes, runs, notes };
  return { ...found, sources, inputs, hooks };
}

/** An experiment that may be wrong: what was read and what was found on the way. */
export interface Survey {
  readonly experiment: LoadedExperiment;
  readonly resolved: ResolvedDefinition;
  readonly sources: readonly SourceFile[];
  readonly inputs: readonly RecordedInput[];
}

/**
 * Resolves an experiment without refusing a wrong config.
 * @throws {ExpError} as `resolveExperiment`, but for what is wrong with the config alone.
 */
export async function surveyExperiment(request: ResolveRequest): Promise<Survey> {
  const { overrides, numPinned = 0, workingDirectory, seal, rehearse = false } = request;
  const parsed = parseArguments(overrides);
  const experiment =
    request.definition === undefined
      ? await loadExperiment(request.file, request)
      : await withProjectSettings(givenExperiment(request.definition, request));
  const { projectDirectory, definition, loader } = experiment;
  const groups = await loadPresets(experiment, parsed);
  const sources = loader.sources();
  const folders = { projectDirectory, workingDirectory };
  const inputs = createInputReader({
    environment: request.environment ?? {},
    lock: once(() => readLock(projectDirectory)),
  });
  const unseal = seal?.({ projectDirectory });
  try {
    const resolved = resolveDefinition({
      definition: aboveSettings(definition, experiment),
      ...parsed,
      numPinned,
      ...groups,
      folders,
      inputs,
      rehearse,
    });
    return { experiment, resolved, sources, inputs: inputs.recorded() };
  } finally {
    unseal?.();
  }
}

async function withProjectSettings(experiment: LoadedExperiment): Promise<LoadedExperiment> {
  const { hooks, tracking } = await projectSettings(experiment.projectDirectory, experiment.loader);
  return { ...experiment, hooks: [...experiment.hooks, ...hooks], tracking };
}

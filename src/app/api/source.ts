/** What the functions for scripts and tests share: how an experiment is named, and where things lie by default. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { definitionData, type DefinitionData } from "../../config/definition.ts";
import { ExpError } from "../../core/errors.ts";
import type { OptionNames } from "./check-options.ts";

/** Where an experiment is looked for, and what it is called. */
export interface SourceOptions {
  /** What a relative file, and a location in an override, is relative to. Default: the process's working directory. */
  readonly workingDirectory?: string;
  /** What `env(…)` and `LOCKSTEP_RUNS` are read from. Default: the process's variables. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /**
   * Name of the experiment of a definition. Default: the stem of the file in which it was made. A file is always called
   * by its own stem.
   */
  readonly name?: string;
}

/** All of `SourceOptions`. */
export const sourceOptionNames: OptionNames<SourceOptions> = {
  workingDirectory: true,
  environment: true,
  name: true,
};

/** The request that planning and resolving take. */
export interface SourceRequest {
  readonly file: string;
  readonly definition?: DefinitionData;
  readonly name?: string;
  readonly overrides: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The request for a file or a definition.
 * @throws {ExpError} `usage` for anything else, and for overrides that are no list of texts.
 */
export function sourceRequest(
  source: unknown,
  overrides: unknown,
  options: SourceOptions,
): SourceRequest {
  const { workingDirectory = process.cwd(), environment = process.env, name } = options;
  const shared = { workingDirectory: resolve(workingDirectory), environment };
  const texts = checkedOverrides(overrides);
  if (source instanceof URL) return { ...shared, file: fileURLToPath(source), overrides: texts };
  if (typeof source === "string") {
    const file = source.startsWith("file:") ? fileURLToPath(source) : source;
    return { ...shared, file, overrides: texts };
  }
  const definition = definitionData(source);
  if (definition === undefined) throw wrongSource(source);
  const named = name === undefined ? {} : { name };
  return { ...shared, file: "", definition, overrides: texts, ...named };
}

function checkedOverrides(overrides: unknown): readonly string[] {
  if (Array.isArray(overrides) && overrides.every((text) => typeof text === "string")) {
    return overrides;
  }
  throw new ExpError("usage", "Overrides are a list of texts.", {
    hint: 'For example: ["seed=7", "optimizer.learningRate=3e-4"].',
  });
}

function wrongSource(source: unknown): ExpError {
  const found = source === null || source === undefined ? String(source) : `a ${typeof source}`;
  return new ExpError("usage", `Expected an experiment's file or its definition, found ${found}.`, {
    hint: "Give the path of its .ts file, or what defineConfig() or extend() gave back.",
  });
}

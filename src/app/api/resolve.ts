/** `resolve()`: what `exp resolve` does, for scripts and tests. */
import type { Definition } from "../../config/task-types.ts";
import type { JsonObject } from "../../core/json.ts";
import { checkOptions } from "./check-options.ts";
import { loadUseCase } from "./load-use-case.ts";
import { sourceOptionNames, sourceRequest, type SourceOptions } from "./source.ts";

/** One run that an experiment asks for. */
export interface ResolvedExperimentRun<C> {
  /** Complete, checked and frozen plain data; locations are relative to the project. */
  readonly config: C;
  /** SHA-256 of `identityText`: what was asked for. */
  readonly configHash: string;
  /** The same without seeds: repeats of one setting share it. */
  readonly groupHash: string;
  /** The value of each axis by its path; empty without a sweep. */
  readonly axisValues: JsonObject;
  /** The bytes of `identity.json`. */
  readonly identityText: string;
  /**
   * Who set each value, by its path, in order, the last one last: layer, value, and either file, line and column or the
   * argument.
   */
  explain(): Promise<Readonly<Record<string, readonly JsonObject[]>>>;
}

/** What `resolve` gives back. */
export interface ResolvedExperiment<C> {
  /** Its name: the stem of the file. */
  readonly experiment: string;
  /** Absolute. */
  readonly file: string;
  /** Absolute: the folder of the nearest package.json. */
  readonly projectDirectory: string;
  /** Name of its task. */
  readonly task: string;
  /** Paths of the axes; the last one varies fastest. */
  readonly axes: readonly string[];
  /** At least one, in the order in which they would run. */
  readonly runs: readonly ResolvedExperimentRun<C>[];
  /** Sentences about what was done without being asked, such as merging equal runs. */
  readonly notes: readonly string[];
}

/**
 * Resolves an experiment to the configs of its runs, exactly as the command line does; runs nothing, writes nothing.
 * @param source - A definition, or the path or URL of an experiment's file. The configs of a definition are typed by it;
 *   those of a file by the type argument: `resolve<ConfigOf<typeof training>>("experiments/bert-lr.ts")`.
 * @param overrides - As on the command line: `["seed=7", "lr=1e-4,3e-4"]`.
 * @throws {ExpError} `usage` for a malformed override, an option that there is not, or a file that cannot be an experiment; `module` for one that
 *   cannot be loaded; `config`, with all issues at once, for a config that its schema, a rule or the language refuses.
 * @example
 * const { runs } = await resolve(bertLr, ["seed=7"]);
 * expect(runs.map(({ config }) => config.optimizer.learningRate)).toEqual([1e-4, 3e-4, 1e-3]);
 */
export function resolve<C, I>(
  source: Definition<C, I>,
  overrides?: readonly string[],
  options?: SourceOptions,
): Promise<ResolvedExperiment<C>>;
export function resolve<C = JsonObject>(
  source: string | URL,
  overrides?: readonly string[],
  options?: SourceOptions,
): Promise<ResolvedExperiment<C>>;
export async function resolve<C>(
  source: unknown,
  overrides: readonly string[] = [],
  options: SourceOptions = {},
): Promise<ResolvedExperiment<C>> {
  checkOptions("resolve()", options, sourceOptionNames);
  const request = sourceRequest(source, overrides, options);
  const { resolveForCode } = await loadUseCase("resolve-for-code");
  return (await resolveForCode(request)) as ResolvedExperiment<C>; // validated by the task's own schema
}

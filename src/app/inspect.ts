/** Resolves an experiment to look at it: no code or data is hashed, and nothing is run. */
import { ExpError } from "../core/errors.ts";
import { formatPath, parsePath, startsWith, type Path } from "../core/path.ts";
import { sealAmbient } from "../random/seal.ts";
import { resolveExperiment, type Resolution, type ResolvedRun } from "../resolve/resolve.ts";
import { createSchemaView, type SchemaView } from "../resolve/schema-view.ts";
import { suggestPath } from "../resolve/suggest-path.ts";
import { viewsAt } from "../resolve/schema-queries.ts";

export interface InspectRequest {
  /** The experiment's module, absolute or relative to the working directory. */
  readonly file: string;
  /** Overrides and paths of the config, mixed: what has no operator is a path. */
  readonly words: readonly string[];
  /** Absolute. */
  readonly workingDirectory: string;
  /** What `env(…)` reads from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Which run of a sweep, from 1, as `exp plan` numbers them. */
  readonly run?: number;
}

/** A run with its number in the sweep, from 1. */
export interface NumberedRun {
  readonly number: number;
  readonly run: ResolvedRun;
}

/** An experiment as it is looked at. */
export interface Inspection {
  readonly resolution: Resolution;
  readonly view: SchemaView;
  /** The paths that were asked for, aliases replaced. */
  readonly paths: readonly Path[];
  /** The run that was asked for, or all of them. */
  readonly runs: readonly NumberedRun[];
}

/**
 * Resolves an experiment with the overrides among the words.
 * @throws {ExpError} `usage`, `module` or `config` as resolving does; `usage` for a path that the schema does not know,
 *   with the nearest one, and for a run that the sweep does not have.
 */
export async function inspectExperiment(request: InspectRequest): Promise<Inspection> {
  const { file, words, workingDirectory, environment } = request;
  const isPath = (word: string): boolean => !isOverride(word);
  const overrides = words.filter(isOverride);
  const resolution = await resolveExperiment({
    file,
    overrides,
    workingDirectory,
    environment,
    seal: sealAmbient,
  });
  const view = createSchemaView(resolution.task.schema);
  const { aliases } = resolution;
  const paths = words.filter(isPath).map((text) => findPath(text, { view, aliases }));
  return { resolution, view, paths, runs: chooseRuns(resolution, request.run) };
}

/** `path=value`, `~path`, `repeat(3)`; a path has none of these signs outside of its own quotes. */
function isOverride(word: string): boolean {
  const bare = word.replace(/\["(?:[^"\\]|\\.)*"\]/gu, "");
  return /[=(]/u.test(bare) || word.startsWith("~");
}

/** What a path is looked up in. */
export interface PathScope {
  readonly view: SchemaView;
  readonly aliases: ReadonlyMap<string, string>;
}

/**
 * The path that a word names, in full or by its alias.
 * @throws {ExpError} `usage` for one that the schema does not know, with the nearest.
 */
export function findPath(text: string, { view, aliases }: PathScope): Path {
  const dotted = text.replace(/\.(0|[1-9]\d*)(?=$|[.[])/gu, "[$1]"); // `layers.0` is `layers[0]`
  const written = parsePath(dotted);
  if (written === undefined || written.length === 0) {
    throw new ExpError("usage", `${JSON.stringify(text)} is not a path of a config.`, {
      hint: "A path looks like optimizer.learningRate or model.hiddenSizes[0].",
    });
  }
  const [first, ...rest] = written;
  const target = typeof first === "string" ? aliases.get(first) : undefined;
  const path = target === undefined ? written : [...(parsePath(target) ?? []), ...rest];
  if (viewsAt(view, path).length > 0) return path;
  const nearest = suggestPath(view, path, [...aliases.keys()]);
  throw new ExpError("usage", `${formatPath(path)} is not a path of the config.`, {
    hint:
      nearest === undefined
        ? "exp list paths FILE prints all paths."
        : `Did you mean ${nearest}? exp list paths FILE prints all paths.`,
  });
}

function chooseRuns({ runs, experiment }: Resolution, number?: number): readonly NumberedRun[] {
  const all = runs.map((run, index) => ({ number: index + 1, run }));
  if (number === undefined) return all;
  const chosen = all.filter((one) => one.number === number);
  if (chosen.length > 0) return chosen;
  const count = runs.length === 1 ? "1 run" : `${runs.length} runs`;
  throw new ExpError("usage", `${experiment} has ${count}, so there is no run ${number}.`, {
    hint: "Runs are counted from 1, in the order of exp plan.",
  });
}

/** The short names of a path, shortest first. */
export function aliasesOfPath(
  path: string,
  aliases: ReadonlyMap<string, string>,
): readonly string[] {
  const target = parsePath(path) ?? [];
  return [...aliases].flatMap(([alias, text]) => {
    const named = parsePath(text) ?? [];
    if (named.length === 0 || !startsWith(target, named)) return [];
    const rest = formatPath(target.slice(named.length));
    const separator = rest === "" || rest.startsWith("[") ? "" : ".";
    return [`${alias}${separator}${rest}`];
  });
}

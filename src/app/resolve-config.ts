/** The resolved configs of an experiment, whole or one part of them. */
import { ExpError } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { formatPath, valueAt, type Path } from "../core/path.ts";
import { equalConfigNotes } from "./equal-runs.ts";
import { inspectExperiment, type InspectRequest, type NumberedRun } from "./inspect.ts";

/** One run's config, or the part of it that was asked for. */
export interface ShownConfig {
  /** In the sweep, from 1. */
  readonly number: number;
  readonly value: JsonValue;
  readonly axisValues: JsonObject;
  /** The bytes of `identity.json`. */
  readonly identityText: string;
  readonly configHash: string;
  readonly groupHash: string;
}

export interface ShownConfigs {
  readonly experiment: string;
  readonly task: { readonly name: string; readonly version: number };
  /** The path that was asked for; absent for the whole config. */
  readonly path?: string;
  readonly runs: readonly ShownConfig[];
  /** Sentences about what was done without being asked. */
  readonly notes: readonly string[];
}

/**
 * Resolves an experiment and takes out what was asked for.
 * @throws {ExpError} as `inspectExperiment`; `usage` for more than one path, or one that a run does not set.
 */
export async function resolveConfigs(request: InspectRequest): Promise<ShownConfigs> {
  const { resolution, paths, runs } = await inspectExperiment(request);
  const { experiment, task, notes } = resolution;
  const [path, second] = paths;
  if (second !== undefined) {
    throw new ExpError(
      "usage",
      `exp resolve prints one part of a config, found ${paths.length} paths.`,
      {
        hint: `Ask for one of them: ${paths.map(formatPath).join(", ")}.`,
      },
    );
  }
  return {
    experiment,
    task: { name: task.name, version: task.version },
    ...(path === undefined ? {} : { path: formatPath(path) }),
    runs: runs.map((run) => shown(run, path ?? [])),
    notes: [...notes, ...equalConfigNotes(resolution.runs)],
  };
}

function shown({ number, run }: NumberedRun, path: Path): ShownConfig {
  const { config, axisValues, identityText, configHash, groupHash } = run;
  const value = valueAt(config, path) as JsonValue | undefined; // a path of JSON
  if (value === undefined) {
    throw new ExpError("usage", `${formatPath(path)} is not set in run ${number}.`, {
      hint: `exp explain FILE ${formatPath(path)} says why.`,
    });
  }
  return { number, value, axisValues, identityText, configHash, groupHash };
}

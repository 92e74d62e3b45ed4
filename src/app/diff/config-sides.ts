/** What a side of a comparison resolves to: an experiment, here or at a revision, a run, a plan. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isExpError, type Origin } from "../../core/errors.ts";
import { isPlainObject, parseJson, type JsonObject } from "../../core/json.ts";
import { formatPath } from "../../core/path.ts";
import type { ConfigRun, ConfigSide, OriginOf } from "../../diff/configs.ts";
import { sealAmbient } from "../../random/seal.ts";
import { explainValues } from "../../resolve/explain.ts";
import { resolveExperiment, type Resolution, type ResolvedRun } from "../../resolve/resolve.ts";
import { createSchemaView } from "../../resolve/schema-view.ts";
import { runFiles } from "../../store/run-layout.ts";
import { openStore } from "../../store/store.ts";
import { readPlan } from "../load-plan.ts";
import { readConfig } from "../run-store.ts";
import { runsFolder } from "../runs-folder.ts";

export interface SideContext {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly runsDirectory: string | undefined;
}

/**
 * The runs of an experiment's module.
 * @param file - Absolute, or relative to the working directory.
 * @throws {ExpError} as `resolveExperiment`.
 */
export async function experimentSide(file: string, context: SideContext): Promise<ConfigSide> {
  const { workingDirectory, environment } = context;
  const resolution = await resolveExperiment({
    file,
    overrides: [],
    workingDirectory,
    environment,
    seal: sealAmbient,
  });
  const resolved = new Map<ConfigRun, ResolvedRun>();
  for (const run of resolution.runs) resolved.set(configRun(run), run);
  return { runs: [...resolved.keys()], originOf: originsIn(resolution, resolved) };
}

function configRun({
  config,
  identityText,
  axisValues,
}: Pick<ResolvedRun, "config" | "identityText" | "axisValues">): ConfigRun {
  return { config, identity: identityConfig(identityText), axisValues };
}

function identityConfig(text: string): JsonObject {
  const identity = parseJson(text);
  const config = isPlainObject(identity) ? identity["config"] : undefined;
  return isPlainObject(config) ? (config as JsonObject) : {}; // parsed JSON
}

function originsIn(
  { task, projectDirectory, sources }: Resolution,
  resolved: ReadonlyMap<ConfigRun, ResolvedRun>,
): OriginOf {
  const view = createSchemaView(task.schema);
  return async (run, path) => {
    const found = resolved.get(run);
    if (found === undefined) return undefined;
    const scope = { projectDirectory, sources, run: found, view, seal: sealAmbient };
    const stories = await explainValues(scope, [path]);
    const step = stories[0]?.steps.findLast(({ holds }) => holds);
    return step === undefined ? undefined : originText(step.origin);
  };
}

function originText(origin: Origin): string {
  switch (origin.kind) {
    case "source":
      return `${origin.file}:${String(origin.line)}`;
    case "commandLine":
      return origin.text;
    case "default":
      return "default";
  }
}

/** A finished run, by the first digits of its key. */
export function runSide(prefix: string, context: SideContext): ConfigSide {
  const store = openStore(runsFolder(context.runsDirectory, context.workingDirectory));
  const run = store.findByPrefix(prefix);
  const text = readFileSync(join(run.directory, runFiles.identity), "utf8");
  return { runs: [{ config: readConfig(run), identity: identityConfig(text), axisValues: {} }] };
}

/** The runs of a saved plan. */
export function planSide(file: string, context: SideContext): ConfigSide {
  const { workingDirectory, environment } = context;
  const { runs } = readPlan({ file, workingDirectory, environment });
  return { runs: runs.map(({ run }) => configRun(run)) };
}

/** A file of a revision, in the folder that the revision was written to. */
export function revisionSide(
  project: string,
  path: string,
  context: SideContext,
): Promise<ConfigSide> {
  return experimentSide(resolve(project, path), { ...context, workingDirectory: project });
}

/** What is wrong with a side, where one experiment of many cannot be resolved; anything but an `ExpError` is thrown. */
export function sideProblem(error: unknown): string {
  if (!isExpError(error)) throw error;
  const issues = error.issues.map(({ path, message }) => `${formatPath(path)} ${message}`.trim());
  return [error.message, ...issues].join(" ");
}

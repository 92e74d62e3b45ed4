/** Puts together what the documents of a run are written from. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { isCombinator, parseArgument } from "../config/combinator-call.ts";
import { formatOverride } from "../config/format-override.ts";
import { markerData } from "../config/markers.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import { formatPath, valueAt } from "../core/path.ts";
import type { RunCommands, RunFacts } from "../report/run-facts.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import type { FinishedAttempt } from "../store/attempt.ts";
import type { CapturedEnvironment } from "../store/environment.ts";
import { checkpointOf } from "./checkpoint-place.ts";
import type { ExecutablePlan, KnownInput } from "./plan-experiment.ts";
import { placeText, posixPath, runsFolderText } from "./project-paths.ts";
import { selectionOf } from "./summary.ts";

export interface RunFactsSource {
  readonly run: PlannedRun;
  readonly finished: FinishedAttempt;
  readonly environment: CapturedEnvironment;
  readonly prepared: ExecutablePlan;
  /** Whether the run can be executed again from the store. */
  readonly hasStoredCode: boolean;
}

/** The facts of a finished attempt, for its model card and its REPRODUCE.md. */
export function runFacts({
  run,
  finished,
  environment,
  prepared,
  hasStoredCode,
}: RunFactsSource): RunFacts {
  const { projectDirectory, file } = prepared.resolution;
  const { runsDirectory } = prepared;
  const { manifest, ready, result } = finished;
  const { tolerance } = prepared.resolution.task;
  const selection = selectionOf(run.config);
  const checkpoint = checkpointLocation(run, prepared);
  const overrides = projectOverrides(run, prepared.overrides);
  return {
    experiment: prepared.plan.experiment,
    file: posixPath(relative(projectDirectory, file)),
    overrides: checkpoint === undefined ? overrides : withCheckpoint(overrides, checkpoint),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    labels: labelsOf(run.config),
    config: run.config,
    manifest,
    step: result.step,
    metrics: result.metrics,
    details: result.details,
    ...(ready === undefined ? {} : { numParameters: ready.numParameters }),
    dataFacts: ready?.facts ?? {},
    ...(selection === undefined ? {} : { selection }),
    ...(tolerance === undefined ? {} : { tolerance }),
    hasStoredCode,
    machine: environment.machine,
    git: environment.git,
    commands: commandsOf(projectDirectory),
    runsDirectory: runsFolderText({ projectDirectory, runsDirectory }),
    variables: variablesOf(prepared.resolution.inputs),
    dataLocations: [
      ...dataLocations(run.config),
      ...(checkpoint === undefined ? [] : [checkpoint]),
    ],
  };
}

/**
 * The overrides as they were given, for the project's folder: a location was relative to the folder in which it was typed,
 * and the config has it relative to the project. Axes stay: which run it is, its key says.
 */
function projectOverrides(run: PlannedRun, given: readonly string[]): readonly string[] {
  return given.map((text, index) => {
    const argument = parseArgument(text, index);
    if (isCombinator(argument)) return text;
    const { key, value } = argument;
    const resolved = valueAt(run.config, key);
    const isAxis = markerData(value) !== undefined && formatPath(key) in run.axisValues;
    const isMoved = (typeof value === "string" || isAxis) && typeof resolved === "string";
    return isMoved && resolved !== value ? formatOverride(key, resolved) : text;
  });
}

/** Where the trained model lies, as `placeText` names it: a run's name would need the run's store. */
function checkpointLocation(
  { config }: PlannedRun,
  { store, resolution, runsDirectory }: ExecutablePlan,
): string | undefined {
  const { projectDirectory } = resolution;
  const place = checkpointOf(config, { store, projectDirectory });
  if (place === undefined) return undefined;
  const isNamed = config["checkpoint"] === place.name && place.run !== undefined;
  const location = isNamed && !place.name.endsWith(".safetensors") ? place.run : place.file;
  return placeText({ projectDirectory, runsDirectory }, location);
}

function withCheckpoint(overrides: readonly string[], checkpoint: string): readonly string[] {
  const others = overrides.filter((text, index) => {
    const argument = parseArgument(text, index);
    return isCombinator(argument) || formatPath(argument.key) !== "checkpoint";
  });
  return [...others, formatOverride(["checkpoint"], checkpoint)];
}

function labelsOf(config: JsonObject): RunFacts["labels"] {
  const { name, description, tags } = config;
  return {
    ...(typeof name === "string" ? { name } : {}),
    ...(typeof description === "string" ? { description } : {}),
    tags: Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === "string") : [],
  };
}

function variablesOf(inputs: readonly KnownInput[]): RunFacts["variables"] {
  return inputs.flatMap(({ name, from, value }) => {
    if (from !== "environment" || value === undefined) return [];
    return [{ name, text: typeof value === "string" ? value : JSON.stringify(value) }];
  });
}

/**
 * `node_modules/.bin/exp` is there after any of the installs, and needs no package manager on the path. In a clone of Lockstep it
 * would run under another Node.js than the run did: the pinned one is pnpm's.
 */
function commandsOf(projectDirectory: string): RunCommands {
  const has = (name: string): boolean => existsSync(join(projectDirectory, name));
  const exp = "node_modules/.bin/exp";
  if (has("src/cli/exp.cjs") && has("Makefile")) {
    return { install: "make setup", exp: ".tools/node_modules/.bin/pnpm --silent exp" };
  }
  if (has("pnpm-lock.yaml")) return { install: "pnpm install --frozen-lockfile", exp };
  if (has("package-lock.json")) return { install: "npm ci", exp };
  if (has("yarn.lock")) return { install: "yarn install --immutable", exp };
  return { install: "npm install", exp };
}

/** What `data.predict` names where it is read, else `data.path`, else each of `data.files`. */
function dataLocations(config: JsonObject): readonly string[] {
  const { data, mode } = config;
  if (!isPlainObject(data)) return [];
  if (mode === "predict" && typeof data["predict"] === "string") return [data["predict"]];
  if (typeof data["path"] === "string") return [data["path"]];
  return leafTexts(data["files"]);
}

function leafTexts(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return isPlainObject(value) ? Object.values(value).flatMap(leafTexts) : [];
}

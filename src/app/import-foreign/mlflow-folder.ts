/** Runs in a folder that MLflow itself keeps (`mlruns/`): a folder a run, a file a param, a tag and a metric. */
import { join, relative, sep } from "node:path";
import { parse } from "yaml";
import { ExpError } from "../../core/errors.ts";
import { isPlainObject } from "../../core/json.ts";
import type { MlflowExperiment, MlflowFigure, MlflowRun } from "./mlflow-runs.ts";
import {
  filesBelow,
  foldersIn,
  isRegularFile,
  isRegularFolder,
  readLimited,
} from "./regular-files.ts";
import { figureOf } from "./text-values.ts";

/** Of `meta.yaml`, a param and a tag. */
const maxTextBytes = 1_000_000;

/** Of the history of a metric. */
const maxHistoryBytes = 256_000_000;

/** More files than a run of MLflow has. */
const maxFiles = 50_000;

/** Tells whether a folder holds experiments. */
export function isMlflowFolder(folder: string): boolean {
  return foldersIn(folder).some((name) => isRegularFile(join(folder, name, "meta.yaml")));
}

/** The experiments of a folder that were not deleted. */
export function experimentsInFolder(folder: string): readonly MlflowExperiment[] {
  return foldersIn(folder).flatMap((id) => {
    const meta = readMeta(join(folder, id));
    if (typeof meta === "string" || meta.get("lifecycle_stage") === "deleted") return [];
    return meta.has("experiment_id") ? [{ id, name: meta.get("name") ?? id }] : [];
  });
}

/**
 * The runs of an experiment that were not deleted; a sentence for what could not be read.
 * @throws {ExpError} `data` for a run with too many files.
 */
export function* runsInFolder(
  folder: string,
  { id, name }: MlflowExperiment,
): Generator<MlflowRun | string> {
  for (const runName of foldersIn(join(folder, id))) {
    const directory = join(folder, id, runName);
    if (!isRegularFile(join(directory, "meta.yaml"))) continue; // traces, models
    const meta = readMeta(directory);
    if (typeof meta === "string") yield meta;
    else if (meta.has("run_id") || meta.has("run_uuid")) yield* readRun(directory, name, meta);
  }
}

type Meta = ReadonlyMap<string, string>;

function* readRun(
  directory: string,
  experiment: string,
  meta: Meta,
): Generator<MlflowRun | string> {
  if (meta.get("lifecycle_stage") === "deleted") return;
  const problems: string[] = [];
  const texts = (kind: string): ReadonlyMap<string, string> =>
    new Map(
      entriesIn(join(directory, kind), { maxBytes: maxTextBytes, problems }).map(
        ({ key, content }) => [key, content.toString("utf8")],
      ),
    );
  const [params, tags] = [texts("params"), texts("tags")];
  const figures = entriesIn(join(directory, "metrics"), {
    maxBytes: maxHistoryBytes,
    problems,
  }).flatMap(({ key, content, path }) => historyOf(key, content, { path, problems }));
  yield* problems;
  yield {
    id: meta.get("run_id") ?? meta.get("run_uuid") ?? "",
    name: meta.get("run_name") ?? meta.get("name"),
    experiment,
    status: meta.get("status"),
    startedMs: numberOf(meta.get("start_time")),
    endedMs: numberOf(meta.get("end_time")),
    params,
    tags,
    figures,
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || !/^\d+$/u.test(text) ? undefined : Number(text);
}

/** Fields of a `meta.yaml`, all of them texts, or a sentence that says why there are none. */
function readMeta(directory: string): Meta | string {
  const path = join(directory, "meta.yaml");
  const content = readLimited(path, maxTextBytes);
  if (typeof content === "string") return content;
  try {
    const fields: unknown = parse(content.toString("utf8"), { schema: "failsafe" });
    const entries = isPlainObject(fields) ? Object.entries(fields) : [];
    return new Map(
      entries.flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
    );
  } catch (error) {
    const [why = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    return `${path} is no YAML and its run is left out: ${why}`;
  }
}

interface Entry {
  /** With slashes where its file lies deeper. */
  readonly key: string;
  readonly path: string;
  readonly content: Buffer;
}

function entriesIn(
  directory: string,
  { maxBytes, problems }: { readonly maxBytes: number; readonly problems: string[] },
): readonly Entry[] {
  if (!isRegularFolder(directory)) return [];
  const files = filesBelow(directory, () => true);
  if (files.length > maxFiles) {
    throw new ExpError("data", `${directory} holds ${files.length} files.`, {
      hint: `A run of MLflow has at most ${maxFiles} params, tags and metrics.`,
    });
  }
  return files.flatMap(({ path }) => {
    const content = readLimited(path, maxBytes);
    if (typeof content !== "string")
      return [{ key: relative(directory, path).split(sep).join("/"), path, content }];
    problems.push(content);
    return [];
  });
}

/** Lines of time, value and step; older versions wrote no step, newer ones name a data set behind it. */
function historyOf(
  key: string,
  content: Buffer,
  { path, problems }: { readonly path: string; readonly problems: string[] },
): readonly MlflowFigure[] {
  const lines = content.toString("utf8").split("\n");
  const rest = lines.pop() ?? "";
  const figures: MlflowFigure[] = [];
  let numBroken = rest === "" ? 0 : 1; // without its end, a number may be another one
  for (const line of lines) {
    if (line.trim() === "") continue;
    const [timeMs, value, step] = line.trim().split(/\s+/u, 3).map(figureOf);
    if (timeMs === undefined || value === undefined || !Number.isSafeInteger(step ?? 0))
      numBroken++;
    else figures.push({ key, timeMs, value, step: step ?? 0 });
  }
  if (numBroken > 0) {
    const what = numBroken === 1 ? "1 line is" : `${numBroken} lines are`;
    problems.push(`${path}: ${what} no time, value and step, and left out`);
  }
  return figures;
}

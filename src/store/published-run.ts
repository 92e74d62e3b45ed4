/** Reading published runs. A directory that is damaged or not ours is reported and never touched. */
import { dirname, join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { ExpError } from "../core/errors.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import { parseJsonNumber } from "../core/number-text.ts";
import { runKey as runKeyOf } from "../core/run-key.ts";
import type { Metrics } from "../core/run-events.ts";
import { shellQuote } from "../core/shell-quote.ts";
import type { FileSystem } from "./file-system.ts";
import { parseObject } from "./json-file.ts";
import { fileDigest, parseManifest, type Manifest } from "./manifest.ts";
import { publishedDirectory, runFiles } from "./run-layout.ts";

/** A run that is finished and will never change. */
export interface PublishedRun {
  /** Absolute. */
  readonly directory: string;
  readonly runKey: string;
  readonly manifest: Manifest;
}

/** What `results/metrics.json` holds. */
export interface RunResults {
  /** The last optimizer step. */
  readonly step: number;
  readonly metrics: Metrics;
  readonly details: JsonObject;
  readonly weightsDigest?: string;
}

/**
 * The published run of a key, `undefined` where there is none.
 * @throws {ExpError} `store` where something else lies in its place: a damaged run, another key, a link, a file.
 */
export function readPublished(
  files: FileSystem,
  store: string,
  runKey: string,
): PublishedRun | undefined {
  const directory = publishedDirectory(store, runKey);
  if (files.status(directory) === undefined) return undefined;
  const run = inspectPublished(files, directory);
  if (run === notThere) return undefined; // removed a moment ago
  if (typeof run === "string") throw damaged(directory, run);
  if (run.runKey !== runKey) throw damaged(directory, `it belongs to run key ${run.runKey}`);
  return run;
}

/** What `inspectPublished` says where nothing is. */
export const notThere = "it is not there";

/**
 * The published run in a directory, or a sentence that says why it is none. A reason counts when it is found twice in a row:
 * another process may remove the run, or put it back, while we look.
 */
export function inspectPublished(files: FileSystem, directory: string): PublishedRun | string {
  let reason: string | undefined;
  for (;;) {
    const found = inspectOnce(files, directory);
    if (typeof found !== "string" || found === reason) return found;
    reason = found;
  }
}

function inspectOnce(files: FileSystem, directory: string): PublishedRun | string {
  const kind = files.status(directory)?.kind;
  if (kind !== "directory") return kind === undefined ? notThere : "it is a link or a file";
  const manifestFile = join(directory, runFiles.manifest);
  if (files.status(manifestFile)?.kind !== "file") return "it has no manifest.json";
  const manifest = parseManifest(files.readText(manifestFile) ?? "");
  if (typeof manifest === "string") return `manifest.json cannot be used: ${manifest}`;
  const real = new Set([directory]);
  for (const file of manifest.files) {
    if (isLeftOut(files, directory, file.path)) continue;
    if (!isReached(files, join(directory, dirname(file.path)), real)) {
      return `a link or a file stands where the folder of ${file.path} should`;
    }
    const status = files.status(join(directory, file.path));
    if (status?.kind !== "file") return `${file.path} is missing`;
    if (status.numBytes !== file.bytes) {
      return `${file.path} has ${status.numBytes} bytes, expected ${file.bytes}`;
    }
  }
  return { directory, runKey: manifest.identities.runKey, manifest };
}

/**
 * Whether a checkpoint is missing on purpose: the run was archived without its checkpoints, and says so. No other file may
 * be left out.
 */
function isLeftOut(files: FileSystem, directory: string, path: string): boolean {
  const isMissing = files.status(join(directory, path)) === undefined;
  if (!isMissing || !path.startsWith("checkpoints/")) return false;
  const list = join(directory, runFiles.leftOut);
  const text = files.status(list)?.kind === "file" ? files.readText(list) : undefined;
  const { format, files: names } = parseObject(text ?? "") ?? {};
  return format === "lockstep/left-out/1" && Array.isArray(names) && names.includes(path);
}

/** Whether a folder and those above it are folders, up to one that is known; links are not followed. */
function isReached(files: FileSystem, folder: string, real: Set<string>): boolean {
  if (real.has(folder)) return true;
  const isReal =
    isReached(files, dirname(folder), real) && files.status(folder)?.kind === "directory";
  if (isReal) real.add(folder);
  return isReal;
}

/**
 * Files of a published run whose bytes are not those of its manifest, each with a sentence. Reads all of them.
 */
export function damagedFiles(
  files: FileSystem,
  { directory, manifest }: Pick<PublishedRun, "directory" | "manifest">,
): readonly string[] {
  return manifest.files
    .filter(({ path, sha256 }) => {
      const digest = fileDigest(files, join(directory, path));
      return digest !== sha256 && !isLeftOut(files, directory, path);
    })
    .map(({ path }) => `${path} has other bytes than its manifest says`);
}

/**
 * What the manifest of a run says otherwise than the files that it lists, each with a sentence: then it was changed itself,
 * since whoever published the run wrote both.
 */
export function contradictions(
  files: FileSystem,
  { directory, manifest }: Pick<PublishedRun, "directory" | "manifest">,
): readonly string[] {
  const { configHash, traceDigest, weightsDigest, runKey } = manifest.identities;
  const digestOf = (path: string): string | undefined => fileDigest(files, join(directory, path));
  const results = parseObject(files.readText(join(directory, runFiles.metrics)) ?? "") ?? {};
  const { weightsDigest: recorded = weightsDigest } = results; // not in results of early runs
  const said = [
    ["configHash", runFiles.identity, configHash, digestOf(runFiles.identity)],
    ["traceDigest", runFiles.traceLog, traceDigest, digestOf(runFiles.traceLog) ?? sha256("")],
    ["weightsDigest", runFiles.metrics, weightsDigest, recorded],
  ] as const;
  const others = said
    .filter(([, , inManifest, inFile]) => inManifest !== inFile)
    .map(([name, path]) => `manifest.json has another ${name} than ${path}`);
  // The key is computed from four hashes, so one of them alone cannot be another.
  const isKey = runKeyOf(manifest.identities) === runKey;
  const key = "manifest.json has a runKey that is not that of its config, code, data and class";
  return [...others, ...taskProblem(files, { directory, manifest }), ...(isKey ? [] : [key])];
}

/** The identity names the task too; that of an early run may not. */
function taskProblem(
  files: FileSystem,
  { directory, manifest }: Pick<PublishedRun, "directory" | "manifest">,
): readonly string[] {
  const { task } = parseObject(files.readText(join(directory, runFiles.identity)) ?? "") ?? {};
  if (!isPlainObject(task)) return [];
  const isEqual = task["name"] === manifest.task.name && task["version"] === manifest.task.version;
  return isEqual ? [] : [`manifest.json has another task than ${runFiles.identity}`];
}

/** The error about a directory that stands where a published run should; its message alone says what to do. */
export function damaged(directory: string, reason: string): ExpError {
  const message = `${directory} is not a published run of this key: ${reason}. Move it away and run again.`;
  return new ExpError("store", message, {
    hint: `It is left as it is: look at it first, then mv ${shellQuote(directory)} ${shellQuote(`${directory}.damaged`)}`,
  });
}

/** The error about a run that another process took out while it was read. */
function movedAway(directory: string): ExpError {
  return new ExpError("store", `${directory} was moved away while it was being read.`, {
    hint: "Another process removed the run (exp rm). Run the same command again.",
  });
}

/**
 * The results of a published run, or of an attempt that has come to them.
 * @throws {ExpError} `store` when its `results/metrics.json` cannot be read, and when it was moved away meanwhile.
 */
export function readResults(files: FileSystem, run: Pick<PublishedRun, "directory">): RunResults {
  const path = join(run.directory, runFiles.metrics);
  const fields = parseObject(files.readText(path) ?? "");
  const { step, metrics, details, weightsDigest } = fields ?? {};
  if (typeof step !== "number" || !isPlainObject(metrics) || !isPlainObject(details)) {
    if (files.status(run.directory) === undefined) throw movedAway(run.directory);
    throw damaged(run.directory, `${runFiles.metrics} is broken`);
  }
  return {
    step,
    metrics: readMetrics(run, metrics),
    details: details as JsonObject, // parsed JSON
    ...(typeof weightsDigest === "string" ? { weightsDigest } : {}),
  };
}

function readMetrics(
  { directory }: Pick<PublishedRun, "directory">,
  stored: Record<string, unknown>,
): Metrics {
  const read = ([name, value]: [string, unknown]): [string, number] => {
    try {
      return [name, parseJsonNumber(value)];
    } catch {
      const metric = JSON.stringify(name);
      throw damaged(directory, `${runFiles.metrics} holds no number for the metric ${metric}`);
    }
  };
  return Object.fromEntries(Object.entries(stored).map(read));
}

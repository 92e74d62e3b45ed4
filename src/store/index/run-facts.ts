/** What the index keeps of a run, read from the files of its directory. */
import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { isPlainObject, parseJson } from "../../core/json.ts";
import { parseJsonNumber } from "../../core/number-text.ts";
import { formatPath, type Path } from "../../core/path.ts";
import { readAttemptRecord } from "../attempt-record.ts";
import type { FileSystem } from "../file-system.ts";
import { parseObject } from "../json-file.ts";
import { parseManifest, type Manifest } from "../manifest.ts";
import { artifactFolder, runFiles } from "../run-layout.ts";
import { parseTime } from "../times.ts";
import { summariseHistory, type MetricSummary, type MetricRow } from "./metric-summary.ts";
import type { ValueKind } from "./schema.ts";

export interface ConfigValue {
  readonly path: string;
  readonly kind: ValueKind;
  readonly value: null | number | string;
}

/** A run as the index keeps it. */
export interface RunFacts {
  readonly runKey: string;
  readonly columns: Readonly<Record<string, null | number | string>>;
  readonly config: readonly ConfigValue[];
  readonly tags: readonly string[];
  readonly metrics: ReadonlyMap<string, MetricSummary>;
  readonly history: readonly MetricRow[];
  /** Checkpoints and models. */
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

/** The facts of a published run, or a sentence that says why its directory is none. */
export function readPublishedFacts(
  files: FileSystem,
  store: string,
  name: string,
): RunFacts | string {
  const directory = join(store, name);
  if (files.status(directory)?.kind !== "directory") return "it is a link or a file";
  const manifest = parseManifest(readOwn(files, join(directory, runFiles.manifest)) ?? "");
  if (typeof manifest === "string") return `manifest.json cannot be used: ${manifest}`;
  const { identities } = manifest;
  if (!identities.runKey.startsWith(name)) return `it belongs to run key ${identities.runKey}`;
  const facts = readFacts(files, directory);
  const kept = manifest.files.filter(({ path }) => isModelFile(path));
  return {
    ...facts,
    runKey: identities.runKey,
    columns: {
      ...facts.columns,
      directory: name,
      status: "finished",
      ...identityColumns(manifest),
    },
    files: kept.map(({ path, sha256: digest }) => ({ path, sha256: digest })),
  };
}

/** The facts of an attempt that is not published; its status is told by whoever knows it. */
export function readAttemptFacts(files: FileSystem, directory: string, runKey: string): RunFacts {
  const facts = readFacts(files, directory);
  const identity = readOwn(files, join(directory, runFiles.identity));
  const task = isPlainObject(parseJson(identity ?? ""))
    ? parseObject(identity ?? "")?.["task"]
    : {};
  const environment = readObject(files, join(directory, runFiles.environment));
  return {
    ...facts,
    runKey,
    columns: {
      ...facts.columns,
      task: isPlainObject(task) ? textOrNull(task["name"]) : null,
      config_hash: identity === undefined ? null : sha256(identity),
      environment_class: textOrNull(environment["environmentClass"]),
    },
    files: [],
  };
}

type CommonFacts = Omit<RunFacts, "runKey" | "files">;

/** What is read alike from every directory of a run: its config, its figures, its environment. */
export function readFacts(files: FileSystem, directory: string): CommonFacts {
  const config = readObject(files, join(directory, runFiles.config));
  const results = readObject(files, join(directory, runFiles.metrics));
  const selection = isPlainObject(config["selection"]) ? config["selection"] : {};
  const metric = textOrNull(selection["metric"]);
  const direction = selection["direction"] === "min" ? "min" : "max";
  const { rows: history } = historyOf(readOwn(files, join(directory, runFiles.metricsLog)) ?? "");
  const finals = numbersIn(results["metrics"]);
  const rule = metric === null ? undefined : ({ metric, direction } as const);
  const metrics = summariseHistory(history, finals, rule);
  const score = metric === null ? undefined : metrics.get(metric);
  const tags = config["tags"];
  return {
    config: flatten(config, []),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
    metrics,
    history,
    columns: {
      ...attemptColumns(files, directory),
      ...gitColumns(readObject(files, join(directory, runFiles.environment))["git"]),
      steps: numberOrNull(results["step"]) ?? history.at(-1)?.step ?? null,
      selection_metric: metric,
      selection_direction: metric === null ? null : direction,
      score: score?.final ?? score?.last ?? null,
    },
  };
}

function identityColumns({ task, identities }: Manifest): RunFacts["columns"] {
  return {
    task: task.name,
    config_hash: identities.configHash,
    group_hash: identities.groupHash,
    code_hash: identities.codeHash,
    data_hash: identities.dataHash,
    environment_class: identities.environmentClass,
    weights_digest: identities.weightsDigest ?? null,
    trace_digest: identities.traceDigest,
  };
}

function attemptColumns(files: FileSystem, directory: string): RunFacts["columns"] {
  const record = readAttemptRecord(files, directory);
  const started = timeOf(record?.startTime);
  const ended = timeOf(record?.endTime);
  return {
    experiment: record?.experiment ?? null,
    host: record?.host ?? null,
    started,
    ended,
    duration: started === null || ended === null ? null : (ended - started) / 1000,
  };
}

function gitColumns(git: unknown): RunFacts["columns"] {
  const facts = isPlainObject(git) ? git : {};
  const { commit, branch, isDirty } = facts;
  return {
    git_commit: textOrNull(commit),
    git_branch: textOrNull(branch),
    git_dirty: typeof isDirty === "boolean" ? Number(isDirty) : null,
  };
}

function isModelFile(path: string): boolean {
  return path.startsWith("checkpoints/") || path.startsWith(`${artifactFolder}/`);
}

function readOwn(files: FileSystem, path: string): string | undefined {
  try {
    return files.readText(path);
  } catch {
    return undefined; // a link, a pipe, or no permission: as good as absent, and told by fsck
  }
}

function readObject(files: FileSystem, path: string): Record<string, unknown> {
  return parseObject(readOwn(files, path) ?? "") ?? {};
}

function timeOf(text: string | undefined): number | null {
  return parseTime(text ?? "") ?? null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** Deeper than any config that passed a schema. */
const maxDepth = 60;

/** Leaves of a config with their paths; a list is one value. */
function flatten(value: unknown, path: Path): ConfigValue[] {
  if (isPlainObject(value) && path.length < maxDepth) {
    return Object.entries(value).flatMap(([key, child]) => flatten(child, [...path, key]));
  }
  const name = formatPath(path);
  if (typeof value === "boolean") return [{ path: name, kind: "boolean", value: Number(value) }];
  if (typeof value === "number") return [{ path: name, kind: "number", value }];
  if (typeof value === "string") return [{ path: name, kind: "text", value }];
  if (Array.isArray(value)) return [{ path: name, kind: "list", value: JSON.stringify(value) }];
  return value === null ? [{ path: name, kind: "null", value: null }] : [];
}

/** Numbers of an object that `jsonNumber` wrote; what is none is left out. */
function numbersIn(value: unknown): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  if (!isPlainObject(value)) return found;
  for (const [name, one] of Object.entries(value)) {
    const number = readNumber(one);
    if (number !== undefined) found.set(name, number);
  }
  return found;
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  try {
    return parseJsonNumber(value);
  } catch {
    return undefined;
  }
}

/** A log up to its first row that cannot be read. */
export interface History {
  readonly rows: readonly MetricRow[];
  /** From where on it is left out: the number of the line, from 1, and how many characters follow. */
  readonly leftOut?: { readonly line: number; readonly numCharacters: number };
}

/** Rows of `metrics.jsonl` up to the first one that is torn or damaged. */
export function historyOf(text: string): History {
  const rows: MetricRow[] = [];
  const lines = text.split("\n");
  const last = lines.pop() ?? ""; // a row ends with a line's end: this one is half of one
  let numRead = 0;
  for (const line of lines) {
    const row = parseObject(line);
    const step = row?.["step"];
    if (row === undefined || typeof step !== "number") break;
    const values = new Map(numbersIn(row));
    for (const place of ["step", "epoch"]) values.delete(place);
    const epoch = row["epoch"];
    rows.push({ step, ...(typeof epoch === "number" ? { epoch } : {}), values });
    numRead += line.length + 1;
  }
  if (rows.length === lines.length && last === "") return { rows };
  return { rows, leftOut: { line: rows.length + 1, numCharacters: text.length - numRead } };
}

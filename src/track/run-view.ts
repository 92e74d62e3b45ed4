/**
 * A run as exporters see it: read from the files of its directory, published or not, and nothing else. Values that look like
 * secrets are masked, since what is exported is passed on.
 */
import { join } from "node:path";
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { formatPath, type Path } from "../core/path.ts";
import { listAnnotations } from "../store/annotations.ts";
import { attemptStatus, readAttemptRecord, type AttemptRecord } from "../store/attempt-record.ts";
import type { FileSystem } from "../store/file-system.ts";
import { foreignFile } from "../store/foreign-runs.ts";
import { standing } from "../store/index/changes.ts";
import { parseObject } from "../store/json-file.ts";
import { parseManifest, type Manifest, type ResultIdentities } from "../store/manifest.ts";
import type { ProcessFacts } from "../store/process-facts.ts";
import { readResults, type RunResults } from "../store/published-run.ts";
import { maskConfig } from "../store/redact-config.ts";
import { numKeyDigits, runFiles } from "../store/run-layout.ts";
import { parseTime } from "../store/times.ts";

/** What a leaf of a config holds; lists are their JSON. */
export type FlatValue = null | boolean | number | string;

/** A run, finished or not, as it stood when it was read. */
export interface RunView {
  /** The store, absolute. */
  readonly store: string;
  /** Of the run or of the attempt, absolute. */
  readonly directory: string;
  /** The first 16 digits of its key. */
  readonly name: string;
  readonly runKey: string;
  /** Derived from what lies on the disk. */
  readonly status: "running" | "finished" | "failed" | "paused" | "lost";
  /** Why it failed or was stopped, the first line. */
  readonly reason: string | undefined;
  readonly experiment: string;
  /** `name` of its config, else the experiment's name. */
  readonly title: string;
  readonly description: string | undefined;
  /** From the config, and as `exp tag` added and took away. */
  readonly tags: readonly string[];
  readonly task: Manifest["task"] | undefined;
  /** Those that are known: an attempt has no digests of results yet. */
  readonly identities: Readonly<Partial<ResultIdentities>> & { readonly runKey: string };
  /** Resolved, with secrets masked. */
  readonly config: JsonObject;
  /** Its leaves by their paths, `optimizer.learningRate`. */
  readonly values: ReadonlyMap<string, FlatValue>;
  /**
   * Those of the leaves that decide the result, seeds left out: all runs of one `groupHash` share them. Empty where
   * `identity.json` cannot be read.
   */
  readonly settings: ReadonlyMap<string, FlatValue>;
  /** Which metric chooses the best, and which end of it is better. */
  readonly selection: { readonly metric: string; readonly direction: "min" | "max" } | undefined;
  /** Milliseconds since 1970; `undefined` where `attempt.json` does not tell. */
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  /** The machine, the git commit and all else that `environment.json` holds. */
  readonly environment: JsonObject;
  readonly git: {
    readonly commit: string | undefined;
    readonly branch: string | undefined;
    readonly remote: string | undefined;
    readonly isDirty: boolean;
  };
  /** Who executed it. */
  readonly record: AttemptRecord | undefined;
  /** Figures of the whole run; absent until it has them. */
  readonly results: RunResults | undefined;
}

/** What is read, by whom and when: tests put their own in place of the machine. */
export interface ViewTools {
  readonly files: FileSystem;
  readonly here: ProcessFacts;
  readonly now: () => Date;
}

/**
 * The run in a directory.
 * @param place.store - Absolute.
 * @param place.directory - A run of the store, or an attempt, absolute.
 * @returns A sentence where it is none: half of one, or something else.
 * @throws {ExpError} `store` or `environment` where its files cannot be read.
 */
export function readRunView(
  tools: ViewTools,
  { store, directory }: { readonly store: string; readonly directory: string },
): RunView | string {
  const { files } = tools;
  if (files.status(directory)?.kind !== "directory") return "it is no folder";
  if (files.status(join(directory, foreignFile)) !== undefined)
    return "another tool measured it, and only runs of Lockstep are exported";
  const text = readOwn(files, join(directory, runFiles.manifest));
  const manifest = text === undefined ? undefined : parseManifest(text);
  if (typeof manifest === "string") return `manifest.json cannot be used: ${manifest}`;
  const record = readAttemptRecord(files, directory);
  const runKey = manifest?.identities.runKey ?? record?.runKey;
  if (runKey === undefined) return "neither manifest.json nor attempt.json can be read";
  const isPublished = manifest !== undefined;
  const config = maskConfig(readObject(files, join(directory, runFiles.config))) as JsonObject; // of the same shape
  const { status, reason } = isPublished ? finished : statusOf(tools, directory);
  const experiment = record?.experiment ?? "";
  const environment = readObject(files, join(directory, runFiles.environment));
  const values = new Map(leavesOf(config, []));
  return {
    store,
    directory,
    name: runKey.slice(0, numKeyDigits),
    runKey,
    status,
    reason: reason ?? undefined,
    experiment,
    title: textOf(config["name"]) ?? experiment,
    description: textOf(config["description"]),
    tags: tagsOf(files, store, { runKey, config }),
    task: manifest?.task ?? taskOf(files, directory),
    identities: { ...record?.identities, ...manifest?.identities, runKey },
    config,
    values,
    settings: settingsIn(files, directory, values),
    selection: selectionOf(config),
    startedMs: parseTime(record?.startTime ?? ""),
    endedMs: parseTime(record?.endTime ?? ""),
    environment,
    git: gitOf(environment),
    record,
    results: resultsIn(files, directory, isPublished),
  };
}

/** An attempt may have died while it wrote them. */
function resultsIn(
  files: FileSystem,
  directory: string,
  isPublished: boolean,
): RunResults | undefined {
  if (isPublished) return readResults(files, { directory });
  if (files.status(join(directory, runFiles.metrics))?.kind !== "file") return undefined;
  try {
    return readResults(files, { directory });
  } catch {
    return undefined;
  }
}

const finished = { status: "finished", reason: null } as const;

function statusOf(
  { files, here, now }: ViewTools,
  directory: string,
): Pick<RunView, "status"> & { readonly reason: string | null } {
  const status = attemptStatus(files, directory, { here, nowMs: now().getTime() });
  return status.kind === "damaged" ? { status: "lost", reason: null } : standing(status);
}

function taskOf(files: FileSystem, directory: string): RunView["task"] {
  const { task } = readObject(files, join(directory, runFiles.identity));
  if (!isPlainObject(task)) return undefined;
  const { name, version } = task;
  return typeof name === "string" && typeof version === "number" ? { name, version } : undefined;
}

/** Seeds of a task stand at its top, as the envelope has them. */
const seedPath = /^seeds?(?:[.[]|$)/u;

function settingsIn(
  files: FileSystem,
  directory: string,
  values: RunView["values"],
): RunView["settings"] {
  const identity = readObject(files, join(directory, runFiles.identity));
  const counted = isPlainObject(identity["config"]) ? identity["config"] : {};
  const paths = new Set(leavesOf(counted, []).map(([path]) => path));
  const entries = [...values].filter(([path]) => paths.has(path) && !seedPath.test(path));
  return new Map(entries);
}

function selectionOf({ selection }: JsonObject): RunView["selection"] {
  const metric = isPlainObject(selection) ? textOf(selection["metric"]) : undefined;
  if (metric === undefined || !isPlainObject(selection)) return undefined;
  return { metric, direction: selection["direction"] === "min" ? "min" : "max" };
}

function gitOf({ git }: JsonObject): RunView["git"] {
  const { commit, branch, remote, isDirty } = isPlainObject(git) ? git : {};
  return {
    commit: textOf(commit),
    branch: textOf(branch),
    remote: textOf(remote),
    isDirty: isDirty === true,
  };
}

/** Of a tag that is added and taken away, the later word counts. */
function tagsOf(
  files: FileSystem,
  store: string,
  { runKey, config }: { readonly runKey: string; readonly config: JsonObject },
): readonly string[] {
  const tags = new Set(textsIn(config["tags"]));
  for (const { kind, facts } of listAnnotations(files, store, runKey).annotations) {
    if (kind !== "tag") continue;
    for (const tag of textsIn(facts["add"])) tags.add(tag);
    for (const tag of textsIn(facts["remove"])) tags.delete(tag);
  }
  return [...tags];
}

/** Deeper than any config that passed a schema. */
const maxDepth = 60;

function leavesOf(value: JsonValue, path: Path): readonly (readonly [string, FlatValue])[] {
  if (isPlainObject(value) && path.length < maxDepth) {
    return Object.entries(value).flatMap(([key, child]) => leavesOf(child, [...path, key]));
  }
  const isFlat = typeof value !== "object" || value === null;
  return [[formatPath(path), isFlat ? value : JSON.stringify(value)]];
}

/** A link, a pipe, or no permission is as good as absent, and told by `exp fsck`. */
function readOwn(files: FileSystem, path: string): string | undefined {
  try {
    return files.readText(path);
  } catch {
    return undefined;
  }
}

function readObject(files: FileSystem, path: string): JsonObject {
  return (parseObject(readOwn(files, path) ?? "") ?? {}) as JsonObject; // parsed JSON
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

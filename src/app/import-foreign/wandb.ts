/** Runs of Weights & Biases: the `.wandb` files of a folder. */
import { basename, dirname, join } from "node:path";
import { parse } from "yaml";
import { ExpError } from "../../core/errors.ts";
import { isPlainObject, parseJson, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { ForeignRow } from "../../store/foreign-runs.ts";
import { createFigureLimit, isoTime, type FoundRun, type FoundRuns } from "./found-runs.ts";
import { framedRecords } from "./record-frames.ts";
import { filesBelow, isRegularFile, readLimited } from "./regular-files.ts";
import {
  readWandbRecord,
  wandbFigures,
  wandbValue,
  type WandbItem,
  type WandbRecord,
} from "./wandb-records.ts";

/** Of a `.wandb` file: pictures and tables lie in other ones. */
const maxFileBytes = 512_000_000;

/** Of `config.yaml` and `wandb-summary.json`. */
const maxBesideBytes = 16_000_000;

const hint =
  "Expected run-….wandb, as in wandb/offline-run-…/ and wandb/run-…/; links are not followed.";

/**
 * The runs of a folder, or the run of a file. Several files of one id (a run that was resumed) are one run.
 * @param path - Absolute.
 * @throws {ExpError} `data` where no file of W&B is found, or more figures than fit into memory.
 */
export function readWandbRuns(path: string): FoundRuns {
  const isFile = isRegularFile(path);
  const files = isFile ? [{ path }] : filesBelow(path, (name) => name.endsWith(".wandb")); // their folders are named by their times
  if (files.length === 0) throw new ExpError("data", `${path} holds no .wandb file.`, { hint });
  const warnings: string[] = [];
  const count = createFigureLimit("Import its folders one by one.");
  const runs = new Map<string, Building>();
  for (const file of files) addFile(file.path, { runs, warnings, count });
  if (runs.size === 0) throw new ExpError("data", `${path}: ${warnings.join("; ")}.`, { hint });
  return { runs: [...runs.values()].map(finish), warnings };
}

interface Building {
  readonly id: string;
  name?: string | undefined;
  project?: string | undefined;
  tags: readonly string[];
  startedMs?: number | undefined;
  endedMs?: number | undefined;
  exitCode?: number | undefined;
  readonly config: Map<string, JsonValue>;
  /** By their names, `nest.x`. */
  readonly summary: Map<string, number>;
  readonly steps: Map<number, Map<string, number>>;
}

interface Adding {
  readonly runs: Map<string, Building>;
  readonly warnings: string[];
  readonly count: (numMore: number) => void;
}

function addFile(path: string, { runs, warnings, count }: Adding): void {
  const content = readLimited(path, maxFileBytes);
  const framed = typeof content === "string" ? undefined : framedRecords(content);
  if (framed === undefined) {
    warnings.push(typeof content === "string" ? content : `${path} is no file of W&B`);
    return;
  }
  warnings.push(...framed.problems.map((problem) => `${path}: ${problem}`));
  const records = framed.records.flatMap((bytes) => readWandbRecord(bytes) ?? []);
  const own = records.find((record) => record.kind === "run");
  const id = own?.id || basename(path).replace(/^run-|\.wandb$/gu, "");
  const run = runs.get(id) ?? begin(id);
  runs.set(id, run);
  run.exitCode = undefined; // it went on
  for (const record of records) {
    if (record.kind === "history") count(record.items.length);
    apply(run, record);
  }
  const beside = join(dirname(path), "files");
  if (own === undefined) warnings.push(...addConfigBeside(run, beside));
  if (!records.some(({ kind }) => kind === "summary")) addSummaryBeside(run, beside);
}

function begin(id: string): Building {
  return { id, tags: [], config: new Map(), summary: new Map(), steps: new Map() };
}

function apply(run: Building, record: WandbRecord): void {
  if (record.kind === "run") {
    const { project, name, tags, startedMs } = record;
    run.project = project ?? run.project;
    run.name = name ?? run.name;
    if (tags.length > 0) run.tags = tags;
    run.startedMs ??= startedMs;
    for (const item of record.config) setConfig(run, item);
  } else if (record.kind === "history") addRow(run, record);
  else if (record.kind === "exit") {
    run.exitCode = record.code;
    const ran = (run.startedMs ?? Number.NaN) + (record.seconds ?? 0) * 1000;
    if (run.endedMs === undefined && ran > 0) run.endedMs = ran;
  } else if (record.kind === "config") {
    for (const item of record.update) setConfig(run, item);
    for (const path of record.remove) run.config.delete(path.join("."));
  } else {
    for (const item of record.update) {
      for (const [name, value] of wandbFigures(item)) run.summary.set(name, value);
    }
    for (const path of record.remove) run.summary.delete(path.join("."));
  }
}

/** `_wandb` holds what the tool notes about itself. */
function setConfig({ config }: Building, { path, json }: WandbItem): void {
  const [first = ""] = path;
  if (first === "_wandb") return;
  if (path.length === 1) config.set(first, wandbValue(json));
  else config.set(path.join("."), wandbValue(json));
}

function addRow(run: Building, { step, items }: Extract<WandbRecord, { kind: "history" }>): void {
  const time = items.find(({ path }) => path.join(".") === "_timestamp")?.json;
  if (time !== undefined && Number(time) > 0) run.endedMs = Number(time) * 1000;
  // A histogram comes as `h._type`, `h.bins` and so on.
  const typed = new Set(
    items.flatMap(({ path }) => (path.at(-1) === "_type" ? [path.slice(0, -1).join(".")] : [])),
  );
  const row = run.steps.get(step) ?? new Map<string, number>();
  for (const item of items) {
    if (item.path[0]?.startsWith("_") === true || typed.has(item.path.slice(0, -1).join(".")))
      continue;
    for (const [name, value] of wandbFigures(item)) row.set(name, value);
  }
  if (row.size > 0) run.steps.set(step, row);
}

/** Where the beginning of the file is damaged: `config.yaml` holds `{ value }` for each name. */
function addConfigBeside({ config }: Building, folder: string): readonly string[] {
  const path = join(folder, "config.yaml");
  if (!isRegularFile(path)) return [];
  const content = readLimited(path, maxBesideBytes);
  if (typeof content === "string") return [content];
  try {
    const fields: unknown = parse(content.toString("utf8"), { schema: "core" });
    for (const [key, entry] of Object.entries(isPlainObject(fields) ? fields : {})) {
      const value = isPlainObject(entry) ? entry["value"] : undefined;
      const json = parseJson(JSON.stringify(value) ?? "");
      if (json !== undefined && !key.startsWith("_wandb") && key !== "wandb_version")
        config.set(key, json as JsonValue); // parsed JSON
    }
    return [];
  } catch (error) {
    return [`${path} is no YAML: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** A run that was killed may have its figures there alone. */
function addSummaryBeside({ summary }: Building, folder: string): void {
  const path = join(folder, "wandb-summary.json");
  const content = isRegularFile(path) ? readLimited(path, maxBesideBytes) : "";
  const fields = typeof content === "string" ? undefined : parseJson(content.toString("utf8"));
  for (const [key, value] of Object.entries(isPlainObject(fields) ? fields : {})) {
    for (const [name, figure] of wandbFigures({ path: [key], json: JSON.stringify(value) })) {
      summary.set(name, figure);
    }
  }
}

const ownResult = "result/";

function finish(run: Building): FoundRun {
  const { id, name, tags, config, project, exitCode, startedMs, endedMs } = run;
  const note = config.get("lockstep");
  const own = isPlainObject(note) && typeof note["runKey"] === "string" ? note : undefined;
  const named = own?.["experiment"];
  const [started, ended] = [isoTime(startedMs), isoTime(endedMs)];
  return {
    id,
    ...(name !== undefined && name !== "" && { name }),
    experiment: typeof named === "string" ? named : (project ?? "wandb"),
    status: exitCode === undefined ? "no end" : exitCode === 0 ? "finished" : "failed",
    ...(started !== undefined && { started }),
    ...(ended !== undefined && { ended }),
    tags,
    config: configOf(config, own !== undefined),
    rows: rowsOf(run),
    results: resultsOf(run, own !== undefined),
  };
}

/** What `exp export` wrote says its hashes in it. */
function configOf(config: ReadonlyMap<string, JsonValue>, isOwn: boolean): JsonObject {
  return Object.fromEntries([...config].filter(([name]) => !isOwn || name !== "lockstep"));
}

function rowsOf({ steps }: Building): readonly ForeignRow[] {
  return [...steps]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([step, values]) => {
      const epoch = values.get("epoch");
      if (epoch === undefined || !Number.isFinite(epoch)) return [{ step, values }];
      values.delete("epoch"); // it says where the row stands
      return [{ step, epoch, values }];
    });
}

function resultsOf({ summary, steps }: Building, isOwn: boolean): ReadonlyMap<string, number> {
  const shown = [...summary].filter(([name]) => !name.startsWith("_") && name !== "epoch");
  const own = shown.filter(([name]) => isOwn && name.startsWith(ownResult));
  if (own.length > 0)
    return new Map(own.map(([name, value]) => [name.slice(ownResult.length), value]));
  if (shown.length > 0) return new Map(shown);
  return new Map([...steps].toSorted(([a], [b]) => a - b).flatMap(([, values]) => [...values]));
}

/** Runs as the index knows them, whole. */
import type { JsonValue } from "../../core/json.ts";
import { parseJson } from "../../core/json.ts";
import type { Cell, Database, Row } from "../index/database.ts";
import { valueKinds } from "../index/schema.ts";
import type { Field } from "./fields.ts";
import type { MetricPart } from "./filter.ts";

/** Numbers of a metric; a part that the run does not have is absent. */
export type MetricNumbers = Readonly<Partial<Record<MetricPart, number>>>;

/** A run with its facts, the leaves of its config, and its metrics. */
export interface IndexedRun {
  /** First 16 digits of the run key. */
  readonly name: string;
  readonly runKey: string;
  /** Relative to the store, with forward slashes. */
  readonly directory: string;
  /** `finished running failed lost paused`. */
  readonly status: string;
  /** Of a failed run. */
  readonly reason?: string;
  /** The facts by the names that filters have for them; what is not known is absent. */
  readonly facts: Readonly<Record<string, number | string | boolean>>;
  /** From the config, and as `exp tag` added and took away. */
  readonly tags: readonly string[];
  readonly notes: readonly { readonly time: string; readonly text: string }[];
  readonly selection?: { readonly metric: string; readonly direction: "min" | "max" };
  /** Values by their paths; lists whole. */
  readonly config: ReadonlyMap<string, JsonValue>;
  readonly metrics: ReadonlyMap<string, MetricNumbers>;
}

/** Facts of the table by the names that people use, in the order in which they are shown. */
const factColumns: readonly (readonly [string, string])[] = [
  ["experiment", "experiment"],
  ["task", "task"],
  ["started", "started"],
  ["ended", "ended"],
  ["duration", "duration"],
  ["host", "host"],
  ["steps", "steps"],
  ["score", "score"],
  ["git.commit", "git_commit"],
  ["git.branch", "git_branch"],
  ["git.dirty", "git_dirty"],
  ["configHash", "config_hash"],
  ["groupHash", "group_hash"],
  ["codeHash", "code_hash"],
  ["dataHash", "data_hash"],
  ["environmentClass", "environment_class"],
  ["weightsDigest", "weights_digest"],
  ["traceDigest", "trace_digest"],
];

/** SQLite takes so many values in one statement without complaint. */
const chunkSize = 500;

/** The runs of these numbers, in their order. */
export function readRuns(database: Database, ids: readonly number[]): readonly IndexedRun[] {
  const runs: IndexedRun[] = [];
  for (let start = 0; start < ids.length; start += chunkSize) {
    runs.push(...readChunk(database, ids.slice(start, start + chunkSize)));
  }
  return runs;
}

function readChunk(database: Database, ids: readonly number[]): readonly IndexedRun[] {
  const list = ids.map((id) => String(Math.trunc(id))).join(", ");
  const rows = new Map(
    database
      .all(`SELECT * FROM stored_runs r JOIN run_details d ON d.run = r.id WHERE r.id IN (${list})`)
      .map((row) => [row["id"], row] as const),
  );
  // CROSS JOIN keeps the order: from each name to its rows by their whole key, and never through all values.
  const config = grouped(
    database.all(`SELECT c.run AS run, p.name AS name, c.kind AS kind, c.value AS value
      FROM paths p CROSS JOIN config_values c ON c.path = p.id AND c.run IN (${list}) ORDER BY p.name`),
  );
  const metrics = grouped(
    database.all(`SELECT m.*, n.name AS name
      FROM metric_names n CROSS JOIN metric_values m ON m.metric = n.id AND m.run IN (${list}) ORDER BY n.name`),
  );
  return ids.flatMap((id) => {
    const row = rows.get(id);
    if (row === undefined) return [];
    return [
      indexedRun(database, row, { config: config.get(id) ?? [], metrics: metrics.get(id) ?? [] }),
    ];
  });
}

function grouped(rows: readonly Row[]): ReadonlyMap<Cell | undefined, readonly Row[]> {
  const groups = new Map<Cell | undefined, Row[]>();
  for (const row of rows) {
    const group = groups.get(row["run"]);
    if (group === undefined) groups.set(row["run"], [row]);
    else group.push(row);
  }
  return groups;
}

function indexedRun(
  database: Database,
  row: Row,
  parts: { readonly config: readonly Row[]; readonly metrics: readonly Row[] },
): IndexedRun {
  const name = String(row["name"]);
  const metric = row["selection_metric"];
  const direction = row["selection_direction"] === "min" ? "min" : "max";
  const facts = factColumns.flatMap(([fact, column]) => {
    const value = row[column];
    if (typeof value !== "string" && typeof value !== "number") return [];
    return [[fact, fact === "git.dirty" ? value === 1 : value] as const];
  });
  const tags = database.all("SELECT tag FROM shown_tags WHERE run_name = ? ORDER BY tag", name);
  const notes = database.all(
    "SELECT time, text FROM run_notes WHERE run_name = ? ORDER BY time, rowid",
    name,
  );
  return {
    name,
    runKey: String(row["run_key"]),
    directory: String(row["directory"]),
    status: String(row["status"]),
    ...(typeof row["reason"] === "string" ? { reason: row["reason"] } : {}),
    facts: Object.fromEntries(facts),
    tags: tags.map(({ tag }) => String(tag)),
    notes: notes.map(({ time, text }) => ({ time: String(time), text: String(text) })),
    ...(typeof metric === "string" ? { selection: { metric, direction } } : {}),
    config: new Map(parts.config.map((one) => [String(one["name"]), configValue(one)])),
    metrics: new Map(parts.metrics.map((one) => [String(one["name"]), metricNumbers(one)])),
  };
}

/** The value that a cell of a config's path stands for. */
export function configValue({ kind, value }: Row): JsonValue {
  switch (kind) {
    case valueKinds.boolean:
      return value === 1;
    case valueKinds.number:
      return Number(value);
    case valueKinds.text:
      return String(value);
    case valueKinds.list:
      return parseJson(String(value)) as JsonValue; // written by JSON.stringify
    default:
      return null;
  }
}

/** A number that is NaN is kept as nothing, and the row says so. */
function metricNumbers(row: Row): MetricNumbers {
  const parts = (["final", "best", "last", "min", "max"] as const).flatMap((part) => {
    const value = row[part];
    return typeof value === "number" ? [[part, value] as const] : [];
  });
  const isNan = row["is_nan"] === 1;
  return { ...(isNan ? { final: Number.NaN } : {}), ...Object.fromEntries(parts) };
}

/** What a run has in a field; `undefined` where it has nothing there. */
export function valueOf(run: IndexedRun, field: Field): JsonValue | undefined {
  switch (field.kind) {
    case "fact":
      return factOf(run, field.text);
    case "config":
      return run.config.get(field.text);
    case "element": {
      const list = run.config.get(field.text.replace(/\[\d+\]$/u, ""));
      return Array.isArray(list) ? (list as readonly JsonValue[])[field.index] : undefined;
    }
    case "metric": {
      const numbers = run.metrics.get(field.text);
      return field.part === undefined ? mainNumber(numbers) : numbers?.[field.part];
    }
  }
}

function factOf(run: IndexedRun, name: string): JsonValue | undefined {
  switch (name) {
    case "run":
      return run.name;
    case "runKey":
      return run.runKey;
    case "status":
      return run.status;
    case "reason":
      return run.reason;
    case "tag":
    case "tags":
      return run.tags;
    case "note":
    case "notes":
      return run.notes.map(({ text }) => text);
    default:
      return run.facts[name];
  }
}

/** The figure of the result, or where there is none the last one logged. */
export function mainNumber(numbers: MetricNumbers | undefined): number | undefined {
  return numbers?.final ?? numbers?.last;
}

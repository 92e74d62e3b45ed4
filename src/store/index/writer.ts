/** Rows of a run in the tables of the index: written whole, replaced whole, removed whole. */
import type { Cell, Database } from "./database.ts";
import type { MetricRow } from "./metric-summary.ts";
import { packRuns } from "./packs.ts";
import type { RunFacts } from "./run-facts.ts";
import { valueKinds } from "./schema.ts";
import { bytesOf, createStepValues, type StepValues } from "./step-values.ts";

export interface StoredFacts extends RunFacts {
  /** First 16 digits of the run key. */
  readonly name: string;
  /** Changes with the files of the run. */
  readonly stamp: string;
}

export interface Writer {
  /** Writes a run in place of what was known of it. */
  put(run: StoredFacts): void;
  remove(name: string): void;
  /** Writes what is written for many runs at once; at the end of the transaction. */
  flush(): void;
}

/** Numbers of a history that are kept in the index; of a longer one the file is read when it is asked for. */
const maxKeptNumbers = 20_000;

const runColumns = [
  "name status experiment task started ended duration steps git_branch git_dirty",
  "selection_metric selection_direction score",
]
  .join(" ")
  .split(" ");

const detailColumns = [
  "run stamp run_key directory reason host git_commit config_hash group_hash code_hash data_hash",
  "environment_class weights_digest trace_digest",
]
  .join(" ")
  .split(" ");

function insertInto(table: string, columns: readonly string[]): string {
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
}

const insertRun = `${insertInto("stored_runs", runColumns)} RETURNING id`;
const insertDetails = insertInto("run_details", detailColumns);

/** A writer into a database that has the tables. Call it inside a transaction. */
export function createWriter(database: Database): Writer {
  const paths = createNames(database, "paths");
  const metrics = createNames(database, "metric_names");
  const steps = createStepValues(database);
  const remove = (name: string): void => {
    const id = database.first("SELECT id FROM stored_runs WHERE name = ?", name)?.["id"];
    if (id === undefined || id === null) return;
    for (const sql of removals) database.run(sql, id);
    database.run("DELETE FROM run_tags WHERE run_name = ? AND is_own = 1", name);
  };
  return {
    remove,
    flush: (): void => {
      steps.flush();
      packRuns(database);
    },
    put: (run): void => {
      remove(run.name);
      const id = writeRun(database, run);
      for (const { path, kind, value } of run.config) {
        const code = valueKinds[kind];
        database.run(insertConfig, paths.idOf(path, 1 << code), id, code, value);
      }
      database.run(insertLoose, id, Number(run.columns["status"] !== "running"));
      writeMetrics(database, { run, id, idOf: (name) => metrics.idOf(name, 0), steps });
      for (const tag of run.tags) database.run(insertTag, tag, run.name);
      for (const { sha256, path } of run.files) database.run(insertFile, sha256, id, path);
    },
  };
}

const insertConfig =
  "INSERT OR REPLACE INTO config_values (path, run, kind, value) VALUES (?, ?, ?, ?)";
const insertLoose = "INSERT INTO loose_runs VALUES (?, ?)";
const insertTag = "INSERT OR IGNORE INTO run_tags (tag, run_name, is_own) VALUES (?, ?, 1)";
const insertFile = "INSERT OR IGNORE INTO model_files (sha256, run, path) VALUES (?, ?, ?)";
const insertMetric = insertInto(
  "metric_values",
  "metric run value final best last min max is_nan".split(" "),
);

/** Rows are found by their whole key, so that removing a run does not read the tables through. */
const removals: readonly string[] = [
  "DELETE FROM config_values WHERE run = ? AND path IN (SELECT id FROM paths)",
  "DELETE FROM metric_values WHERE run = ? AND metric IN (SELECT id FROM metric_names)",
  "DELETE FROM histories WHERE run = ?",
  "DELETE FROM loose_histories WHERE run = ?",
  "DELETE FROM loose_runs WHERE run = ?",
  "DELETE FROM model_files WHERE run = ?",
  "DELETE FROM run_details WHERE run = ?",
  "DELETE FROM stored_runs WHERE id = ?",
];

function writeRun(database: Database, run: StoredFacts): number {
  const values: Readonly<Record<string, Cell>> = {
    directory: run.name,
    ...run.columns,
    name: run.name,
    stamp: run.stamp,
    run_key: run.runKey,
  };
  const row = database.first(insertRun, ...runColumns.map((name) => values[name] ?? null));
  const id = Number(row?.["id"]);
  const details: Readonly<Record<string, Cell>> = { ...values, run: id };
  database.run(insertDetails, ...detailColumns.map((name) => details[name] ?? null));
  return id;
}

interface MetricWriting {
  readonly run: StoredFacts;
  readonly id: number;
  readonly idOf: (name: string) => number;
  readonly steps: StepValues;
}

function writeMetrics(database: Database, { run, id, idOf, steps }: MetricWriting): void {
  for (const [name, { final, best, last, min, max }] of run.metrics) {
    const isNan = Number(Number.isNaN(final ?? last ?? 0));
    const numbers = [final ?? last, final, best, last, min, max].map((value) => value ?? null);
    database.run(insertMetric, idOf(name), id, ...numbers, isNan); // SQLite has no NaN: it becomes NULL
  }
  const history = packHistory(run.history, idOf);
  // Long ones are read from their files, and what is not finished is written anew again and again.
  const isSettled = run.columns["status"] === "finished" || run.columns["status"] === "foreign";
  const isLoose = history === undefined || !isSettled;
  if (isLoose && run.history.length > 0) database.run("INSERT INTO loose_histories VALUES (?)", id);
  if (!isLoose) steps.add(id, run.history, idOf);
  if (history === undefined) return;
  const { metrics, steps: numbersOfSteps, numbers } = history;
  database.run("INSERT INTO histories VALUES (?, ?, ?, ?)", id, metrics, numbersOfSteps, numbers);
}

function packHistory(
  history: readonly MetricRow[],
  idOf: (name: string) => number,
): { metrics: string; steps: Uint8Array; numbers: Uint8Array } | undefined {
  const names = [...new Set(history.flatMap(({ values }) => [...values.keys()]))];
  if (names.length * history.length > maxKeptNumbers || names.length === 0) return undefined;
  const numbers = new Float64Array(names.length * history.length);
  const steps = Float64Array.from(history, ({ step }) => step);
  history.forEach(({ values }, row) => {
    names.forEach((name, column) => {
      numbers[row * names.length + column] = values.get(name) ?? Number.NaN;
    });
  });
  const metrics = JSON.stringify(names.map(idOf));
  return { metrics, steps: bytesOf(steps), numbers: bytesOf(numbers) };
}

interface Names {
  /** The number of a name, a new one where it has none; the kinds of values seen there are kept with it. */
  idOf(name: string, kinds: number): number;
}

function createNames(database: Database, table: "paths" | "metric_names"): Names {
  const known = new Map<string, { readonly id: number; kinds: number }>();
  const hasKinds = table === "paths";
  for (const { id, name, kinds } of database.all(`SELECT * FROM ${table}`)) {
    known.set(String(name), { id: Number(id), kinds: Number(kinds ?? 0) });
  }
  const insert = hasKinds
    ? `INSERT INTO ${table} (name, kinds) VALUES (?, ?) RETURNING id`
    : `INSERT INTO ${table} (name) VALUES (?) RETURNING id`;
  return {
    idOf: (name, kinds): number => {
      const found = known.get(name);
      if (found === undefined) {
        const row = database.first(insert, name, ...(hasKinds ? [kinds] : []));
        const id = Number(row?.["id"]);
        known.set(name, { id, kinds });
        return id;
      }
      if ((found.kinds | kinds) !== found.kinds) {
        found.kinds |= kinds;
        database.run("UPDATE paths SET kinds = ? WHERE id = ?", found.kinds, found.id);
      }
      return found.id;
    },
  };
}

/**
 * Tables of the index. What people query with `exp sql` are the views; the tables below them hold numbers in place of
 * names and may change with any version, which makes every index anew.
 */
import type { Database } from "./database.ts";

/** Goes up with any change of a table, a view, or of what is written into them. */
export const schemaVersion = 6;

/** How a value of a config is stored: text, numbers and booleans (0, 1) as they are, lists as JSON. */
export const valueKinds = { null: 0, boolean: 1, number: 2, text: 3, list: 4 } as const;

export type ValueKind = keyof typeof valueKinds;

/** A condition that runs meet whose files are still among the attempts; a look-up asks for them each time, so that they have an index. */
export const inAttempts = "status NOT IN ('finished', 'foreign')";

// A column of type ANY would turn texts that look like numbers into them ("007" into 7); one of type BLOB keeps what it is given.
const tables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) WITHOUT ROWID;
CREATE TABLE stored_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,
  experiment TEXT,
  task TEXT,
  started REAL,
  ended REAL,
  duration REAL,
  steps REAL,
  git_branch TEXT,
  git_dirty INTEGER,
  selection_metric TEXT,
  selection_direction TEXT,
  score REAL
);
CREATE TABLE run_details (
  run INTEGER PRIMARY KEY,
  stamp TEXT NOT NULL,
  run_key TEXT NOT NULL,
  directory TEXT NOT NULL,
  reason TEXT,
  host TEXT,
  git_commit TEXT,
  config_hash TEXT,
  group_hash TEXT,
  code_hash TEXT,
  data_hash TEXT,
  environment_class TEXT,
  weights_digest TEXT,
  trace_digest TEXT
);
CREATE TABLE damaged (name TEXT PRIMARY KEY, stamp TEXT NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE paths (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kinds INTEGER NOT NULL);
CREATE TABLE config_values (
  path INTEGER NOT NULL, run INTEGER NOT NULL, kind INTEGER NOT NULL, value BLOB, PRIMARY KEY (path, run)
) WITHOUT ROWID;
CREATE TABLE metric_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE metric_values (
  metric INTEGER NOT NULL, run INTEGER NOT NULL,
  value REAL, final REAL, best REAL, last REAL, min REAL, max REAL, is_nan INTEGER NOT NULL,
  PRIMARY KEY (metric, run)
) WITHOUT ROWID;
CREATE TABLE histories (run INTEGER PRIMARY KEY, metrics TEXT NOT NULL, steps BLOB NOT NULL, numbers BLOB NOT NULL);
CREATE TABLE step_values (id INTEGER PRIMARY KEY, metric INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL, numbers BLOB NOT NULL, runs BLOB NOT NULL);
CREATE INDEX step_values_by_range ON step_values (low, high, metric);
CREATE TABLE loose_histories (run INTEGER PRIMARY KEY);
CREATE TABLE loose_runs (run INTEGER PRIMARY KEY, is_settled INTEGER NOT NULL);
CREATE TABLE packs (id INTEGER PRIMARY KEY, runs BLOB NOT NULL, keys TEXT NOT NULL);
CREATE TABLE packed_choices (pack INTEGER NOT NULL, kind INTEGER NOT NULL, name INTEGER NOT NULL, choices TEXT NOT NULL, codes BLOB);
CREATE TABLE packed_numbers (pack INTEGER NOT NULL, metric INTEGER NOT NULL, places BLOB, numbers BLOB NOT NULL);
CREATE TABLE run_tags (tag TEXT NOT NULL, run_name TEXT NOT NULL, is_own INTEGER NOT NULL, PRIMARY KEY (tag, run_name, is_own)) WITHOUT ROWID;
CREATE INDEX run_tags_by_run ON run_tags (run_name);
CREATE TABLE removed_tags (run_name TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (run_name, tag)) WITHOUT ROWID;
CREATE VIEW shown_tags AS SELECT DISTINCT tag, run_name FROM run_tags t WHERE NOT EXISTS
  (SELECT 1 FROM removed_tags x WHERE x.run_name = t.run_name AND x.tag = t.tag);
CREATE TABLE run_notes (run_name TEXT NOT NULL, time TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX run_notes_by_run ON run_notes (run_name);
CREATE TABLE annotated (name TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE model_files (sha256 TEXT NOT NULL, run INTEGER NOT NULL, path TEXT NOT NULL, PRIMARY KEY (sha256, run, path)) WITHOUT ROWID;
CREATE INDEX model_files_by_run ON model_files (run);
CREATE INDEX runs_by_start ON stored_runs (started DESC, name);
CREATE INDEX runs_by_experiment ON stored_runs (experiment, started DESC, name);
CREATE INDEX runs_in_attempts ON stored_runs (name) WHERE ${inAttempts};
`;

/** The views of `exp sql`, with what each is for. */
export const views: readonly {
  readonly name: string;
  readonly what: string;
  readonly sql: string;
}[] = [
  {
    name: "runs",
    what: "one row a run; times in milliseconds since 1970, duration in seconds, score is the metric that selects",
    sql: `SELECT name AS run, status, experiment, task, score, selection_metric, selection_direction, steps, started, ended, duration, host, git_commit, git_branch, git_dirty, run_key, config_hash, group_hash, code_hash, data_hash, environment_class, weights_digest, trace_digest, reason, directory FROM stored_runs r JOIN run_details d ON d.run = r.id`,
  },
  {
    name: "config",
    what: "one row for each value of a config; lists are JSON, booleans 0 and 1",
    sql: `SELECT r.name AS run, p.name AS path, c.value AS value, CASE c.kind WHEN 0 THEN 'null' WHEN 1 THEN 'boolean' WHEN 2 THEN 'number' WHEN 3 THEN 'text' ELSE 'list' END AS kind FROM config_values c JOIN paths p ON p.id = c.path JOIN stored_runs r ON r.id = c.run`,
  },
  {
    name: "metrics",
    what: "one row a metric of a run: its final, best, last, smallest and largest value; NaN is NULL",
    sql: `SELECT r.name AS run, n.name AS metric, m.final AS final, m.best AS best, m.last AS last, m.min AS min, m.max AS max FROM metric_values m JOIN metric_names n ON n.id = m.metric JOIN stored_runs r ON r.id = m.run`,
  },
  {
    name: "tags",
    what: "one row a tag of a run, from its config or exp tag",
    sql: `SELECT run_name AS run, tag FROM shown_tags`,
  },
  {
    name: "notes",
    what: "one row a note of exp note",
    sql: `SELECT run_name AS run, time, text FROM run_notes`,
  },
  {
    name: "files",
    what: "checkpoints and models of finished runs with their SHA-256",
    sql: `SELECT r.name AS run, f.path AS path, f.sha256 AS sha256 FROM model_files f JOIN stored_runs r ON r.id = f.run`,
  },
];

/** Makes all tables and views in an empty database. */
export function createSchema(database: Database): void {
  database.execute(tables);
  for (const { name, sql } of views) database.execute(`CREATE VIEW ${name} AS ${sql}`);
  database.execute(`PRAGMA user_version = ${schemaVersion}`);
}

/** Tells whether a database has the tables of this version. */
export function hasSchema(database: Database): boolean {
  return database.first("PRAGMA user_version")?.["user_version"] === schemaVersion;
}

/** Runs in the SQLite database of an MLflow (`mlflow.db`), which is opened for reading alone. */
import { ExpError } from "../../core/errors.ts";
import { isBusy, openDatabase, type Cell, type Database } from "../../store/index/database.ts";
import { mlflowFigure, type MlflowExperiment, type MlflowRun } from "./mlflow-runs.ts";

const tables = ["experiments", "runs", "params", "tags", "metrics"] as const;

/** An open database. */
export interface MlflowDatabase {
  /** Those that were not deleted. */
  experiments(): readonly MlflowExperiment[];
  /** Those of an experiment that were not deleted. */
  runs(experiment: MlflowExperiment): Generator<MlflowRun>;
  close(): void;
}

/**
 * Opens a database of MLflow.
 * @throws {ExpError} `data` for a file that is none; `environment` while a server writes for a long time.
 */
export function openMlflowDatabase(path: string): MlflowDatabase {
  return explained(path, () => {
    const database = openDatabase(path, { isReadOnly: true });
    try {
      checkTables(database);
      database.execute("BEGIN"); // one state of it, though a server writes
    } catch (error) {
      database.close();
      throw error;
    }
    return {
      experiments: () => explained(path, () => experimentsIn(database)),
      runs: (experiment) => runsIn(database, path, experiment),
      close: () => {
        database.close();
      },
    };
  });
}

/** A view of that name might compute for ever. */
function checkTables(database: Database): void {
  const known = new Set(
    database.all("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => name),
  );
  const missing = tables.find((name) => !known.has(name));
  if (missing !== undefined) throw new Error(`it has no table ${missing}`);
}

function experimentsIn(database: Database): readonly MlflowExperiment[] {
  return database
    .all(
      "SELECT CAST(experiment_id AS TEXT) AS id, name FROM experiments WHERE lifecycle_stage = 'active' ORDER BY experiment_id",
    )
    .map(({ id, name }) => ({ id: textOf(id), name: textOf(name) }));
}

/** Of runs that were read, one at a time is in memory. */
function* runsIn(
  database: Database,
  path: string,
  { id, name }: MlflowExperiment,
): Generator<MlflowRun> {
  const rows = explained(path, () =>
    database.all(
      "SELECT run_uuid, name, status, CAST(start_time AS REAL) AS started, CAST(end_time AS REAL) AS ended FROM runs WHERE lifecycle_stage = 'active' AND experiment_id = CAST(? AS INTEGER) ORDER BY start_time, run_uuid",
      id,
    ),
  );
  for (const row of rows) {
    const runId = textOf(row["run_uuid"]);
    yield explained(path, () => ({
      id: runId,
      name: textOf(row["name"]),
      experiment: name,
      status: textOf(row["status"]),
      startedMs: numberOf(row["started"]),
      endedMs: numberOf(row["ended"]),
      params: pairs(database, "params", runId),
      tags: pairs(database, "tags", runId),
      figures: database
        .all(
          "SELECT key, CAST(value AS REAL) AS value, CAST(timestamp AS REAL) AS time, CAST(step AS REAL) AS step, is_nan FROM metrics WHERE run_uuid = ? ORDER BY key, step, timestamp, rowid",
          runId,
        )
        .map(({ key, value, time, step, is_nan: isNan }) => ({
          key: textOf(key),
          value: mlflowFigure(numberOf(value) ?? Number.NaN, isNan === 1),
          step: numberOf(step) ?? 0,
          timeMs: numberOf(time) ?? 0,
        })),
    }));
  }
}

function pairs(
  database: Database,
  table: "params" | "tags",
  runId: string,
): ReadonlyMap<string, string> {
  const rows = database.all(
    `SELECT key, value FROM ${table} WHERE run_uuid = ? ORDER BY key`,
    runId,
  );
  return new Map(rows.map(({ key, value }) => [textOf(key), textOf(value)]));
}

/** SQLite keeps in a column what was put there, of whatever type. */
function textOf(cell: Cell | undefined): string {
  return cell instanceof Uint8Array ? Buffer.from(cell).toString("utf8") : String(cell ?? "");
}

function numberOf(cell: Cell | undefined): number | undefined {
  return typeof cell === "number" ? cell : undefined;
}

function explained<Result>(path: string, body: () => Result): Result {
  try {
    return body();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (isBusy(error)) {
      throw new ExpError("environment", `${path} is being written: ${why}.`, {
        hint: "Import again when the server has time.",
        cause: error,
      });
    }
    throw new ExpError("data", `${path} is no database of MLflow: ${why}.`, { cause: error });
  }
}

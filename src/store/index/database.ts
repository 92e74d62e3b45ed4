/** The SQLite package behind the few calls that the index makes; `node:sqlite` has the same ones. */
import { DatabaseSync } from "@photostructure/sqlite";
import { ExpError, InternalError } from "../../core/errors.ts";

/** What a cell of a row may hold. */
export type Cell = null | number | string | Uint8Array;

export type Row = Readonly<Record<string, Cell>>;

/** One connection. A statement is prepared once, however often it is used. */
export interface Database {
  /** Every row of a query. */
  all(sql: string, ...values: readonly Cell[]): readonly Row[];
  /** The first row of a query. */
  first(sql: string, ...values: readonly Cell[]): Row | undefined;
  /** The rows of a query one after the other; end the loop before the next query. */
  each(sql: string, ...values: readonly Cell[]): Iterable<Row>;
  run(sql: string, ...values: readonly Cell[]): void;
  /** Statements without values, separated by semicolons. */
  execute(sql: string): void;
  /** Names of a query's columns, in order. */
  columns(sql: string): readonly string[];
  /** All queries of `body` see one state, whatever other processes write meanwhile. It writes nothing. */
  snapshot<Result>(body: () => Result): Result;
  /** All of `body` or nothing; waits for another writer. */
  transaction<Result>(body: () => Result): Result;
  close(): void;
}

/** Older ones could damage a database that two connections write to (https://sqlite.org/wal.html, section 11). */
const oldestSqlite = [3, 51, 3];

/** A writer waits so long for another one, in milliseconds. */
const usualWaitMs = 5_000;

/**
 * Opens a database file, or one in memory (`:memory:`).
 * @param options.isReadOnly - Of another program: it must be there, and nothing in it changes.
 * @throws {Error} of SQLite where the file is none or cannot be opened; see `isDamage`.
 */
export function openDatabase(
  path: string,
  {
    waitMs = usualWaitMs,
    isReadOnly = false,
  }: { readonly waitMs?: number; readonly isReadOnly?: boolean } = {},
): Database {
  const connection = new DatabaseSync(path, {
    timeout: waitMs,
    defensive: true,
    readOnly: isReadOnly,
  });
  connection.exec("PRAGMA trusted_schema = OFF");
  checkVersion(connection);
  return wrap(connection);
}

function checkVersion(connection: InstanceType<typeof DatabaseSync>): void {
  const row = connection.prepare("SELECT sqlite_version() AS version").get() as Row;
  const version = String(row["version"]);
  const parts = version.split(".").map(Number);
  const difference = oldestSqlite
    .map((part, index) => (parts[index] ?? 0) - part)
    .find((one) => one !== 0);
  if ((difference ?? 0) >= 0) return;
  throw new InternalError(`SQLite ${version} is older than ${oldestSqlite.join(".")}`);
}

function within<Result>(
  connection: InstanceType<typeof DatabaseSync>,
  begin: string,
  body: () => Result,
): Result {
  connection.exec(begin);
  try {
    const result = body();
    connection.exec("COMMIT");
    return result;
  } catch (error) {
    if (connection.isTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

function wrap(connection: InstanceType<typeof DatabaseSync>): Database {
  const prepared = new Map<string, ReturnType<typeof connection.prepare>>();
  const prepare = (sql: string): ReturnType<typeof connection.prepare> => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const statement = connection.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
  return {
    all: (sql, ...values) => prepare(sql).all(...values) as Row[],
    first: (sql, ...values) => prepare(sql).get(...values) as Row | undefined,
    each: (sql, ...values) => prepare(sql).iterate(...values) as Iterable<Row>,
    run: (sql, ...values): void => {
      prepare(sql).run(...values);
    },
    execute: (sql): void => {
      connection.exec(sql);
    },
    columns: (sql) =>
      prepare(sql)
        .columns()
        .map(({ name }) => name),
    snapshot: (body) => within(connection, "BEGIN", body),
    transaction: (body) => within(connection, "BEGIN IMMEDIATE", body),
    close: (): void => {
      prepared.clear();
      connection.close();
    },
  };
}

/** Result codes of SQLite with their texts (https://sqlite.org/rescode.html): not every error of the package has a number. */
const codes = {
  busy: { number: 5, text: "database is locked" },
  readOnly: { number: 8, text: "attempt to write a readonly database" },
  io: { number: 10, text: "disk I/O error" },
  corrupt: { number: 11, text: "database disk image is malformed" },
  full: { number: 13, text: "database or disk is full" },
  cannotOpen: { number: 14, text: "unable to open database file" },
  noDatabase: { number: 26, text: "file is not a database" },
} as const;

function isOneOf(error: unknown, names: readonly (keyof typeof codes)[]): boolean {
  if (!(error instanceof Error)) return false;
  const code = "errcode" in error ? error.errcode : undefined;
  const number = typeof code === "number" ? code & 0xff : undefined; // without its extension
  return names.some(
    (name) => codes[name].number === number || error.message.includes(codes[name].text),
  );
}

/** Tells an error that says that the file is no sound database: what is in it can be made anew. */
export function isDamage(error: unknown): boolean {
  if (isOneOf(error, ["corrupt", "noDatabase", "io"])) return true;
  // A table or column that is not there: the file is another program's, or a part of it is gone.
  return error instanceof Error && /^(?:no such (?:table|column)|malformed)/u.test(error.message);
}

/** Tells an error that says that another process is writing. */
export function isBusy(error: unknown): boolean {
  return isOneOf(error, ["busy"]);
}

/** Tells an error that says that the place cannot be written to. */
export function isUnwritable(error: unknown): boolean {
  return isOneOf(error, ["readOnly", "cannotOpen", "full"]);
}

/**
 * What SQLite says about a statement of the user's own.
 * @throws {ExpError} `usage`, always.
 */
export function refuseStatement(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  throw new ExpError("usage", `The statement was refused: ${message}.`, {
    hint: "See exp sql --help for the tables and their columns.",
    cause: error,
  });
}

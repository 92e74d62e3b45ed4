/**
 * The index of a store: a SQLite database that says the same as the files and can be thrown away at any time. It is
 * brought up to date when it is opened. One that is missing, damaged or of another version is made anew from the files.
 */
import { isExpError } from "../../core/errors.ts";
import { thrownMessage } from "../../core/thrown.ts";
import { systemErrorCode } from "../file-errors.ts";
import type { FileSystem } from "../file-system.ts";
import type { ProcessFacts } from "../process-facts.ts";
import { isDamage, isUnwritable, openDatabase, type Database } from "./database.ts";
import { publishedStamp, type StoreView } from "./changes.ts";
import { choosePlace, currentDatabase, newDatabase, pointTo, type IndexPlace } from "./place.ts";
import { refreshIndex, type RefreshResult } from "./refresh.ts";
import { rereadRuns } from "./refresh-published.ts";
import { createSchema, hasSchema } from "./schema.ts";

export interface IndexOptions {
  /** The store, absolute. */
  readonly store: string;
  readonly files: FileSystem;
  readonly here: ProcessFacts;
  readonly now: () => Date;
  /** For stores that cannot be written to, absolute; without it their index is in memory. */
  readonly cacheDirectory?: string;
  /** How long a refresh waits for another process that writes, in milliseconds. Default: 5,000. */
  readonly waitMs?: number;
  /** Called when many runs have to be read, and every few thousand of them. */
  readonly onProgress?: (numRead: number, numRuns: number) => void;
  /** Called with a sentence where the answer may lack the newest runs, or where an index was made anew. */
  readonly onWarning?: (text: string) => void;
}

/** An open index. */
export interface RunIndex {
  readonly database: Database;
  /** Its file, absolute; `undefined` in memory. */
  readonly file: string | undefined;
  /** Reads those of the runs anew whose manifest is not the one that was read; tells whether there were any. */
  recheck(names: readonly string[]): boolean;
}

/**
 * Opens the index, brings it up to date, and hands it to `body`. Where SQLite finds the file damaged, then or later, the
 * index is made anew and `body` is called once more; where there is no room for it, it is made in memory.
 */
export function withIndex<Result>(
  options: IndexOptions,
  body: (index: RunIndex) => Result,
): Result {
  const exists = options.files.status(options.store) !== undefined;
  const place = exists
    ? choosePlace(options.files, options.store, options.cacheDirectory)
    : undefined;
  if (place === undefined) return inMemory(options, body);
  try {
    return usingFile(options, place, { body, isNew: false });
  } catch (error) {
    if (hasNoRoom(error)) return inMemory(options, body);
    if (!isDamage(error)) throw error;
    return madeAnew(options, place, body);
  }
}

/** A full disk looks like damage at first: what SQLite shares between processes cannot be mapped there. */
function madeAnew<Result>(
  options: IndexOptions,
  place: IndexPlace,
  body: (index: RunIndex) => Result,
): Result {
  const warn = (text: string): void => options.onWarning?.(text);
  try {
    const found = usingFile(options, place, { body, isNew: true });
    warn("The index of the runs was damaged; it was made anew from their files.");
    return found;
  } catch (error) {
    if (!hasNoRoom(error) && !isDamage(error)) throw error;
    warn(
      `The index of the runs in ${place.folder} cannot be written (${thrownMessage(error)}). Each command reads all runs until there is room.`,
    );
    return inMemory(options, body);
  }
}

/** Of SQLite, or of a file of ours beside its own. */
function hasNoRoom(error: unknown): boolean {
  if (isUnwritable(error)) return true;
  const code = systemErrorCode(isExpError(error) ? error.cause : undefined);
  return code !== undefined && ["ENOSPC", "EDQUOT", "EROFS"].includes(code);
}

/**
 * Makes the index anew from the files of the runs.
 * @returns How many finished runs it holds, and how many directories cannot be read.
 */
export function rebuildIndex(options: IndexOptions): { numRuns: number; numDamaged: number } {
  const place = choosePlace(options.files, options.store, options.cacheDirectory);
  if (place !== undefined) build(options, place);
  return withIndex(options, ({ database }) => {
    const row = database.first(
      "SELECT (SELECT count(*) FROM stored_runs) AS runs, (SELECT count(*) FROM damaged) AS damaged",
    );
    return { numRuns: Number(row?.["runs"]), numDamaged: Number(row?.["damaged"]) };
  });
}

interface Use<Result> {
  readonly body: (index: RunIndex) => Result;
  /** What is there is not to be trusted. */
  readonly isNew: boolean;
}

function usingFile<Result>(
  options: IndexOptions,
  place: IndexPlace,
  { body, isNew }: Use<Result>,
): Result {
  const current = isNew ? undefined : currentDatabase(options.files, place);
  const file = current ?? build(options, place);
  const { waitMs } = options;
  const database = openDatabase(file, waitMs === undefined ? {} : { waitMs });
  try {
    configure(database);
    tell(refreshIndex(database, viewOf(options), options), options);
    return body(createIndex(database, file, options));
  } finally {
    database.close();
  }
}

function inMemory<Result>(options: IndexOptions, body: (index: RunIndex) => Result): Result {
  const database = openDatabase(":memory:");
  try {
    createSchema(database);
    refreshIndex(database, viewOf(options), options);
    return body(createIndex(database, undefined, options));
  } finally {
    database.close();
  }
}

function createIndex(
  database: Database,
  file: string | undefined,
  options: IndexOptions,
): RunIndex {
  const view = viewOf(options);
  return {
    database,
    file,
    recheck: (names): boolean => {
      const sql =
        "SELECT d.stamp AS stamp FROM stored_runs r JOIN run_details d ON d.run = r.id WHERE r.name = ? AND r.status = 'finished'";
      const changed = names.filter((name) => {
        const stamp = database.first(sql, name)?.["stamp"];
        return stamp !== undefined && stamp !== publishedStamp(view, name);
      });
      if (changed.length > 0) rereadRuns(database, view, changed);
      return changed.length > 0;
    },
  };
}

/** A database is written without care for a crash, since nobody knows of it yet, and made durable at the end. */
function build(options: IndexOptions, place: IndexPlace): string {
  const path = newDatabase(place);
  try {
    writeDatabase(options, path);
    return pointTo(options.files, place, path);
  } catch (error) {
    if (options.files.status(path) !== undefined) options.files.removeFile(path); // nobody will open it
    throw error;
  }
}

function writeDatabase(options: IndexOptions, path: string): void {
  const database = openDatabase(path);
  try {
    database.execute(
      "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -100000",
    );
    createSchema(database);
    refreshIndex(database, viewOf(options), options);
    database.execute("PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE");
    database.run("INSERT OR REPLACE INTO meta VALUES ('complete', 1)");
  } finally {
    database.close();
  }
}

function configure(database: Database): void {
  if (!hasSchema(database)) throw new Error("no such table: the index is of another version");
  database.execute(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -64000",
  );
}

function tell(result: RefreshResult, { onWarning }: IndexOptions): void {
  if (result === "current") return;
  onWarning?.("Another process is writing the index; runs of the last moments may be missing.");
}

function viewOf({ store, files, here, now }: IndexOptions): StoreView {
  return { store, files, here, now };
}

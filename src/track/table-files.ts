/** What writes tables into a folder: `runs` and `curves`, in the format of a tool. */
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ExpError, isExpError } from "../core/errors.ts";
import { takeLock, type LockHolder } from "../store/export-lock.ts";
import { fileError } from "../store/file-errors.ts";
import type { FileSystem } from "../store/file-system.ts";
import {
  curveColumns,
  curveRows,
  lastFigures,
  loggedRows,
  runTable,
  type Cell,
  type Column,
} from "./run-table.ts";
import type { RunView } from "./run-view.ts";

/** A way to write a table down. */
export interface TableFormat {
  /** Of its files, without the dot. */
  readonly ending: string;
  /** Whether a file was written by us, by the bytes that it begins and ends with. */
  isOwn(head: Uint8Array, tail: Uint8Array): boolean;
  /** Begins a table. */
  begin(columns: readonly Column[], append: (bytes: Uint8Array) => void): TableWriter;
}

/** A table that is being written. */
export interface TableWriter {
  add(rows: readonly (readonly Cell[])[]): void;
  end(): void;
}

/** What was written where. */
export interface WrittenTables {
  /** Absolute. */
  readonly runs: string;
  readonly curves: string;
  readonly numRuns: number;
  /** Figures of all curves. */
  readonly numFigures: number;
}

/**
 * Writes the runs and their curves; files of an earlier export are replaced. Others get their turn between the runs.
 * @param options.folder - Absolute; made where it is missing.
 * @throws {ExpError} `usage` where a file of the name is not ours; `run-active` while another process writes there;
 *   `environment` where it cannot be written, or there is no time left.
 */
export async function writeTables(
  options: TableOptions & LockHolder & { readonly signal: AbortSignal },
  views: readonly RunView[],
): Promise<WrittenTables> {
  const { files, folder } = options;
  requireOwnTables(options);
  files.ensureRoot(folder);
  const lock = lockTables(options);
  try {
    return await writeBoth(options, views, () => lock.beat());
  } finally {
    lock.release();
  }
}

function lockTables({
  files,
  folder,
  format,
  here,
  now,
}: TableOptions & LockHolder): ReturnType<typeof takeLock> {
  const what = `The tables in ${folder} are being written`;
  try {
    return takeLock(files, join(folder, `.${format.ending}.lock`), { here, now, what });
  } catch (error) {
    // The name of the table says more than that of the lock.
    const cause = isExpError(error) ? error.cause : undefined;
    throw cause === undefined ? error : fileError(cause, "write", pathsOf(folder, format).curves);
  }
}

async function writeBoth(
  { files, folder, format, signal }: TableOptions & { readonly signal: AbortSignal },
  views: readonly RunView[],
  beat: () => void,
): Promise<WrittenTables> {
  const paths = pathsOf(folder, format);
  const lastRows = new Map<string, ReadonlyMap<string, number>>();
  let numFigures = 0;
  const curves = { files, format, path: paths.curves, columns: curveColumns };
  await writeTable(curves, async (add) => {
    for (const view of views) {
      const rows = loggedRows(files, view);
      lastRows.set(view.runKey, lastFigures(rows));
      const cells = curveRows(view, rows);
      numFigures += cells.length;
      add(cells);
      beat();
      await nextTurn();
      if (signal.aborted) throw outOfTime(folder);
    }
  });
  const table = runTable(views, lastRows);
  const runs = { files, format, path: paths.runs, columns: table.columns };
  await writeTable(runs, async (add) => add(table.rows));
  return { ...paths, numRuns: views.length, numFigures };
}

function outOfTime(folder: string): ExpError {
  return new ExpError("environment", `There was no time left to write the tables in ${folder}.`, {
    hint: "Export them again.",
  });
}

function pathsOf(
  folder: string,
  { ending }: TableFormat,
): { readonly runs: string; readonly curves: string } {
  return { runs: join(folder, `runs.${ending}`), curves: join(folder, `curves.${ending}`) };
}

/**
 * Looks whether the tables of a folder, where there are any, were written by us.
 * @throws {ExpError} `usage` with the file that was not.
 */
export function requireOwnTables({ files, folder, format }: TableOptions): void {
  for (const path of Object.values(pathsOf(folder, format))) refuseForeign(files, path, format);
}

/** How and where tables are written. */
export interface TableOptions {
  readonly files: FileSystem;
  readonly folder: string;
  readonly format: TableFormat;
}

const looked = 4096;

function refuseForeign(files: FileSystem, path: string, format: TableFormat): void {
  const found = files.status(path);
  if (found === undefined) return;
  const isFile = found.kind === "file";
  const head = isFile ? files.readFrom(path, 0, looked) : new Uint8Array();
  const tail = isFile ? files.readFrom(path, Math.max(0, found.numBytes - looked), looked) : head;
  if (isFile && format.isOwn(head, tail)) return;
  throw new ExpError("usage", `${path} was not written by exp export; it is left as it is.`, {
    hint: "Name another folder, by --out or by to in the entry of tracking, or move the file away.",
  });
}

/** Under a temporary name until it is whole. */
async function writeTable(
  {
    files,
    format,
    path,
    columns,
  }: Pick<TableOptions, "files" | "format"> & {
    readonly path: string;
    readonly columns: readonly Column[];
  },
  fill: (add: TableWriter["add"]) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.part`;
  if (files.status(temporary) !== undefined) files.removeFile(temporary);
  const descriptor = files.openNew(temporary);
  try {
    const writer = format.begin(columns, (bytes) => files.append(descriptor, temporary, bytes));
    await fill((rows) => writer.add(rows));
    writer.end();
    files.sync(descriptor, temporary);
  } catch (error) {
    files.close(descriptor, temporary);
    files.removeFile(temporary);
    throw error;
  }
  files.close(descriptor, temporary);
  files.rename(temporary, path);
}

/** What writes tables into a folder: `runs` and `curves`, in the format of a tool. */
import { join } from "node:path";
import { ExpError } from "../core/errors.ts";
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
 * Writes the runs and their curves; files of an earlier export are replaced.
 * @param options.folder - Absolute; made where it is missing.
 * @throws {ExpError} `usage` where a file of the name is not ours; `environment` where it cannot be written.
 */
export function writeTables(
  { files, folder, format }: TableOptions,
  views: readonly RunView[],
): WrittenTables {
  const paths = {
    runs: join(folder, `runs.${format.ending}`),
    curves: join(folder, `curves.${format.ending}`),
  };
  for (const path of Object.values(paths)) refuseForeign(files, path, format);
  files.ensureRoot(folder);
  const lastRows = new Map<string, ReadonlyMap<string, number>>();
  let numFigures = 0;
  writeTable({ files, format, path: paths.curves, columns: curveColumns }, (add) => {
    for (const view of views) {
      const rows = loggedRows(files, view);
      lastRows.set(view.runKey, lastFigures(rows));
      const cells = curveRows(view, rows);
      numFigures += cells.length;
      add(cells);
    }
  });
  const table = runTable(views, lastRows);
  writeTable({ files, format, path: paths.runs, columns: table.columns }, (add) => add(table.rows));
  return { ...paths, numRuns: views.length, numFigures };
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
    hint: "Name another folder with --out, or move the file away.",
  });
}

/** Under a temporary name until it is whole. */
function writeTable(
  {
    files,
    format,
    path,
    columns,
  }: Pick<TableOptions, "files" | "format"> & {
    readonly path: string;
    readonly columns: readonly Column[];
  },
  fill: (add: TableWriter["add"]) => void,
): void {
  const temporary = `${path}.part`;
  if (files.status(temporary) !== undefined) files.removeFile(temporary);
  const descriptor = files.openNew(temporary);
  try {
    const writer = format.begin(columns, (bytes) => files.append(descriptor, temporary, bytes));
    fill((rows) => writer.add(rows));
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

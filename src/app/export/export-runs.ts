/** Runs that are brought to a tool: what is missing there, and nothing twice. */
import { join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ExpError, isExpError } from "../../core/errors.ts";
import { loadLater } from "../../core/load-later.ts";
import { shellQuote } from "../../core/shell-quote.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import { systemErrorCode } from "../../store/file-errors.ts";
import { createFileSystem, type FileSystem } from "../../store/file-system.ts";
import { currentProcess, systemClock } from "../../store/process-facts.ts";
import type { TableFormat, WrittenTables } from "../../track/table-files.ts";
import { readRunView, type RunView, type ViewTools } from "../../track/run-view.ts";
import { concernsAllRuns } from "../../track/place-error.ts";
import { exportRun, type ExportOutcome, type Target } from "../../track/target.ts";
import { listRuns } from "../lookups/list-runs.ts";
import { storeOf, type LookupContext } from "../lookups/open-index.ts";
import { meantRuns } from "../manage/meant-runs.ts";
import { createTarget, isTargetKind, targetKinds, type ServerChoice } from "./targets.ts";

/** Tables of all runs and curves, written anew each time. */
const tableKinds = ["csv", "parquet"] as const;

/** All that `--to` takes. */
export const exportKinds: readonly string[] = [...tableKinds, ...targetKinds];

/** What is brought where. */
export interface ExportRequest extends LookupContext {
  /** Names of runs, folders and filters; tables take all runs where there are none. */
  readonly words: readonly string[];
  readonly to: string;
  /** A folder, relative to the working directory. */
  readonly out?: string | undefined;
  readonly server?: ServerChoice;
  readonly signal: AbortSignal;
  /** Told when a run is done. */
  readonly onRun?: (exported: ExportedRun) => void;
  /** Told what is waited for, where that takes seconds. */
  readonly onWait?: (text: string) => void;
  /** Tests put a disk of their own in place of the machine's. */
  readonly files?: FileSystem;
}

/** What became of a run. */
export interface ExportedRun {
  readonly run: Pick<IndexedRun, "name" | "runKey">;
  readonly result: ExportOutcome | { readonly error: ExpError };
}

/** What became of all. */
export type Exported =
  | { readonly kind: "tables"; readonly tables: WrittenTables }
  | {
      readonly kind: "runs";
      /** Those that were tried. */
      readonly runs: readonly ExportedRun[];
      /** Runs behind one that failed for want of the server: they would have waited for it one by one. */
      readonly numNotTried: number;
    };

/**
 * Exports runs.
 * @throws {ExpError} `usage` for a tool that there is none of, for runs that are not meant, and where a folder is missing;
 *   `environment` where a disk is full; what fails with one run alone is told in its result.
 */
export async function exportRuns(request: ExportRequest): Promise<Exported> {
  const { to, words, files = createFileSystem() } = request;
  const tools = { files, here: currentProcess(), now: systemClock };
  const table = tableKinds.find((kind) => kind === to);
  if (table !== undefined) {
    const folder = folderOf(request);
    const meant = words.length === 0 ? listRuns(request).runs : meantRuns(request, words);
    const runs = meant.filter((run) => words.length > 0 || run.status !== "foreign");
    tellForeign(request, meant.length - runs.length);
    const format = await tableFormat(table);
    return { kind: "tables", tables: await tablesOf(request, tools, { runs, folder, format }) };
  }
  if (!isTargetKind(to)) {
    throw new ExpError("usage", `exp export: there is no ${JSON.stringify(to)}.`, {
      hint: `--to takes ${exportKinds.join(", ")}.`,
    });
  }
  if (words.length === 0) {
    throw new ExpError("usage", "exp export: no run is named.", {
      hint: `For example: exp export 031a6508 --to ${to}.`,
    });
  }
  const { environment, server = {}, onWait } = request;
  const folder = (byDefault?: string): string => folderOf(request, byDefault);
  const command = (runName: string): string => commandOf(request, runName);
  const options = { ...tools, environment, server, folder, command, onWait };
  const target = await createTarget(to, options);
  return { kind: "runs", ...(await sendRuns(request, tools, target)) };
}

function tellForeign({ onWarning }: ExportRequest, number: number): void {
  if (number === 0) return;
  const runs = number === 1 ? "1 foreign run is" : `${number} foreign runs are`;
  onWarning?.(`${runs} left out: another tool has them, and exp runs --all lists them here.`);
}

/** As it was typed, for one run; a password in the address is left to who types it again. */
function commandOf({ to, out, server = {}, runsDirectory }: ExportRequest, name: string): string {
  const { url, experiment, checkpoints } = server;
  const shownUrl = url?.replace(/^([^/]*:\/\/)?[^/]*@/su, "$1…@");
  const words = Object.entries({ out, url: shownUrl, experiment, "runs-dir": runsDirectory })
    .flatMap(([option, value]) => (value === undefined ? [] : [`--${option}`, value]))
    .concat(checkpoints === true ? ["--checkpoints"] : []);
  return ["exp", "export", name, "--to", to, ...words].map(shellQuote).join(" ");
}

async function tablesOf(
  request: ExportRequest,
  tools: ViewTools,
  {
    runs,
    folder,
    format,
  }: {
    readonly runs: readonly IndexedRun[];
    readonly folder: string;
    readonly format: TableFormat;
  },
): Promise<WrittenTables> {
  const { writeTables } = await loadLater(
    import.meta.url,
    "../../track/table-files",
    () => import("../../track/table-files.ts"),
  );
  const views: RunView[] = [];
  for (const run of runs) {
    const view = viewOf(request, tools, run);
    if (typeof view === "string") request.onWarning?.(`${run.name} is left out: ${view}.`);
    else views.push(view);
    await nextTurn(); // whoever sends other runs meanwhile
  }
  return writeTables({ ...tools, signal: request.signal, folder, format }, views);
}

/** The format of a kind of table. */
export function tableFormat(kind: (typeof tableKinds)[number]): Promise<TableFormat> {
  return kind === "csv"
    ? loadLater(
        import.meta.url,
        "../../track/csv/csv-format",
        () => import("../../track/csv/csv-format.ts"),
      ).then(({ csvFormat }) => csvFormat)
    : loadLater(
        import.meta.url,
        "../../track/parquet/parquet-format",
        () => import("../../track/parquet/parquet-format.ts"),
      ).then(({ parquetFormat }) => parquetFormat);
}

async function sendRuns(
  request: ExportRequest,
  tools: ViewTools,
  target: Target,
): Promise<Omit<Extract<Exported, { kind: "runs" }>, "kind">> {
  const done: ExportedRun[] = [];
  const meant = meantRuns(request, request.words);
  for (const { name, runKey, directory } of meant) {
    const result = await sendRun(request, tools, { target, directory });
    if ("error" in result && isFullDisk(result.error)) throw result.error;
    const exported = { run: { name, runKey }, result };
    done.push(exported);
    request.onRun?.(exported);
    if ("error" in result && concernsAllRuns(result.error)) break;
  }
  return { runs: done, numNotTried: meant.length - done.length };
}

/** None of the runs behind it would fare better, and there is no line of each to be read. */
function isFullDisk({ cause }: ExpError): boolean {
  return ["ENOSPC", "EDQUOT", "EROFS"].includes(systemErrorCode(cause) ?? "");
}

async function sendRun(
  request: ExportRequest,
  tools: ViewTools,
  { target, directory }: { readonly target: Target; readonly directory: string },
): Promise<ExportedRun["result"]> {
  const { signal, onWarning } = request;
  const warn = (text: string): void => onWarning?.(text);
  try {
    const view = viewOf(request, tools, { directory });
    if (typeof view === "string") throw new ExpError("store", `It is not exported: ${view}.`);
    return await exportRun({ ...tools, signal, warn }, target, view);
  } catch (error) {
    if (isExpError(error)) return { error };
    throw error;
  }
}

function viewOf(
  request: ExportRequest,
  tools: ViewTools,
  { directory }: Pick<IndexedRun, "directory">,
): RunView | string {
  const store = storeOf(request);
  return readRunView(tools, { store, directory: join(store, directory) });
}

function folderOf({ out, to, workingDirectory }: ExportRequest, byDefault?: string): string {
  const named = out === undefined || out === "" ? byDefault : out;
  if (named !== undefined) return resolve(workingDirectory, named);
  throw new ExpError("usage", `exp export: --to ${to} writes into a folder; none is named.`, {
    hint: `For example: exp export --to ${to} --out exported.`,
  });
}

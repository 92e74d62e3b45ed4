/**
 * Runs as event files in a folder that TensorBoard is pointed at: one folder a run, one file an export, which begins where
 * the one before ended. Aim reads them too (`aim convert tensorboard`).
 */
import { join } from "node:path";
import type { JsonObject } from "../../core/json.ts";
import type { FileSystem } from "../../store/file-system.ts";
import type { ExportState } from "../cursor.ts";
import { firstRow, readRowsFrom, remainingRows, type TrackedRow } from "../metric-rows.ts";
import type { RunView } from "../run-view.ts";
import type { SendReport, SendRequest, Target } from "../target.ts";
import { eventFileName } from "./file-name.ts";
import { createEventRecords, sessionStatusOf } from "./run-events.ts";

/** Where the files go, and what is handed in. */
export interface TensorboardOptions {
  readonly files: FileSystem;
  readonly now: () => Date;
  /** Absolute. */
  readonly folder: string;
}

/** Writes runs into a folder of event files. */
export function createTensorboardTarget(options: TensorboardOptions): Target {
  return {
    place: { kind: "tensorboard", where: { folder: options.folder } },
    send: async (request) => sendRun(options, request),
  };
}

function sendRun(options: TensorboardOptions, request: SendRequest): SendReport {
  const { files } = options;
  const { view, cursor } = request;
  const shownAt = join(options.folder, folderName(view));
  const state = cursor.state();
  const isThere = filesOf(state).every(
    (name) => files.status(join(shownAt, name))?.kind === "file",
  );
  const isFresh = !isThere || state.rows.numBytes === 0;
  const reader = isThere ? request.rows : readRowsFrom(files, view.directory);
  const rows = reader === undefined ? [] : remainingRows(reader);
  const status = sessionStatusOf(view.status);
  const isEnded = status !== undefined && state.sent["ended"] === status;
  if (isThere && rows.length === 0 && filesOf(state).length > 0) {
    if (isEnded || status === undefined) return { numRows: 0, shownAt };
  }
  files.ensureRoot(shownAt);
  if (isFresh) removeFiles(files, shownAt);
  const number = isFresh ? 0 : state.rows.numBytes;
  const name = eventFileName({ timeMs: view.startedMs ?? 0, host: fileOwner, number });
  const bytes = eventBytes(options, { view, rows, isFresh });
  writeEventFile(files, join(shownAt, name), bytes);
  const names = isFresh ? [name] : [...new Set([...filesOf(state), name])];
  const sent: JsonObject = { files: names, ended: status ?? null };
  const position = reader?.position() ?? firstRow;
  cursor.save({ rows: position, sent, isComplete: status !== undefined });
  return { numRows: rows.length, shownAt };
}

/** Stands where other writers have their host: by it we know our files. */
const fileOwner = "lockstep";

/** `bert-lr/def757a1eb1c815c`; anything that could leave the folder, or hide in it, is replaced. */
function folderName({ experiment, name }: RunView): string {
  const safe = experiment
    .replace(/[^\p{L}\p{N}_.-]+/gu, "-")
    .replace(/^[.-]+/u, "")
    .slice(0, 80);
  return join(safe === "" ? "runs" : safe, name);
}

function filesOf({ sent }: ExportState): readonly string[] {
  const names = sent["files"];
  return Array.isArray(names) ? names.filter(isOwnFile) : [];
}

function isOwnFile(name: unknown): name is string {
  return typeof name === "string" && /^events\.out\.tfevents\.\d+\.lockstep\.\d+\.0$/u.test(name);
}

/** What of the run was written before, whether a cursor tells of it or not. */
function removeFiles(files: FileSystem, folder: string): void {
  for (const name of files.list(folder).filter(isOwnFile)) files.removeFile(join(folder, name));
}

/** TensorBoard reads any file with `tfevents` in its name at once, so the name comes last. */
function writeEventFile(files: FileSystem, path: string, bytes: Uint8Array): void {
  const temporary = join(path, "..", ".being-written");
  files.writeFile(temporary, bytes, "bytes");
  files.rename(temporary, path);
}

function eventBytes(
  { now }: TensorboardOptions,
  part: {
    readonly view: RunView;
    readonly rows: readonly TrackedRow[];
    readonly isFresh: boolean;
  },
): Uint8Array {
  const { view, rows, isFresh } = part;
  const records = createEventRecords();
  const startMs = view.startedMs ?? now().getTime();
  const endMs = view.endedMs ?? now().getTime();
  const lastStep = Math.max(1, view.results?.step ?? 0, rows.at(-1)?.step ?? 0);
  // The log has no times: as if all steps had taken equally long.
  const timeOf = (step: number): number => startMs + ((endMs - startMs) * step) / lastStep;
  const status = sessionStatusOf(view.status);
  return Buffer.concat([
    isFresh ? records.start(view, startMs) : records.version(startMs),
    ...rows.map((row) => records.row(row, timeOf(row.step))),
    ...(status !== undefined ? [records.end(view, status, endMs)] : []),
  ]);
}

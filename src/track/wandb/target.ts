/**
 * Runs as offline runs of Weights & Biases: `wandb sync` sends them, `wandb leet` shows them. A folder is written as a
 * whole, under the name that follows from the run, so that writing it again replaces it.
 */
import { dirname, join } from "node:path";
import type { JsonObject } from "../../core/json.ts";
import type { FileSystem } from "../../store/file-system.ts";
import { prettyJson } from "../../store/json-file.ts";
import { timeText } from "../../store/times.ts";
import { readRowsFrom, type RowReader, type TrackedRow } from "../metric-rows.ts";
import type { RunView } from "../run-view.ts";
import { evenTimes } from "../step-times.ts";
import type { SendReport, SendRequest, Target } from "../target.ts";
import { createRecordLog } from "./record-log.ts";
import { createRunRecords, wandbConfig, type RunNames } from "./records.ts";

/** Where runs go, and what is handed in. */
export interface WandbOptions {
  readonly files: FileSystem;
  readonly now: () => Date;
  /** The folder in which `wandb/` lies, absolute. */
  readonly folder: string;
  /** All runs belong to it; without it each to that of its experiment's name. */
  readonly project: string | undefined;
  readonly entity: string | undefined;
  /** Told for each run that was written, where the user wanted it to be sent at once. */
  readonly isOnline: boolean;
}

/** Writes offline runs of W&B. */
export function createWandbTarget(options: WandbOptions): Target {
  const { folder, project } = options;
  return {
    place: { kind: "wandb", where: { folder, project: project ?? null } },
    send: async (request) => sendRun(options, request),
  };
}

function sendRun(options: WandbOptions, { view, cursor, rows, warn }: SendRequest): SendReport {
  const { files, isOnline } = options;
  const { sent, isComplete } = cursor.state();
  const name = folderName(view, sent["folder"]);
  const shownAt = join(options.folder, "wandb", name);
  const path = join(shownAt, `run-${view.name}.wandb`);
  const status = files.status(path);
  const isThere = status?.kind === "file" && status.numBytes === sent["numBytes"];
  const numNew = countRows(rows);
  const isSame = sent["status"] === view.status && isComplete === (view.status !== "running");
  if (isThere && isSame && numNew === 0) return { numRows: 0, shownAt };
  files.ensureRoot(join(shownAt, "files"));
  const written = writeRun(options, view, path);
  cursor.save({
    rows: written.position,
    sent: { folder: name, numBytes: files.status(path)?.numBytes ?? 0, status: view.status },
    isComplete: view.status !== "running",
  });
  if (isOnline) warn(`${view.name} is written, not sent: wandb sync ${JSON.stringify(shownAt)}`);
  return { numRows: isThere ? numNew : written.numRows, shownAt };
}

function countRows(rows: RowReader): number {
  let numRows = 0;
  for (let part = rows.next(); part.length > 0; part = rows.next()) numRows += part.length;
  return numRows;
}

/**
 * `offline-run-20261121_101141-031a65080303b5d3`, by the time of Greenwich: that of the attempt that was written first, or
 * `wandb sync` would find a run twice that was killed and began again.
 */
function folderName({ startedMs = 0, name }: RunView, known: unknown): string {
  const isKnown = typeof known === "string" && /^offline-run-\d+_\d+-[0-9a-f]+$/u.test(known);
  if (isKnown && known.endsWith(`-${name}`)) return known;
  const [date = "", time = ""] = timeText(startedMs).split("T");
  const clock = time.slice(0, 8).replaceAll(":", "");
  return `offline-run-${date.replaceAll("-", "")}_${clock}-${name}`;
}

/** Rows that are in memory at once. */
const rowsPerPart = 1000;

function writeRun(
  options: WandbOptions,
  view: RunView,
  path: string,
): { readonly numRows: number; readonly position: ReturnType<RowReader["position"]> } {
  const { files } = options;
  const temporary = `${path}.being-written`;
  if (files.status(temporary) !== undefined) files.removeFile(temporary); // of one that died
  const descriptor = files.openNew(temporary);
  try {
    const append = (bytes: Uint8Array): void => files.append(descriptor, temporary, bytes);
    const written = appendRun(options, view, { append, folder: dirname(path) });
    files.sync(descriptor, temporary);
    files.rename(temporary, path);
    return written;
  } finally {
    files.close(descriptor, temporary);
  }
}

function appendRun(
  options: WandbOptions,
  view: RunView,
  { append, folder }: { readonly append: (bytes: Uint8Array) => void; readonly folder: string },
): ReturnType<typeof writeRun> {
  const log = createRecordLog();
  const records = createRunRecords(view, namesOf(options, view), evenTimes(options, view));
  append(log.start);
  const reader = readRowsFrom(options.files, view.directory);
  if (reader === undefined) throw new Error("the beginning of a log is always its beginning");
  for (const record of records.start()) append(log.next(record));
  let numRows = 0;
  let waiting: TrackedRow | undefined;
  for (let part = reader.next(rowsPerPart); part.length > 0; part = reader.next(rowsPerPart)) {
    const rows = mergedRows(waiting === undefined ? part : [waiting, ...part]);
    waiting = rows.pop();
    append(Buffer.concat(rows.map((row) => log.next(records.row(row)))));
    numRows += part.length;
  }
  if (waiting !== undefined) append(log.next(records.row(waiting)));
  append(log.next(records.summary()));
  writeFacts(options.files, folder, { view, figures: records.figures() });
  if (view.status !== "running") append(log.next(records.end()));
  return { numRows, position: reader.position() };
}

/** The files that W&B itself would have written. A line of JSON is YAML too. */
function writeFacts(
  files: FileSystem,
  folder: string,
  { view, figures }: { readonly view: RunView; readonly figures: JsonObject },
): void {
  const config = Object.entries(wandbConfig(view)).map(
    ([key, value]) => `${JSON.stringify(key)}: {"value": ${JSON.stringify(value)}}\n`,
  );
  const { git, record, startedMs = 0 } = view;
  const metadata: JsonObject = {
    program: record?.argv?.[0] ?? view.experiment,
    args: record?.argv?.slice(1) ?? [],
    startedAt: timeText(startedMs),
    git: { commit: git.commit ?? null, remote: git.remote ?? null },
  };
  const write = (name: string, text: string): void =>
    files.writeFile(join(folder, "files", name), text, "bytes");
  write("config.yaml", config.join(""));
  write("wandb-metadata.json", prettyJson(metadata));
  write("wandb-summary.json", prettyJson(figures));
}

/** W&B keeps one row a step: those of one step, one behind the other, are one. */
function mergedRows(rows: readonly TrackedRow[]): TrackedRow[] {
  const merged: TrackedRow[] = [];
  for (const row of rows) {
    const last = merged.at(-1);
    if (last?.step !== row.step) merged.push(row);
    else merged.splice(-1, 1, { ...row, values: new Map([...last.values, ...row.values]) });
  }
  return merged;
}

function namesOf({ project, entity }: WandbOptions, { name, experiment }: RunView): RunNames {
  return { id: name, project: project ?? (experiment === "" ? "lockstep" : experiment), entity };
}

/** What a tool must be able to do to be exported to, and one export. */
import { join } from "node:path";
import { ExpError } from "../core/errors.ts";
import type { FileSystem } from "../store/file-system.ts";
import { nothingSent, readCursor, withCursor, type Cursor, type TargetPlace } from "./cursor.ts";
import type { LockHolder } from "../store/export-lock.ts";
import { runFiles } from "../store/run-layout.ts";
import { readRowsFrom, type RowReader, type RowsPosition } from "./metric-rows.ts";
import type { RunView } from "./run-view.ts";

/** A tool at one place. It reads the run and the cursor, and nothing else says what is to be sent. */
export interface Target {
  readonly place: TargetPlace;
  /**
   * Sends what is missing of a run, and saves the cursor after each part that arrived.
   * @throws {ExpError} `environment` where it does not arrive, with what to do; what had arrived is in the cursor by then.
   */
  send(request: SendRequest): Promise<SendReport>;
}

/** What is to be sent. */
export interface SendRequest {
  readonly view: RunView;
  readonly cursor: Cursor;
  /** Gives the rows behind those of the cursor. */
  readonly rows: RowReader;
  /**
   * Rows that were sent are not those of the run any more (it went on from an earlier checkpoint and did not repeat):
   * `rows` gives all from the first on, and the cursor has none. Where the other side cannot forget rows, the target
   * begins a new run there.
   */
  readonly isRewritten: boolean;
  /** Aborted when there is no time left. */
  readonly signal: AbortSignal;
  /** Tells something that stopped nothing. */
  readonly warn: (text: string) => void;
}

/** What was sent this time. */
export interface SendReport {
  readonly numRows: number;
  /** Rows that turned out to be there already, though no cursor knew of them; absent where there were none. */
  readonly numThere?: number;
  /** Where the run is to be looked at: an address or a folder; absent where there is none. */
  readonly shownAt?: string;
}

/** What came of an export. */
export interface ExportOutcome extends SendReport {
  /** Nothing was missing, so nothing was sent. */
  readonly wasComplete: boolean;
  /** Everything is there now, the end of the run too; false for a run that goes on. */
  readonly isComplete: boolean;
}

/** Who exports, when, and for how long. */
export interface ExportTools extends LockHolder {
  readonly files: FileSystem;
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
}

/**
 * Exports one run to one place: what is missing there, once.
 * @throws {ExpError} `run-active` while another process does; else what `send` throws.
 */
export async function exportRun(
  tools: ExportTools,
  target: Target,
  view: RunView,
): Promise<ExportOutcome> {
  const { store, runKey, directory } = view;
  if (isBehind(tools, target, view)) return { numRows: 0, isComplete: false, wasComplete: false };
  return withCursor(tools, { store, runKey, target: target.place }, async (cursor) => {
    const { files, signal, warn } = tools;
    const known = rowsBehind(tools, target, { view, position: cursor.state().rows });
    const isRewritten = known === undefined;
    if (isRewritten) {
      warn(
        `${view.name} has other rows than were sent to ${target.place.kind}: it went on from an earlier checkpoint and did not repeat, or its log was changed. All rows are sent again.`,
      );
      cursor.save({ ...cursor.state(), rows: nothingSent.rows, isComplete: false });
    }
    const rows = known ?? readRowsFrom(files, directory);
    if (rows === undefined) throw new ExpError("store", `${directory} went away.`);
    const before = cursor.state();
    const report = await target.send({ view, cursor, rows, isRewritten, signal, warn });
    const damagedLine = rows.damagedLine();
    if (damagedLine !== undefined) {
      warn(
        `${view.name}: a row of logs/metrics.jsonl is damaged; it and what follows is not sent.`,
      );
    }
    const { isComplete } = cursor.state();
    const wasComplete = before.isComplete && isComplete && report.numRows === 0;
    return { ...report, isComplete, wasComplete };
  });
}

/** `undefined` where other rows were sent; of a run that ended with fewer rows than were sent, no rows, and that is told. */
function rowsBehind(
  { files, warn }: ExportTools,
  { place }: Target,
  { view, position }: { readonly view: RunView; readonly position: RowsPosition },
): RowReader | undefined {
  if (!hasFewer(files, view, position.numBytes)) {
    return readRowsFrom(files, view.directory, position);
  }
  warn(
    `${view.name} is ${view.status} with fewer rows than were sent to ${place.kind}: it went on from an earlier checkpoint. How it stands is sent, and no row.`,
  );
  return { next: () => [], position: () => position, damagedLine: () => undefined };
}

/**
 * A run that goes on from a checkpoint computes rows again that were sent when an earlier attempt had them. Until it has as
 * many there is nothing to send, and nothing is known about whether it repeats.
 */
function isBehind(
  { files }: Pick<ExportTools, "files">,
  { place }: Target,
  view: RunView,
): boolean {
  const { store, runKey, status } = view;
  if (status !== "running") return false;
  const sent = readCursor(files, { store, runKey, target: place })?.rows.numBytes ?? 0;
  return hasFewer(files, view, sent);
}

/** A run that is not finished has a shorter log than was sent. */
function hasFewer(files: FileSystem, { directory, status }: RunView, sent: number): boolean {
  if (status === "finished") return false;
  const numBytes = files.status(join(directory, runFiles.metricsLog))?.numBytes ?? 0;
  return numBytes < sent;
}

/**
 * What of a run was sent to a place, so that exporting again sends only what is missing. A cursor lies beside the run, in
 * `.annotations/<run>/exports/<id>.json`, and is replaced as a whole: after any crash it says what it said before or after.
 */
import { join } from "node:path";
import { hashJson } from "../core/hash.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import type { FileSystem } from "../store/file-system.ts";
import { parseObject, prettyJson } from "../store/json-file.ts";
import { requireRealFolders } from "../store/real-folders.ts";
import { annotationsOf, annotationsRoot, exportsFolder, isSha256 } from "../store/run-layout.ts";
import { takeLock, type LockHolder } from "../store/export-lock.ts";
import { firstRow, type RowsPosition } from "./metric-rows.ts";

/** Where a run is exported to: what makes two places the same place. Never a secret. */
export interface TargetPlace {
  /** Lower-case letters and digits: `mlflow`, `tensorboard`. */
  readonly kind: string;
  /** An address, a folder, an experiment's name. */
  readonly where: JsonObject;
}

/** What is known to be there. */
export interface ExportState {
  /** The rows of the log that are there. */
  readonly rows: RowsPosition;
  /** The target's own: the run's id over there, which files and tags were sent. */
  readonly sent: JsonObject;
  /**
   * What may be there: it was being sent when this was written. Whoever finds it asks the other side first, where that can
   * be asked.
   */
  readonly pending?: JsonObject;
  /** Everything is there, the end of the run too. */
  readonly isComplete: boolean;
}

/** A run's cursor for one place, for as long as nobody else may export it there. */
export interface Cursor {
  /** As it was found, or as it was saved last. */
  state(): ExportState;
  /** Notes what is there now, durably. It also tells other hosts that this process is alive. */
  save(state: ExportState): void;
  /** The sign of life alone, for when sending takes long. */
  beat(): void;
}

/** Nothing is there. */
export const nothingSent: ExportState = { rows: firstRow, sent: {}, isComplete: false };

const format = "lockstep/export-cursor/1";

/** The name of a place's cursors: its kind and 12 digits of the digest of where it is. */
export function targetId({ kind, where }: TargetPlace): string {
  return `${kind}-${hashJson(where).slice(0, 12)}`;
}

/** Which run, in which store, goes where. */
export interface CursorPlace {
  /** Absolute. */
  readonly store: string;
  readonly runKey: string;
  readonly target: TargetPlace;
}

/**
 * Does something while nobody else exports the run to the place.
 * @param body - Is given the cursor; a damaged one counts as none.
 * @throws {ExpError} `run-active` while another process exports it there; `environment` where the folder of the runs cannot
 *   be written.
 */
export async function withCursor<Result>(
  { files, ...holder }: LockHolder & { readonly files: FileSystem },
  place: CursorPlace,
  body: (cursor: Cursor) => Promise<Result>,
): Promise<Result> {
  const { store, runKey, target } = place;
  const folder = cursorFolder(store, runKey);
  requireRealFolders(files, store, folder);
  files.ensureDirectory(annotationsRoot(store));
  files.ensureDirectory(annotationsOf(store, runKey));
  files.ensureDirectory(folder);
  files.syncUp(folder, store);
  const path = join(folder, `${targetId(target)}.json`);
  const lock = takeLock(files, join(folder, `${targetId(target)}.lock`), holder);
  try {
    let state = readState(files, path, runKey) ?? nothingSent;
    return await body({
      state: () => state,
      save: (next) => {
        const { kind, where } = target;
        const time = holder.now().toISOString();
        const document = { format, runKey, target: { kind, where }, time, ...next };
        files.writeFile(path, prettyJson(document), "durable");
        state = next;
        lock.beat();
      },
      beat: () => lock.beat(),
    });
  } finally {
    lock.release();
  }
}

/** What was sent to a place, for whoever only wants to know; nothing where the cursor cannot be read. */
export function readCursor(
  files: FileSystem,
  { store, runKey, target }: CursorPlace,
): ExportState | undefined {
  return readState(files, join(cursorFolder(store, runKey), `${targetId(target)}.json`), runKey);
}

/** The folder of a run's cursors. */
function cursorFolder(store: string, runKey: string): string {
  return join(annotationsOf(store, runKey), exportsFolder);
}

function readState(files: FileSystem, path: string, runKey: string): ExportState | undefined {
  const text = files.status(path)?.kind === "file" ? files.readText(path) : undefined;
  const fields = parseObject(text ?? "") ?? {};
  const { rows, sent, pending, isComplete } = fields;
  if (fields["format"] !== format || fields["runKey"] !== runKey) return undefined;
  if (!isPosition(rows) || !isPlainObject(sent) || typeof isComplete !== "boolean")
    return undefined;
  return {
    rows: { numBytes: rows.numBytes, sha256: rows.sha256 },
    sent: sent as JsonObject, // parsed JSON
    ...(isPlainObject(pending) && { pending: pending as JsonObject }), // the same
    isComplete,
  };
}

function isPosition(value: unknown): value is RowsPosition {
  if (!isPlainObject(value)) return false;
  const { numBytes, sha256 } = value;
  return Number.isSafeInteger(numBytes) && Number(numBytes) >= 0 && isSha256(sha256);
}

/** Rows of `logs/metrics.jsonl` from where an exporter stopped: whole rows only, of a log that may still grow. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { isPlainObject, parseJson } from "../core/json.ts";
import { parseJsonNumber } from "../core/number-text.ts";
import type { FileSystem } from "../store/file-system.ts";
import { runFiles } from "../store/run-layout.ts";

/** What a run measured at a step. */
export interface TrackedRow {
  readonly step: number;
  readonly epoch: number;
  /** By the names of the metrics; NaN and infinities are values like any other. */
  readonly values: ReadonlyMap<string, number>;
}

/** How far a log was read: so many bytes, and their SHA-256. */
export interface RowsPosition {
  readonly numBytes: number;
  readonly sha256: string;
}

/** Before the first row. */
export const firstRow: RowsPosition = {
  numBytes: 0,
  sha256: createHash("sha256").digest("hex"),
};

/** Reads the rows of one run on and on. */
export interface RowReader {
  /**
   * The next whole rows, at most so many; none where the log ends. A row that the writer has not ended yet is
   * left for the next time; one that is no row of metrics ends the log for good.
   * @param maxRows - Whole, at least 1; without it all that are there, one part of the log after the other.
   */
  next(maxRows?: number): readonly TrackedRow[];
  /** Behind the rows that `next` gave. */
  position(): RowsPosition;
  /** The number of the line, from 1 behind the place where reading began, that is no row; `undefined` where all were. */
  damagedLine(): number | undefined;
}

/** Bytes that are read at once. */
const partBytes = 1 << 20;
const newline = 0x0a;

/**
 * A reader of the rows behind a position.
 * @param directory - Of a run or an attempt, absolute. Where it is gone, there are no rows.
 * @param from - As a reader of the same run gave it; the first row without it.
 * @returns `undefined` where the log begins with other bytes than it did then: the run was executed again from an earlier
 *   checkpoint and did not repeat, or somebody changed the log.
 */
export function readRowsFrom(
  files: FileSystem,
  directory: string,
  from: RowsPosition = firstRow,
): RowReader | undefined {
  const path = join(directory, runFiles.metricsLog);
  const hash = createHash("sha256");
  let numHashed = 0;
  while (numHashed < from.numBytes) {
    const maxBytes = Math.min(partBytes, from.numBytes - numHashed);
    const part = files.readFrom(path, numHashed, maxBytes);
    if (part.length === 0) return undefined;
    hash.update(part);
    numHashed += part.length;
  }
  if (hash.copy().digest("hex") !== from.sha256) return undefined;
  return createReader({ files, path, hash, numBytes: from.numBytes });
}

/** All whole rows that are there by now. */
export function remainingRows(reader: RowReader): readonly TrackedRow[] {
  const rows: TrackedRow[] = [];
  for (let part = reader.next(); part.length > 0; part = reader.next()) rows.push(...part);
  return rows;
}

/** The step of the last row that is there by now, read from the end of the log; 0 where there is none. */
export function lastStepOf(files: FileSystem, directory: string): number {
  const path = join(directory, runFiles.metricsLog);
  const size = files.status(path)?.numBytes ?? 0;
  if (size === 0) return 0;
  for (let maxBytes = 1 << 14; ; maxBytes *= 8) {
    const start = Math.max(0, size - maxBytes);
    const bytes = files.readFrom(path, start, size - start);
    const lines = Buffer.from(bytes).toString("utf8").split("\n");
    const whole = lines.slice(start === 0 ? 0 : 1, -1); // without what is cut off, and what is not ended yet
    const last = whole.map(parseRow).findLast((row) => row !== undefined);
    if (last !== undefined || start === 0) return last?.step ?? 0;
  }
}

function createReader({
  files,
  path,
  hash,
  numBytes: start,
}: {
  readonly files: FileSystem;
  readonly path: string;
  readonly hash: ReturnType<typeof createHash>;
  readonly numBytes: number;
}): RowReader {
  let numBytes = start;
  let line = 0;
  let damagedLine: number | undefined;
  return {
    next: (maxRows = Infinity) => {
      if (damagedLine !== undefined) return [];
      const bytes = wholeLines(files, path, numBytes);
      const rows: TrackedRow[] = [];
      let at = 0;
      while (at < bytes.length && rows.length < maxRows) {
        const end = bytes.indexOf(newline, at) + 1;
        const row = parseRow(Buffer.from(bytes.subarray(at, end)).toString("utf8"));
        line++;
        if (row === undefined) {
          damagedLine = line;
          break;
        }
        rows.push(row);
        at = end;
      }
      hash.update(bytes.subarray(0, at));
      numBytes += at;
      return rows;
    },
    position: () => ({ numBytes, sha256: hash.copy().digest("hex") }),
    damagedLine: () => damagedLine,
  };
}

/** A part of the log up to the end of its last line; a line longer than a part is read as a whole. */
function wholeLines(files: FileSystem, path: string, start: number): Uint8Array {
  for (let maxBytes = partBytes; ; maxBytes *= 4) {
    const bytes = files.readFrom(path, start, maxBytes);
    const end = bytes.lastIndexOf(newline) + 1;
    if (end > 0 || bytes.length < maxBytes) return bytes.subarray(0, end);
  }
}

function parseRow(line: string): TrackedRow | undefined {
  const fields = parseJson(line);
  if (!isPlainObject(fields)) return undefined;
  const { step, epoch, ...figures } = fields;
  if (typeof step !== "number" || typeof epoch !== "number") return undefined;
  const values = new Map<string, number>();
  try {
    for (const [name, value] of Object.entries(figures)) values.set(name, parseJsonNumber(value));
  } catch {
    return undefined;
  }
  return { step, epoch, values };
}

/** The file to which a program appends its figures, read while it grows. */
import { createHash } from "node:crypto";
import {
  closeSync,
  fstatSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { ExpError } from "../core/errors.ts";

/** Follows a file. */
export interface FollowedFile {
  /** Reads the rest, ends the watch and removes the file; a second call does nothing. */
  close(): void;
}

/** A file, and not a pipe, because every program can append to it, at any depth of child processes, without ever waiting. */
const intervalMs = 200;
const chunkBytes = 1 << 16;

/** What is done with a followed file. */
export interface TakeFigures {
  /** Called with each piece. */
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Called once with what `onBytes`, or reading, threw; nothing more is read then. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Makes an empty file and hands over what is appended to it. A file that is emptied, rewritten, removed or replaced after
 * rows were read from it is a failure (an `ExpError`, `training`): which rows are lost would be a matter of chance.
 */
export function followFile(path: string, take: TakeFigures): FollowedFile {
  writeFileSync(path, "");
  const file = openFile(path);
  let hasFailed = false;
  const attempt = (body: () => void): void => {
    if (hasFailed) return;
    try {
      body();
    } catch (error) {
      hasFailed = true;
      take.onFailure(error);
    }
  };
  const read = (): void => {
    file.refuseOther();
    file.read(take.onBytes);
  };
  const timer = setInterval(() => attempt(read), intervalMs);
  let isOpen = true;
  return {
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      clearInterval(timer);
      attempt(read);
      attempt(() => file.refuseRewritten());
      file.close();
      rmSync(path, { force: true });
    },
  };
}

interface OpenFile {
  /** Hands over what came since the last call. */
  read(onBytes: (bytes: Uint8Array) => void): void;
  /** Throws where the file is shorter than what was read, or is another file, after something was read. */
  refuseOther(): void;
  /** Throws where the file does not begin with what was read. */
  refuseRewritten(): void;
  close(): void;
}

function openFile(path: string): OpenFile {
  let descriptor = openSync(path, "r");
  let position = 0;
  const digest = createHash("sha256");
  const look = (): void => {
    const opened = fstatSync(descriptor);
    const found = statSync(path, { throwIfNoEntry: false });
    if (position > 0 && opened.size < position) throw lost("was emptied", position);
    if (isSame(found, opened)) return;
    const numWritten = Math.max(position, opened.size);
    if (numWritten > 0) throw lost(found ? "was replaced" : "was removed", numWritten);
    if (found === undefined) return; // removed before its first row: a program that begins anew makes it again
    closeSync(descriptor);
    descriptor = openSync(path, "r");
  };
  return {
    read: (onBytes) => {
      position += readFrom(descriptor, position, (bytes) => {
        digest.update(bytes);
        onBytes(bytes);
      });
    },
    refuseOther: look,
    refuseRewritten: () => {
      const found = createHash("sha256");
      let rest = position;
      readFrom(descriptor, 0, (bytes) => {
        found.update(bytes.subarray(0, Math.max(0, rest)));
        rest -= bytes.length;
      });
      if (found.digest("hex") === digest.digest("hex")) return;
      throw lost("was written anew", position);
    },
    close: () => closeSync(descriptor),
  };
}

function isSame(found: Stats | undefined, opened: Stats): boolean {
  return found !== undefined && found.ino === opened.ino && found.dev === opened.dev;
}

/** Reads from a position to the end; gives back the number of bytes. */
function readFrom(descriptor: number, start: number, onBytes: (bytes: Uint8Array) => void): number {
  for (let position = start; ;) {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const length = readSync(descriptor, chunk, 0, chunkBytes, position);
    if (length === 0) return position - start;
    position += length;
    onBytes(chunk.subarray(0, length));
  }
}

function lost(what: string, numBytes: number): ExpError {
  return new ExpError(
    "training",
    `The file of figures (LOCKSTEP_METRICS) ${what} after ${numBytes} bytes: rows may be lost.`,
    {
      hint: 'Open it for appending only (mode "a" in Python, >> in a shell), and leave it in its place.',
    },
  );
}

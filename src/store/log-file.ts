/** An append-only log with a running digest, so that a checkpoint can say which bytes of the log belong to it. */
import { createHash } from "node:crypto";
import { InternalError } from "../core/errors.ts";
import type { FileSystem } from "./file-system.ts";

export interface LogFile {
  /** Adds whole lines; each call is one write, so a crash tears at most the last one. */
  append(lines: string | Uint8Array): void;
  /**
   * Adds whole lines with the next call of any other function but `abandon`, which makes their text then: many together
   * cost hardly more than one.
   */
  appendLater(lines: () => string): void;
  /** Writes the lines that wait. */
  readonly flush: () => void;
  /** Bytes written so far, and their SHA-256. */
  position(): { readonly numBytes: number; readonly sha256: string };
  /** Absolute. */
  readonly path: string;
  sync(): void;
  /** Closes; a second call does nothing. What follows makes it durable with everything else in the run. */
  close(): void;
  /** Closes what is open without syncing and without complaining, after a failure. */
  abandon(): void;
}

/** A new, empty log. The file must not exist. */
export function createLogFile(files: FileSystem, path: string): LogFile {
  const descriptor = files.openNew(path);
  const hash = createHash("sha256"); // not core's: only this one can be copied in mid-stream
  let numBytes = 0;
  let isOpen = true;
  let waiting: (() => string)[] = [];
  const write = (bytes: Uint8Array): void => {
    // The number of a closed descriptor may belong to another file by now.
    if (!isOpen) throw new InternalError(`${path} was written to after it was closed`);
    files.append(descriptor, path, bytes);
    hash.update(bytes);
    numBytes += bytes.length;
  };
  const flush = (): void => {
    const lines = waiting.map((text) => text()).join("");
    waiting = [];
    if (lines !== "") write(new TextEncoder().encode(lines));
  };
  return {
    path,
    append: (lines): void => {
      if (typeof lines === "string") {
        waiting.push(() => lines);
        return flush();
      }
      flush();
      write(lines);
    },
    appendLater: (lines): void => {
      waiting.push(lines);
    },
    flush,
    position: () => {
      flush();
      return { numBytes, sha256: hash.copy().digest("hex") };
    },
    sync: (): void => {
      flush();
      if (!isOpen) throw new InternalError(`${path} was synced after it was closed`);
      files.sync(descriptor, path);
    },
    close: (): void => {
      if (!isOpen) return;
      flush();
      isOpen = false;
      files.close(descriptor, path);
    },
    abandon: (): void => {
      if (!isOpen) return;
      isOpen = false;
      try {
        files.close(descriptor, path);
      } catch {
        return; // the attempt has failed already
      }
    },
  };
}

/** The file to which a program appends its figures, read while it grows. */
import { closeSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";

/** Follows a file. */
export interface FollowedFile {
  /** Reads the rest, ends the watch and removes the file; a second call does nothing. */
  close(): void;
}

/** A file, and not a pipe, because every program can append to it, at any depth of child processes, without ever waiting. */
const intervalMs = 200;
const chunkBytes = 1 << 16;

/**
 * Makes an empty file and hands over what is appended to it.
 * @param take.onBytes - Called with each piece.
 * @param take.onFailure - Called once with what `onBytes`, or reading, threw; nothing more is read then.
 */
export function followFile(
  path: string,
  take: {
    readonly onBytes: (bytes: Uint8Array) => void;
    readonly onFailure: (error: unknown) => void;
  },
): FollowedFile {
  writeFileSync(path, "");
  const descriptor = openSync(path, "r");
  let position = 0;
  let hasFailed = false;
  const read = (): void => {
    if (hasFailed) return;
    try {
      for (;;) {
        const chunk = Buffer.allocUnsafe(chunkBytes);
        const length = readSync(descriptor, chunk, 0, chunkBytes, position);
        if (length === 0) return;
        position += length;
        take.onBytes(chunk.subarray(0, length));
      }
    } catch (error) {
      hasFailed = true;
      take.onFailure(error);
    }
  };
  const timer = setInterval(read, intervalMs);
  let isOpen = true;
  return {
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      clearInterval(timer);
      read();
      closeSync(descriptor);
      rmSync(path, { force: true });
    },
  };
}

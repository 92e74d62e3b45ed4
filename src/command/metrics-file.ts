/** The file to which a program appends its figures, read while it grows. */
import { closeSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";

/** Follows a file. */
export interface FollowedFile {
  /** Reads the rest, ends the watch and removes the file. */
  close(): void;
}

/** A file, and not a pipe: any program can append to it, at any depth of child processes, without ever waiting. */
const intervalMs = 200;
const chunkBytes = 1 << 16;

/**
 * Makes an empty file and hands over what is appended to it.
 * @param onBytes - Called with each piece; what it throws is thrown by `close`, and until then nothing more is read.
 */
export function followFile(path: string, onBytes: (bytes: Uint8Array) => void): FollowedFile {
  writeFileSync(path, "");
  const descriptor = openSync(path, "r");
  let position = 0;
  let failure: { readonly error: unknown } | undefined;
  const read = (): void => {
    if (failure !== undefined) return;
    try {
      for (;;) {
        const chunk = Buffer.allocUnsafe(chunkBytes);
        const length = readSync(descriptor, chunk, 0, chunkBytes, position);
        if (length === 0) return;
        position += length;
        onBytes(chunk.subarray(0, length));
      }
    } catch (error) {
      failure = { error };
    }
  };
  const timer = setInterval(read, intervalMs);
  return {
    close: () => {
      clearInterval(timer);
      read();
      closeSync(descriptor);
      rmSync(path, { force: true });
      if (failure !== undefined) throw failure.error;
    },
  };
}

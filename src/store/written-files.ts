/**
 * What an attempt wrote, remembered: a task and its programs have the run's folder too, and a file of ours that they
 * changed must not be published as if it were still ours.
 */
import { isAbsolute, join, relative, sep } from "node:path";
import { ExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { FileSystem } from "./file-system.ts";

/** Bytes as they should lie on the disk. */
export interface WrittenFile {
  /** Relative to the run directory, with forward slashes. */
  readonly path: string;
  readonly numBytes: number;
  readonly sha256: string;
}

export interface WrittenFiles {
  /** The file system to write with; all whole files in the directory are remembered. */
  readonly files: FileSystem;
  /** Remembers a file that was written before, as it lies there now. */
  take(path: string): void;
  /** Tells whether a whole file of ours lies there just as it was written. */
  isAsWritten(path: string): boolean;
  /**
   * Compares what was written with what lies on the disk.
   * @param logs - Files that grew line by line, closed.
   * @throws {ExpError} `training` with every file that is another one, or gone.
   */
  check(logs: readonly WrittenFile[]): void;
}

/** A file as it was written: its bytes themselves, or what is known of them. */
type Remembered = WrittenFile | { readonly path: string; readonly bytes: Uint8Array };

/**
 * Bytes that are remembered as they are, of all files together; of others the digest. A checkpoint of a small model takes
 * longer to digest than to copy, and is written over soon; one of a large model should not lie in memory twice.
 */
const maxRemembered = 32 * 1024 * 1024;

/** Remembers what is written into one directory. */
export function rememberWrites(files: FileSystem, directory: string): WrittenFiles {
  const written = new Map<string, Remembered>();
  let numRemembered = 0;
  const letGo = (path: string): void => {
    const before = written.get(path);
    if (before !== undefined && "bytes" in before) numRemembered -= before.bytes.length;
  };
  const pathOf = (file: string): string => relative(directory, file).split(sep).join("/");
  const isOutside = (path: string): boolean => path.startsWith("../") || isAbsolute(path);
  const remember = (path: string, bytes: Uint8Array): void => {
    letGo(path);
    const numBytes = bytes.length;
    if (numRemembered + numBytes > maxRemembered) {
      written.set(path, { path, numBytes, sha256: sha256(bytes) });
      return;
    }
    numRemembered += numBytes;
    written.set(path, { path, bytes });
  };
  return {
    files: {
      ...files,
      writeFile: (file, data, durability): void => {
        files.writeFile(file, data, durability);
        const path = pathOf(file);
        if (!isOutside(path)) remember(path, toBytes(data));
      },
      removeFile: (file): void => {
        files.removeFile(file);
        const path = pathOf(file);
        letGo(path);
        written.delete(path);
      },
    },
    take: (path): void => {
      const bytes = files.read(join(directory, path));
      if (bytes !== undefined) remember(path, bytes);
    },
    isAsWritten: (path): boolean => {
      const file = written.get(path);
      return file !== undefined && changeOf(files, directory, file) === undefined;
    },
    check: (logs): void => {
      const changes = [...written.values(), ...logs].flatMap(
        (file) => changeOf(files, directory, file) ?? [],
      );
      if (changes.length > 0) throw changed(changes, directory);
    },
  };
}

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}

function changeOf(files: FileSystem, directory: string, file: Remembered): string | undefined {
  const place = join(directory, file.path);
  const status = files.status(place);
  if (status === undefined) return `${file.path} is gone`;
  if (status.kind !== "file") return `${file.path} is no file any more`;
  const { numBytes } = status;
  const numWritten = "bytes" in file ? file.bytes.length : file.numBytes;
  if (numBytes !== numWritten) {
    return `${file.path} has ${numBytes} bytes, and ${numWritten} were written`;
  }
  const bytes = files.read(place);
  return bytes !== undefined && isSame(bytes, file)
    ? undefined
    : `${file.path} has other bytes than were written`;
}

function isSame(bytes: Uint8Array, file: Remembered): boolean {
  if ("bytes" in file) return Buffer.compare(bytes, file.bytes) === 0;
  return sha256(bytes) === file.sha256;
}

function changed(changes: readonly string[], directory: string): ExpError {
  return new ExpError(
    "training",
    `The task, or a program of it, changed files that Lockstep had written: ${changes.join("; ")}. Nothing was published.`,
    {
      hint: `Files of your own belong into ${join(directory, "files")} (kept) or ${join(directory, "results")} (must repeat).`,
    },
  );
}

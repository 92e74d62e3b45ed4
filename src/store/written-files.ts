/**
 * What an attempt wrote, remembered: a task and its programs have the run's folder too, and a file of ours that they
 * changed must not be published as if it were still ours.
 */
import { isAbsolute, join, relative, sep } from "node:path";
import { ExpError } from "../core/errors.ts";
import { createSha256, sha256 } from "../core/hash.ts";
import { partsOf } from "./file-steps.ts";
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
type Remembered =
  WrittenFile | { readonly path: string; readonly numBytes: number; readonly parts: Parts };

/** Bytes that lie one behind the other; they do not change. */
type Parts = readonly Uint8Array[];

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
    if (before !== undefined && "parts" in before) numRemembered -= before.numBytes;
  };
  const pathOf = (file: string): string => relative(directory, file).split(sep).join("/");
  const isOutside = (path: string): boolean => path.startsWith("../") || isAbsolute(path);
  const remember = (path: string, parts: Parts): void => {
    letGo(path);
    const numBytes = parts.reduce((sum, { length }) => sum + length, 0);
    if (numRemembered + numBytes > maxRemembered) {
      written.set(path, { path, numBytes, sha256: sha256OfParts(parts) });
      return;
    }
    numRemembered += numBytes;
    written.set(path, { path, numBytes, parts });
  };
  return {
    files: {
      ...files,
      writeFile: (file, data, durability): void => {
        files.writeFile(file, data, durability);
        const path = pathOf(file);
        if (!isOutside(path)) remember(path, partsOf(data));
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
      if (bytes !== undefined) remember(path, [bytes]);
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

function sha256OfParts(parts: Parts): string {
  const digest = createSha256();
  for (const part of parts) digest.update(part);
  return digest.digest();
}

function changeOf(files: FileSystem, directory: string, file: Remembered): string | undefined {
  const place = join(directory, file.path);
  const status = files.status(place);
  if (status === undefined) return `${file.path} is gone`;
  if (status.kind !== "file") return `${file.path} is no file any more`;
  const { numBytes } = status;
  if (numBytes !== file.numBytes) {
    return `${file.path} has ${numBytes} bytes, and ${file.numBytes} were written`;
  }
  const bytes = files.read(place);
  return bytes !== undefined && isSame(bytes, file)
    ? undefined
    : `${file.path} has other bytes than were written`;
}

function isSame(bytes: Uint8Array, file: Remembered): boolean {
  if (!("parts" in file)) return sha256(bytes) === file.sha256;
  let end = 0; // of the part before
  return file.parts.every((part) => {
    const start = end;
    end += part.length;
    return Buffer.compare(bytes.subarray(start, end), part) === 0;
  });
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

/** The steps that `file-system.ts` is made of: each knows which errors are answers and which are failures. */
import { constants } from "node:buffer";
import { randomUUID } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { ExpError } from "../core/errors.ts";
import { systemErrorCode } from "./file-errors.ts";
import type { FileOperations } from "./file-operations.ts";

/** A text as UTF-8, bytes, or parts of them that are written one behind the other. */
export type FileData = string | Uint8Array | readonly Uint8Array[];

/** What is written, and whether it is on the disk itself when the call returns. */
export interface Content {
  readonly data: FileData;
  readonly isDurable: boolean;
}

/** Tells whether a call failed because nothing is at the path. */
export function isMissing(error: unknown): boolean {
  const code = systemErrorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** Makes one directory, or accepts a real one that is there. Another process may remove an empty one at any moment. */
export function ensureDirectory(operations: FileOperations, path: string): void {
  const maxTries = 1_000;
  for (let tries = 1; ; tries++) {
    try {
      operations.makeDirectory(path, false);
      return;
    } catch (error) {
      if (systemErrorCode(error) !== "EEXIST") throw error;
      const kind = operations.status(path)?.kind;
      if (kind === "directory") return;
      if (kind === undefined && tries < maxTries) continue; // it was there a moment ago
      throw new ExpError("store", `${path} is a link or a file; expected a directory.`, {
        hint: "Links inside the store are not followed. Move it away and run again.",
        cause: error,
      });
    }
  }
}

/** Moves a directory. All that are claimed hold at least one file, so a rename onto one of them always fails. */
export function claim(
  operations: FileOperations,
  from: string,
  to: string,
): "claimed" | "occupied" | "no-parent" {
  try {
    operations.rename(from, to);
    return "claimed";
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR") return "occupied";
    // What is moved is there, so the parent was not; by now another process may have made it again.
    if (code === "ENOENT" && operations.status(from) !== undefined) return "no-parent";
    throw error;
  }
}

/** Removes a directory in which nothing is left. */
export function removeIfEmpty(operations: FileOperations, path: string): void {
  try {
    operations.removeEmptyDirectory(path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOENT") throw error;
  }
}

/**
 * A name beside a file that no other writer takes: of processes that store the same code or data at the same moment, one would
 * empty what the other is about to rename.
 */
function temporaryName(path: string): string {
  const name = basename(path);
  const shown = Buffer.byteLength(name) > 230 ? "long" : name; // a name has 255 bytes
  return join(dirname(path), `.${shown}.${randomUUID().slice(0, 8)}.new`);
}

/** Writes a file under a temporary name and renames it; after an error nothing is left under either name. */
export function writeWhole(operations: FileOperations, path: string, content: Content): void {
  const temporary = temporaryName(path);
  let isWritten = false;
  try {
    writeTo(operations, operations.open(temporary, "rewrite"), content);
    operations.rename(temporary, path);
    isWritten = true;
  } finally {
    if (!isWritten) removeQuietly(operations, temporary);
  }
}

/** Writes to an open file and closes it, whatever happens. */
export function writeTo(operations: FileOperations, descriptor: number, content: Content): void {
  let isOpen = true;
  try {
    writeAll(operations, descriptor, content.data);
    if (content.isDurable) operations.sync(descriptor);
    isOpen = false; // whatever close says, the descriptor is gone
    operations.close(descriptor);
  } finally {
    if (isOpen) closeQuietly(operations, descriptor);
  }
}

/** A disk that has taken nothing so often in a row takes nothing any more. */
const maxEmptyWrites = 100;

/**
 * Writes all bytes: one call may take fewer than it was given.
 * @throws an `EIO` where call after call takes nothing and says no error, instead of asking for ever.
 */
export function writeAll(operations: FileOperations, descriptor: number, data: FileData): void {
  for (const part of partsOf(data)) writePart(operations, descriptor, part);
}

/** The bytes of what is written. */
export function partsOf(data: FileData): readonly Uint8Array[] {
  if (typeof data === "string") return [new TextEncoder().encode(data)];
  return data instanceof Uint8Array ? [data] : data;
}

function writePart(operations: FileOperations, descriptor: number, part: Uint8Array): void {
  let rest = part;
  let numEmpty = 0;
  while (rest.length > 0) {
    const numTaken = operations.write(descriptor, rest);
    numEmpty = numTaken === 0 ? numEmpty + 1 : 0;
    if (numEmpty === maxEmptyWrites) {
      const facts = { code: "EIO", syscall: "write" };
      throw Object.assign(new Error(`${maxEmptyWrites} writes in a row took nothing`), facts);
    }
    rest = rest.subarray(numTaken);
  }
}

/** Makes a file or the entries of a directory durable. */
export function syncPath(operations: FileOperations, path: string): void {
  const descriptor = operations.open(path, "read");
  try {
    operations.sync(descriptor);
  } catch (error) {
    const isDirectory = operations.status(path)?.kind === "directory";
    const code = systemErrorCode(error);
    // Some network file systems cannot sync a directory: there a rename is durable when it returns.
    if (!isDirectory || (code !== "EINVAL" && code !== "ENOTSUP")) throw error;
  } finally {
    operations.close(descriptor);
  }
}

/** Syncs a directory and those above it, up to `root`. */
export function syncUp(operations: FileOperations, path: string, root: string): void {
  for (let folder = path; ; folder = dirname(folder)) {
    syncPath(operations, folder);
    if (folder === root || folder === dirname(folder)) return;
  }
}

/** Syncs what is in a directory, folders after what is in them. Links and pipes are left alone. */
export function syncBelow(operations: FileOperations, path: string): void {
  for (const name of operations.list(path)) {
    const child = join(path, name);
    const kind = operations.status(child)?.kind;
    if (kind === "directory") syncBelow(operations, child);
    if (kind === "directory" || kind === "file") syncPath(operations, child);
  }
}

/**
 * The text of a file. Nothing that we write comes near the limit.
 * @throws {ExpError} `store` for more than one text can hold.
 */
export function decodeText(path: string, bytes: Uint8Array): string {
  if (bytes.length <= constants.MAX_STRING_LENGTH) return new TextDecoder().decode(bytes);
  throw new ExpError("store", `${path} has ${bytes.length} bytes, more than one text can hold.`, {
    hint: "It is damaged, or another program wrote it. Look at what lies there.",
  });
}

/** The first error is the one that matters; a second one while cleaning up says nothing new. */
function removeQuietly(operations: FileOperations, path: string): void {
  try {
    operations.removeFile(path);
  } catch {
    return;
  }
}

function closeQuietly(operations: FileOperations, descriptor: number): void {
  try {
    operations.close(descriptor);
  } catch {
    return;
  }
}

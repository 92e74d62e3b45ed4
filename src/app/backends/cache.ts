/** The user's cache as a place to write: looked at before anything is fetched, and its errors put into words. */
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { backendsFolder, type CompiledName, type Variables } from "../../backend/native/place.ts";
import { ExpError, isExpError } from "../../core/errors.ts";
import { formatBytes } from "../../core/number-text.ts";
import { thrownCode } from "../../core/thrown.ts";
import { diskFull, isDiskFull } from "./tool.ts";

/**
 * Refuses a cache that cannot be written: the nearest folder that exists says so. Making a folder would not: on a disk that
 * is mounted read-only Node.js says of `mkdir -p` that there is no such file.
 * @throws {ExpError} `environment`.
 */
export function refuseUnwritable(variables: Variables): void {
  const folder = nearestFolder(variables);
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/**
 * Refuses a cache with too little room.
 * @param needed - Bytes.
 * @throws {ExpError} `environment`.
 */
export function refuseSmallDisk(
  { backend, variables }: { readonly backend: CompiledName; readonly variables: Variables },
  needed: number,
): void {
  const folder = nearestFolder(variables);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new ExpError(
    "environment",
    `The backend ${backend} takes about ${formatBytes(needed)} while it is installed, and ${formatBytes(free)} are free in ${folder}.`,
    { hint: "Free some room, or set LOCKSTEP_CACHE to a folder on another disk." },
  );
}

function nearestFolder(variables: Variables): string {
  let folder = backendsFolder(variables);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/**
 * Calls what writes to the cache.
 * @throws {ExpError} `environment` where the cache is full, or cannot be written.
 */
export function orCacheError<Result>(body: () => Result): Result {
  try {
    return body();
  } catch (error) {
    throw asCacheError(error);
  }
}

/** What to throw for an error that was met while the cache was written; one that says nothing about it as it is. */
export function asCacheError(error: unknown): unknown {
  if (isExpError(error)) return error;
  const code = thrownCode(error) ?? "";
  if (isDiskFull(code)) return diskFull("The installation did not finish");
  return unwritableCodes.has(code)
    ? unwritable(error instanceof Error ? error.message : code, error)
    : error;
}

const unwritableCodes = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR"]);

function unwritable(what: string, cause: unknown): ExpError {
  const isReadOnly = thrownCode(cause) === "EROFS";
  return new ExpError(
    "environment",
    `The cache cannot be written: ${what}${isReadOnly && !what.startsWith("EROFS") ? " (read-only file system)" : ""}.`,
    {
      hint: `${isReadOnly ? "Mount it writable" : "Give yourself the right to write there"}, or set LOCKSTEP_CACHE to another folder.`,
      cause,
    },
  );
}

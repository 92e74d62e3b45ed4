/**
 * Where the index lies: in `.index/` of the store, or where that cannot be written (a read-only folder, a network file
 * system, on which SQLite's shared memory does not work) in the user's cache, or in memory. `current` names the
 * database; a new one is written beside it and named by one rename, so that nobody ever opens half of one.
 */
import { randomUUID } from "node:crypto";
import { realpathSync, statfsSync } from "node:fs";
import { basename, join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import type { FileSystem } from "../file-system.ts";
import { schemaVersion } from "./schema.ts";

/** A folder for databases. */
export interface IndexPlace {
  /** Absolute. */
  readonly folder: string;
}

/** The folder of a store's index. */
function indexRoot(store: string): string {
  return join(store, ".index");
}

/** Magic numbers of file systems whose files several hosts share (linux/magic.h). */
const sharedFileSystems = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
  0x65735546, // FUSE: sshfs and the like
  0x01021997, // 9P
  0x00c36400, // Ceph
]);

/**
 * The first folder in which an index can be kept, `undefined` where there is none.
 * @param cacheDirectory - The user's cache; it is made where it is needed.
 */
export function choosePlace(
  files: FileSystem,
  store: string,
  cacheDirectory: string | undefined,
): IndexPlace | undefined {
  const beside = indexRoot(store);
  if (!isShared(store) && isWritable(files, () => files.ensureDirectory(beside), beside)) {
    return { folder: beside };
  }
  if (cacheDirectory === undefined) return undefined;
  const folder = join(cacheDirectory, "index", sha256(realpathSync(store)).slice(0, 16));
  return isWritable(files, () => files.ensureRoot(folder), folder) ? { folder } : undefined;
}

function isShared(path: string): boolean {
  try {
    return sharedFileSystems.has(statfsSync(path).type);
  } catch {
    return false; // not told on this system
  }
}

/** Tried and not asked: permissions are not all that can forbid it. */
function isWritable(files: FileSystem, make: () => void, folder: string): boolean {
  const probe = join(folder, `.probe-${randomUUID().slice(0, 8)}`);
  try {
    make();
    files.overwrite(probe, "");
    files.removeFile(probe);
    return true;
  } catch {
    return false;
  }
}

const pointer = "current";

const databaseName = new RegExp(`^index-${schemaVersion}-[0-9a-f]{8}\\.sqlite$`, "u");

/** The database that is in use, absolute; `undefined` where there is none of this version. */
export function currentDatabase(files: FileSystem, { folder }: IndexPlace): string | undefined {
  const path = join(folder, pointer);
  if (files.status(path)?.kind !== "file") return undefined;
  const name = (files.readText(path) ?? "").trim();
  if (!databaseName.test(name) || files.status(join(folder, name))?.kind !== "file")
    return undefined;
  return join(folder, name);
}

/** A name for a database that is being written. */
export function newDatabase({ folder }: IndexPlace): string {
  return join(folder, `building-${schemaVersion}-${randomUUID().slice(0, 8)}.sqlite`);
}

/**
 * Makes a complete, closed database the one in use, and removes those that were: whoever reads them still has them open.
 * @returns Its new path.
 */
export function pointTo(files: FileSystem, place: IndexPlace, built: string): string {
  const name = basename(built).replace(/^building/u, "index");
  files.rename(built, join(place.folder, name));
  files.writeFile(join(place.folder, pointer), `${name}\n`, "later");
  removeOthers(files, place, name);
  return join(place.folder, name);
}

/** A process that died while it built one left it behind. */
const abandonedAfterMs = 86_400_000;

function removeOthers(files: FileSystem, { folder }: IndexPlace, kept: string): void {
  const { changedMs: now = 0 } = files.status(join(folder, pointer)) ?? {};
  for (const name of files.list(folder)) {
    const path = join(folder, name);
    const age = now - (files.status(path)?.changedMs ?? now);
    const isOld = name.startsWith("index-") && !name.startsWith(kept);
    if (!isOld && !(name.startsWith("building-") && age > abandonedAfterMs)) continue;
    try {
      files.removeFile(path);
    } catch {
      continue; // another process was faster
    }
  }
}

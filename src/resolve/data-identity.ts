/**
 * The digest of all bytes that a data source reads. Digests of files are kept by path, size, times and inode, so that a plan
 * over thousands of files only looks at them.
 */
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type BigIntStats,
} from "node:fs";
import { dirname, join } from "node:path";
import { ExpError } from "../core/errors.ts";
import { createSha256, hashJson } from "../core/hash.ts";
import { isPlainObject } from "../core/json.ts";
import type { DataFile } from "../core/task.ts";

export interface DataIdentity {
  /** SHA-256 over the canonical JSON of `[name, SHA-256 of the bytes]` of each file, in reading order. */
  readonly dataHash: string;
  readonly numFiles: number;
  readonly numBytes: number;
  /** Name and SHA-256 of each file, in reading order: what the hash is over. */
  readonly files: readonly (readonly [name: string, digest: string])[];
  /** Where each of them lies, in the same order. */
  readonly paths: readonly string[];
}

/**
 * `[size, mtimeNs, ctimeNs, inode, sha256]`, the numbers as text because they exceed 2^53. Tools can set back the time of
 * the last write (`touch -r`, `rsync -t`), but not that of the last change.
 */
type Entry = readonly [string, string, string, string, string];

/** By absolute path. */
type Entries = Map<string, Entry>;

const format = "lockstep/data-digests/2";

/** A file that changed this shortly before it was read may change again within the same tick of the file system's clock. */
const racyNs = 2_000_000_000n;

/**
 * The identity of the files of a data source.
 * @param files - In reading order.
 * @param cacheFile - Absolute; written atomically, and anything unreadable in it is as good as nothing.
 * @throws {ExpError} `data` for a file that cannot be read, or that changes while it is read.
 */
export function dataIdentity(files: readonly DataFile[], cacheFile: string): Promise<DataIdentity> {
  return new Promise((resolve) => resolve(identityOf(files, cacheFile)));
}

function identityOf(files: readonly DataFile[], cacheFile: string): DataIdentity {
  const entries = readCache(cacheFile);
  const cache = createWriter(cacheFile);
  let numBytes = 0;
  try {
    const digests = files.map((file) => {
      const stats = statFile(file);
      numBytes += Number(stats.size);
      const known = entries.get(file.path);
      if (known !== undefined && isSame(known, stats)) return [file.name, known[4]] as const;
      const isSettled = lastChangeNs(stats) < cache.startedNs() - racyNs;
      const digest = digestFile(file, stats);
      if (isSettled) cache.add(file.path, entryOf(stats, digest));
      return [file.name, digest] as const;
    });
    cache.publish(entries);
    const paths = files.map(({ path }) => path);
    return { dataHash: hashJson(digests), numFiles: files.length, numBytes, files: digests, paths };
  } finally {
    cache.discard();
  }
}

/** The later of both times: file systems that know no time of change give 0, and clocks may be set back. */
function lastChangeNs({ mtimeNs, ctimeNs }: BigIntStats): bigint {
  return mtimeNs > ctimeNs ? mtimeNs : ctimeNs;
}

function entryOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats, digest: string): Entry {
  return [String(size), String(mtimeNs), String(ctimeNs), String(ino), digest];
}

function isSame(known: Entry, stats: BigIntStats): boolean {
  const [size, mtimeNs, ctimeNs, inode, digest] = known;
  const now = entryOf(stats, digest);
  return [size, mtimeNs, ctimeNs, inode].every((part, index) => part === now[index]);
}

function statFile({ path, name }: DataFile): BigIntStats {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats?.isFile() === true) return stats;
  const what = stats === undefined ? "does not exist" : "is not a file";
  throw new ExpError("data", `The data file ${name} (${path}) ${what}.`);
}

const chunkBytes = 1 << 20;

function digestFile({ path, name }: DataFile, expected: BigIntStats): string {
  const hash = createSha256();
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, Number(expected.size) + 1));
    for (;;) {
      const length = readSync(descriptor, chunk, 0, chunk.length, null);
      if (length === 0) break;
      hash.update(chunk.subarray(0, length));
    }
    const after = fstatSync(descriptor, { bigint: true });
    const digest = hash.digest();
    if (isSame(entryOf(expected, digest), after)) return digest;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExpError("data", `The data file ${name} cannot be read: ${reason}.`, {
      cause: error,
    });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  throw new ExpError("data", `The data file ${name} (${path}) changed while it was read.`, {
    hint: "Run again when nothing writes to it.",
  });
}

function readCache(cacheFile: string): Entries {
  const entries: Entries = new Map();
  try {
    const cache: unknown = JSON.parse(readFileSync(cacheFile, "utf8"));
    if (!isPlainObject(cache) || cache["format"] !== format) return entries;
    if (!isPlainObject(cache["files"])) return entries;
    for (const [path, entry] of Object.entries(cache["files"])) {
      if (isEntry(entry)) entries.set(path, entry);
    }
  } catch {
    // Missing or damaged: every file is read again, and the cache is written anew.
  }
  return entries;
}

function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value) || value.length !== 5) return false;
  const isText = value.every((part) => typeof part === "string");
  return isText && /^[0-9a-f]{64}$/.test(String(value[4]));
}

interface CacheWriter {
  /** The time of the file system's own clock when the first file had to be read. */
  startedNs(): bigint;
  add(path: string, entry: Entry): void;
  publish(entries: Entries): void;
  discard(): void;
}

/**
 * Writes the cache in a folder beside itself and renames it. The folder is made before anything is read: its own time of
 * change is the clock that the times of data files are compared with.
 */
function createWriter(cacheFile: string): CacheWriter {
  const added: Entries = new Map();
  let folder: string | undefined;
  let startedNs: bigint | undefined;
  const start = (): bigint => {
    try {
      mkdirSync(dirname(cacheFile), { recursive: true });
      if (lstatSync(dirname(cacheFile)).isSymbolicLink()) return 0n; // it may lead anywhere
      folder = mkdtempSync(`${cacheFile}.`);
      return statSync(folder, { bigint: true }).mtimeNs;
    } catch {
      return 0n; // nowhere to write: nothing counts as settled, so nothing is kept
    }
  };
  return {
    startedNs: () => (startedNs ??= start()),
    add: (path, entry) => added.set(path, entry),
    publish(entries) {
      if (folder === undefined || added.size === 0) return;
      const files = Object.fromEntries([...entries, ...added]);
      const temporary = join(folder, "digests.json");
      try {
        writeFileSync(temporary, JSON.stringify({ format, files }));
        renameSync(temporary, cacheFile);
      } catch {
        // A full disk: the next plan reads the files again.
      }
    },
    discard() {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

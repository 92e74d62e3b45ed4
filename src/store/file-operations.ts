/**
 * The calls to the operating system that the store makes, and no others. They stand behind an interface so that tests
 * can let any single one fail.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
  type Stats,
} from "node:fs";
import { dirname } from "node:path";

/** What lies at a path, links not followed. */
export interface FileStatus {
  readonly kind: "file" | "directory" | "link" | "other";
  readonly numBytes: number;
  /** Last change, milliseconds since 1970 by the clock of the file system's host. */
  readonly changedMs: number;
}

/** Thin and synchronous: there is one writer, and the order of its calls is what makes a crash harmless. */
export interface FileOperations {
  /**
   * Makes one directory; `isRecursive` also its parents, and then an existing one is fine. Gives back the first one that
   * it made, `undefined` where all were there.
   */
  makeDirectory(path: string, isRecursive: boolean): string | undefined;
  /** Opens for writing: `new` refuses an existing file, `rewrite` empties it; `read` is for syncing. */
  open(path: string, mode: "new" | "rewrite" | "read"): number;
  /** Writes some of the bytes and gives back how many. */
  write(descriptor: number, bytes: Uint8Array): number;
  sync(descriptor: number): void;
  close(descriptor: number): void;
  rename(from: string, to: string): void;
  removeFile(path: string): void;
  removeEmptyDirectory(path: string): void;
  /** Removes a directory with all that is in it; links in it are removed, not followed. */
  removeTree(path: string): void;
  /** The bytes of a regular file; a link is refused (`ELOOP`). */
  read(path: string): Uint8Array;
  /** Hands out the bytes of a regular file in parts, each gone after the call; a link is refused. */
  readParts(path: string, partSize: number, take: (part: Uint8Array) => void): void;
  /** At most so many bytes of a regular file from a place on, fewer where it ends; a link is refused. */
  readFrom(path: string, start: number, maxBytes: number): Uint8Array;
  /** Names in a directory, sorted by code unit. */
  list(path: string): readonly string[];
  /** `undefined` where nothing is. */
  status(path: string): FileStatus | undefined;
  /** What a link says. */
  readLink(path: string): string;
  /** Makes a link. */
  makeLink(target: string, path: string): void;
  /** The path without links. */
  realPath(path: string): string;
}

const openFlags = { new: "wx", rewrite: "w", read: "r" } as const;

/** The real file system. Modes are left to the user's umask. */
export const nodeFileOperations: FileOperations = {
  makeDirectory: (path, isRecursive): string | undefined => {
    if (isRecursive) return makeWithParents(path);
    mkdirSync(path);
    return path;
  },
  open: (path, mode): number => openSync(path, openFlags[mode]),
  write: (descriptor, bytes): number => writeSync(descriptor, bytes),
  sync: fsyncSync,
  close: closeSync,
  rename: renameSync,
  removeFile: (path): void => {
    rmSync(path);
  },
  removeEmptyDirectory: rmdirSync,
  removeTree: (path): void => {
    rmSync(path, { recursive: true, force: true });
  },
  read: (path): Uint8Array => withRegularFile(path, (descriptor) => readFileSync(descriptor)),
  readParts: (path, partSize, take): void => {
    withRegularFile(path, (descriptor) => {
      const part = new Uint8Array(partSize);
      for (let size = readSync(descriptor, part); size > 0; size = readSync(descriptor, part)) {
        take(part.subarray(0, size));
      }
    });
  },
  readFrom: (path, start, maxBytes): Uint8Array =>
    withRegularFile(path, (descriptor) => readSome(descriptor, start, maxBytes)),
  list: (path): readonly string[] => readdirSync(path).sort(),
  status: statusWithoutFollowing,
  readLink: (path): string => readlinkSync(path),
  makeLink: (target, path): void => {
    symlinkSync(target, path);
  },
  realPath: (path): string => realpathSync(path),
};

/** Not the recursive call of Node.js: where the device fails, that says that the folder is missing (`ENOENT`). */
function makeWithParents(path: string, numTries = 8): string | undefined {
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST" && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      return undefined;
    // Another process may have removed the parent again; in /proc it is there, and nothing can ever be made in it.
    if (code !== "ENOENT" || dirname(path) === path || numTries === 1) throw error;
  }
  const first = makeWithParents(dirname(path));
  return makeWithParents(path, numTries - 1) === undefined ? first : (first ?? path);
}

function withRegularFile<Result>(path: string, body: (descriptor: number) => Result): Result {
  // O_NONBLOCK: a planted named pipe must not hang the reader.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const descriptor = openSync(path, flags);
  try {
    if (!fstatSync(descriptor).isFile()) {
      const facts = { code: "EINVAL", syscall: "open", path };
      throw Object.assign(new Error("not a regular file"), facts);
    }
    return body(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function readSome(descriptor: number, start: number, maxBytes: number): Uint8Array {
  const numLeft = Math.max(0, fstatSync(descriptor).size - start);
  const bytes = new Uint8Array(Math.min(numLeft, maxBytes));
  let numRead = 0;
  while (numRead < bytes.length) {
    const size = readSync(descriptor, bytes, numRead, bytes.length - numRead, start + numRead);
    if (size === 0) break; // it was cut in the meantime
    numRead += size;
  }
  return bytes.subarray(0, numRead);
}

function kindOf(found: Stats): FileStatus["kind"] {
  if (found.isFile()) return "file";
  if (found.isDirectory()) return "directory";
  return found.isSymbolicLink() ? "link" : "other";
}

function statusWithoutFollowing(path: string): FileStatus | undefined {
  try {
    const found = lstatSync(path);
    return { kind: kindOf(found), numBytes: found.size, changedMs: found.mtimeMs };
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

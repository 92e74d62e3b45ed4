/**
 * Files that survive a crash: whole or not there. Every write of the store goes through here.
 * After a failed `fsync` the kernel may have dropped the data and report success the next time, so nothing is tried
 * twice on one file: the error goes up and the attempt is dead.
 * @see Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014 (rename only what is durable; sync directories).
 */
import { dirname } from "node:path";
import { fileError } from "./file-errors.ts";
import { nodeFileOperations, type FileOperations, type FileStatus } from "./file-operations.ts";
import * as steps from "./file-steps.ts";

/**
 * What is on the disk itself when a write returns: the file (`durable`); its bytes, so that whoever finds the name finds
 * them, while the name is synced with its directory (`bytes`); or nothing before the directory is synced (`later`).
 */
export type Durability = "durable" | "bytes" | "later";

export interface FileSystem {
  /**
   * Makes a directory with its parents, all durable; an existing one is fine, also behind a link (the user's own choice).
   */
  ensureRoot(path: string): void;
  /** Makes a directory with its parents, to be made durable with what they hold. */
  ensureFolders(path: string): void;
  /** Makes one directory in an existing one; refuses a link or a file in its place. */
  ensureDirectory(path: string): void;
  /** Writes a file that nobody reads before it is complete: a temporary name, then a rename. */
  writeFile(path: string, data: steps.FileData, durability: Durability): void;
  /** Overwrites a file in place. Only for what may be lost at any time. */
  overwrite(path: string, text: string): void;
  /** Opens a new file for appending. */
  openNew(path: string): number;
  append(descriptor: number, path: string, data: string | Uint8Array): void;
  sync(descriptor: number, path: string): void;
  close(descriptor: number, path: string): void;
  /** Makes the names in a directory durable, and in each directory above it up to `root`, which is one of them. */
  syncUp(path: string, root: string): void;
  /** Makes a file durable, but not its name. */
  syncFile(path: string): void;
  /** Makes everything below a directory durable, but not the names in the directory itself. */
  syncBelow(path: string): void;
  rename(from: string, to: string): void;
  /** Moves a directory: `occupied` where something is there already, `no-parent` where there is no folder for it. */
  claim(from: string, to: string): "claimed" | "occupied" | "no-parent";
  removeFile(path: string): void;
  removeTree(path: string): void;
  /** Removes a directory if nothing is in it. */
  removeIfEmpty(path: string): void;
  /** The bytes of a regular file, `undefined` where nothing is. */
  read(path: string): Uint8Array | undefined;
  /** Hands out the bytes of a regular file in parts of at most so many, each gone after the call; none where nothing is. */
  readParts(path: string, partSize: number, take: (part: Uint8Array) => void): void;
  /**
   * At most so many bytes of a regular file from a place on, fewer where it ends, none where nothing is: for a log that
   * another process writes.
   */
  readFrom(path: string, start: number, maxBytes: number): Uint8Array;
  readText(path: string): string | undefined;
  /** Sorted names, none where the directory is missing. */
  list(path: string): readonly string[];
  /** What is at a path, links not followed; `undefined` where nothing is. */
  status(path: string): FileStatus | undefined;
  /** What a link says; it may lead nowhere. */
  readLink(path: string): string;
  /** Lets a link say something else. */
  replaceLink(path: string, target: string): void;
  /** The path without links, `undefined` where it leads nowhere. */
  realPath(path: string): string | undefined;
}

/**
 * A file system over the given calls.
 * @throws {ExpError} from every function: `environment` for the machine's faults, `store` for anything unexpected.
 */
export function createFileSystem(operations: FileOperations = nodeFileOperations): FileSystem {
  return {
    ...fileWriters(operations),
    ...logWriters(operations),
    ...directoryWriters(operations),
    ...movers(operations),
    ...removers(operations),
    ...readers(operations),
    ...links(operations),
  };
}

/** Runs one operation and explains its failure. */
function explained<Result>(action: string, path: string, body: () => Result): Result {
  try {
    return body();
  } catch (error) {
    throw fileError(error, action, path);
  }
}

function fileWriters(operations: FileOperations): Pick<FileSystem, "writeFile" | "overwrite"> {
  return {
    writeFile: (path, data, durability): void => {
      explained("write", path, () => {
        steps.writeWhole(operations, path, { data, isDurable: durability !== "later" });
        if (durability === "durable") steps.syncPath(operations, dirname(path));
      });
    },
    overwrite: (path, data): void => {
      explained("write", path, () => {
        steps.writeTo(operations, operations.open(path, "rewrite"), { data, isDurable: false });
      });
    },
  };
}

function logWriters(
  operations: FileOperations,
): Pick<FileSystem, "openNew" | "append" | "sync" | "close"> {
  return {
    openNew: (path): number => explained("create", path, () => operations.open(path, "new")),
    append: (descriptor, path, data): void => {
      explained("write", path, () => {
        steps.writeAll(operations, descriptor, data);
      });
    },
    sync: (descriptor, path): void => {
      explained("sync", path, () => {
        operations.sync(descriptor);
      });
    },
    close: (descriptor, path): void => {
      explained("close", path, () => {
        operations.close(descriptor);
      });
    },
  };
}

function directoryWriters(
  operations: FileOperations,
): Pick<
  FileSystem,
  "ensureRoot" | "ensureFolders" | "ensureDirectory" | "syncUp" | "syncFile" | "syncBelow"
> {
  return {
    ensureRoot: (path): void => {
      explained("create", path, () => {
        const first = operations.makeDirectory(path, true);
        if (first !== undefined) steps.syncUp(operations, dirname(path), dirname(first));
      });
    },
    ensureFolders: (path): void => {
      explained("create", path, () => {
        operations.makeDirectory(path, true);
      });
    },
    ensureDirectory: (path): void => {
      explained("create", path, () => {
        steps.ensureDirectory(operations, path);
      });
    },
    syncUp: (path, root): void => {
      explained("sync", path, () => {
        steps.syncUp(operations, path, root);
      });
    },
    syncFile: (path): void => {
      explained("sync", path, () => {
        steps.syncPath(operations, path);
      });
    },
    syncBelow: (path): void => {
      explained("sync", path, () => {
        steps.syncBelow(operations, path);
      });
    },
  };
}

function movers(operations: FileOperations): Pick<FileSystem, "rename" | "claim"> {
  return {
    rename: (from, to): void => {
      explained("rename", to, () => {
        operations.rename(from, to);
      });
    },
    claim: (from, to): "claimed" | "occupied" | "no-parent" =>
      explained("rename", to, () => steps.claim(operations, from, to)),
  };
}

function removers(
  operations: FileOperations,
): Pick<FileSystem, "removeFile" | "removeTree" | "removeIfEmpty"> {
  return {
    removeFile: (path): void => {
      explained("remove", path, () => {
        operations.removeFile(path);
      });
    },
    removeTree: (path): void => {
      explained("remove", path, () => {
        operations.removeTree(path);
      });
    },
    removeIfEmpty: (path): void => {
      explained("remove", path, () => {
        steps.removeIfEmpty(operations, path);
      });
    },
  };
}

function readers(
  operations: FileOperations,
): Pick<FileSystem, "read" | "readParts" | "readFrom" | "readText" | "list" | "status"> {
  const orMissing = <Result, Missing>(missing: Missing, body: () => Result): Result | Missing => {
    try {
      return body();
    } catch (error) {
      if (steps.isMissing(error)) return missing;
      throw error;
    }
  };
  const read = (path: string): Uint8Array | undefined =>
    explained("read", path, () => orMissing(undefined, () => operations.read(path)));
  return {
    read,
    readParts: (path, partSize, take): void =>
      explained("read", path, () =>
        orMissing(undefined, () => operations.readParts(path, partSize, take)),
      ),
    readFrom: (path, start, maxBytes): Uint8Array =>
      explained("read", path, () =>
        orMissing(new Uint8Array(), () => operations.readFrom(path, start, maxBytes)),
      ),
    readText: (path): string | undefined => {
      const bytes = read(path);
      return bytes === undefined ? undefined : steps.decodeText(path, bytes);
    },
    list: (path): readonly string[] =>
      explained("list", path, () => orMissing([], () => operations.list(path))),
    status: (path): FileStatus | undefined =>
      explained("look at", path, () => operations.status(path)),
  };
}

function links(
  operations: FileOperations,
): Pick<FileSystem, "readLink" | "replaceLink" | "realPath"> {
  return {
    readLink: (path): string => explained("look at", path, () => operations.readLink(path)),
    replaceLink: (path, target): void => {
      explained("write", path, () => {
        operations.removeFile(path);
        operations.makeLink(target, path);
      });
    },
    realPath: (path): string | undefined => {
      try {
        return operations.realPath(path);
      } catch {
        return undefined; // nothing is there, or links go round in a circle
      }
    },
  };
}

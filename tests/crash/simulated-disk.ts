/**
 * A disk in memory that can lose its power at any instant. What is on it for certain is only what was synced: bytes of a
 * file after the file's sync, names in a directory after the directory's. Everything else may be there after the loss, in
 * part, or not, in any order.
 * @see Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014: the states that applications must survive.
 */
import { basename, dirname } from "node:path";
import type { FileOperations, FileStatus } from "../../src/store/file-operations.ts";
import {
  createEntryLog,
  newDirectory,
  newFile,
  type Directory,
  type Entry,
  type EntryLog,
  type FileNode,
  type Node,
} from "./disk-nodes.ts";

/** Numbers in [0, 1), the same for the same seed. */
export type Random = () => number;

/** Told of each call before it takes effect; an error of it is the call's. */
export type BeforeCall = (call: DiskCall) => void;

export interface DiskCall {
  readonly name: "mkdir" | "open" | "write" | "fsync" | "rename" | "unlink" | "rmdir" | "look";
  /** What the call is about; of a rename, where to. */
  readonly path: string;
  /** Whether the call changes anything: a sync of what is on the disk already does not. */
  readonly hasEffect: boolean;
}

export interface DiskOptions {
  readonly before?: BeforeCall;
  /** Tells whether a sync with an effect is left out, as by a program that forgot it. */
  readonly dropsSync?: (path: string) => boolean;
  /** How many of so many bytes a write takes; default: all. */
  readonly takes?: (numBytes: number) => number;
}

export interface SimulatedDisk {
  readonly operations: FileOperations;
  /** The disk after a loss of power now; this one goes on. */
  afterPowerLoss(random: Random, options?: DiskOptions): SimulatedDisk;
}

/** An empty disk with the folder `/`. */
export function createDisk(options: DiskOptions = {}): SimulatedDisk {
  return diskOf({ root: newDirectory(), log: createEntryLog() }, options);
}

interface Content {
  readonly root: Directory;
  readonly log: EntryLog;
}

interface Machine extends Content, DiskOptions {
  readonly descriptors: Map<number, { readonly node: Node; readonly path: string }>;
  nextDescriptor: number;
  /** Milliseconds; counts calls, so that stamps differ. */
  clock: number;
}

function diskOf(content: Content, options: DiskOptions): SimulatedDisk {
  const machine: Machine = {
    ...content,
    ...options,
    descriptors: new Map(),
    nextDescriptor: 3,
    clock: Date.now(),
  };
  return {
    operations: {
      ...directoryCalls(machine),
      ...fileCalls(machine),
      ...nameCalls(machine),
      ...readCalls(machine),
    },
    afterPowerLoss: (random, next = {}) =>
      diskOf({ root: content.log.survivor(content.root, random), log: createEntryLog() }, next),
  };
}

/** What a call of the operating system throws. */
export function systemError(code: string, syscall: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${syscall} ${path}`), { code, syscall, path });
}

function parts(path: string): readonly string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function find(machine: Machine, path: string): Node | undefined {
  let node: Node | undefined = machine.root;
  for (const part of parts(path)) {
    if (node?.kind !== "directory") return undefined;
    node = node.entries.get(part);
  }
  return node;
}

/** The directory of a path and the name in it. */
function place(machine: Machine, path: string, syscall: string): Entry {
  const directory = find(machine, dirname(path));
  if (directory === undefined) throw systemError("ENOENT", syscall, path);
  if (directory.kind !== "directory") throw systemError("ENOTDIR", syscall, path);
  return { directory, name: basename(path) };
}

function announce(machine: Machine, name: DiskCall["name"], path: string): void {
  machine.clock++;
  machine.before?.({ name, path, hasEffect: true });
}

function directoryCalls(
  machine: Machine,
): Pick<FileOperations, "makeDirectory" | "removeEmptyDirectory" | "removeTree"> {
  const { log } = machine;
  const makeOne = (path: string): void => {
    const entry = place(machine, path, "mkdir");
    if (entry.directory.entries.has(entry.name)) throw systemError("EEXIST", "mkdir", path);
    announce(machine, "mkdir", path);
    log.change([{ ...entry, node: newDirectory() }]);
  };
  const removeTree = (path: string): void => {
    const node = find(machine, path);
    if (node === undefined) return;
    if (node.kind === "directory")
      for (const name of [...node.entries.keys()].toSorted()) removeTree(`${path}/${name}`);
    announce(machine, node.kind === "directory" ? "rmdir" : "unlink", path);
    log.change([{ ...place(machine, path, "unlink"), node: undefined }]);
  };
  return {
    makeDirectory: (path, isRecursive): string | undefined => {
      if (!isRecursive) {
        makeOne(path);
        return path;
      }
      let first: string | undefined;
      let folder = "";
      for (const part of parts(path)) {
        folder += `/${part}`;
        if (find(machine, folder) !== undefined) continue;
        makeOne(folder);
        first ??= folder;
      }
      return first;
    },
    removeEmptyDirectory: (path): void => {
      const node = find(machine, path);
      if (node === undefined) throw systemError("ENOENT", "rmdir", path);
      if (node.kind !== "directory") throw systemError("ENOTDIR", "rmdir", path);
      if (node.entries.size > 0) throw systemError("ENOTEMPTY", "rmdir", path);
      announce(machine, "rmdir", path);
      log.change([{ ...place(machine, path, "rmdir"), node: undefined }]);
    },
    removeTree,
  };
}

function fileCalls(machine: Machine): Pick<FileOperations, "open" | "write" | "sync" | "close"> {
  const { log, descriptors } = machine;
  const opened = (descriptor: number, syscall: string): { node: Node; path: string } => {
    const found = descriptors.get(descriptor);
    if (found === undefined) throw systemError("EBADF", syscall, String(descriptor));
    return found;
  };
  const fileAt = (path: string, mode: "new" | "rewrite" | "read"): Node => {
    const found = find(machine, path);
    if (mode === "read") {
      if (found === undefined) throw systemError("ENOENT", "open", path);
      return found;
    }
    const entry = place(machine, path, "open");
    if (found !== undefined && mode === "new") throw systemError("EEXIST", "open", path);
    if (found?.kind === "directory") throw systemError("EISDIR", "open", path);
    announce(machine, "open", path);
    if (found?.kind === "file") {
      found.truncate(machine.clock);
      return found;
    }
    const node = newFile(machine.clock);
    log.change([{ ...entry, node }]);
    return node;
  };
  return {
    open: (path, mode): number => {
      const node = fileAt(path, mode);
      const descriptor = machine.nextDescriptor++;
      descriptors.set(descriptor, { node, path });
      return descriptor;
    },
    write: (descriptor, bytes): number => {
      const { node, path } = opened(descriptor, "write");
      if (node.kind !== "file") throw systemError("EISDIR", "write", path);
      announce(machine, "write", path);
      const numTaken = machine.takes?.(bytes.length) ?? bytes.length;
      node.append(bytes.subarray(0, numTaken), machine.clock);
      return numTaken;
    },
    sync: (descriptor): void => {
      syncNode(machine, opened(descriptor, "fsync"));
    },
    close: (descriptor): void => {
      opened(descriptor, "close");
      descriptors.delete(descriptor);
    },
  };
}

/** After a sync that fails, the kernel may have dropped what was to be written, and calls it clean. */
function syncNode(machine: Machine, { node, path }: { node: Node; path: string }): void {
  const hasEffect = node.kind === "directory" ? machine.log.isPending(node) : node.isPending();
  machine.clock++;
  try {
    machine.before?.({ name: "fsync", path, hasEffect });
  } catch (error) {
    if (node.kind === "file") node.forget();
    throw error;
  }
  if (hasEffect && machine.dropsSync?.(path) === true) return;
  if (node.kind === "directory") machine.log.sync(node);
  else node.sync();
}

function nameCalls(
  machine: Machine,
): Pick<FileOperations, "rename" | "removeFile" | "makeLink" | "readLink" | "realPath"> {
  const { log } = machine;
  return {
    rename: (from, to): void => {
      const source = place(machine, from, "rename");
      const target = place(machine, to, "rename");
      const node = source.directory.entries.get(source.name);
      const replaced = target.directory.entries.get(target.name);
      if (node === undefined) throw systemError("ENOENT", "rename", from);
      if (node.kind === "directory" && replaced !== undefined) {
        if (replaced.kind !== "directory") throw systemError("ENOTDIR", "rename", to);
        if (replaced.entries.size > 0) throw systemError("ENOTEMPTY", "rename", to);
      }
      if (node.kind === "file" && replaced?.kind === "directory")
        throw systemError("EISDIR", "rename", to);
      announce(machine, "rename", to);
      log.change([
        { ...source, node: undefined },
        { ...target, node },
      ]);
    },
    removeFile: (path): void => {
      const entry = place(machine, path, "unlink");
      if (entry.directory.entries.get(entry.name)?.kind !== "file")
        throw systemError("ENOENT", "unlink", path);
      announce(machine, "unlink", path);
      log.change([{ ...entry, node: undefined }]);
    },
    makeLink: (_target, path): void => {
      throw systemError("EPERM", "symlink", path); // links are for tests on a real disk
    },
    readLink: (path): string => {
      throw systemError("EINVAL", "readlink", path);
    },
    realPath: (path): string => {
      if (find(machine, path) === undefined) throw systemError("ENOENT", "realpath", path);
      return `/${parts(path).join("/")}`;
    },
  };
}

function readCalls(
  machine: Machine,
): Pick<FileOperations, "read" | "readParts" | "readFrom" | "list" | "status"> {
  const look = (path: string): void => machine.before?.({ name: "look", path, hasEffect: false });
  const file = (path: string): FileNode => {
    look(path);
    const node = find(machine, path);
    if (node === undefined) throw systemError("ENOENT", "open", path);
    if (node.kind !== "file") throw systemError("EISDIR", "read", path);
    return node;
  };
  return {
    read: (path): Uint8Array => file(path).bytes(),
    readParts: (path, partSize, take): void => {
      const bytes = file(path).bytes();
      for (let at = 0; at < bytes.length; at += partSize) take(bytes.subarray(at, at + partSize));
    },
    readFrom: (path, start, maxBytes): Uint8Array =>
      file(path)
        .bytes()
        .subarray(start, start + maxBytes),
    list: (path): readonly string[] => {
      look(path);
      const node = find(machine, path);
      if (node === undefined) throw systemError("ENOENT", "scandir", path);
      if (node.kind !== "directory") throw systemError("ENOTDIR", "scandir", path);
      return [...node.entries.keys()].toSorted();
    },
    status: (path): FileStatus | undefined => {
      look(path);
      const node = find(machine, path);
      if (node === undefined) return undefined;
      if (node.kind === "directory") return { kind: "directory", numBytes: 0, changedMs: 0 };
      return { kind: "file", numBytes: node.bytes().length, changedMs: node.changedMs() };
    },
  };
}

/**
 * `.trash/<n>/`: what was taken out of the store and may still be wanted, each with a note of where it lay. Nothing in it is
 * read as a run, and nothing leaves it but by `exp rm --restore` and `exp gc`.
 */
import { randomUUID } from "node:crypto";
import { basename, dirname, join, relative, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ExpError } from "../core/errors.ts";
import { attemptNumbers, takeNumber } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import { parseObject, prettyJson } from "./json-file.ts";
import { isSafeRelativePath, isSha256, trashRoot } from "./run-layout.ts";

/** What is taken out, and why. */
export interface Discarded {
  /** A file, a directory or a link of the store, absolute. */
  readonly path: string;
  /** One sentence. */
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** Of which run all was taken out that belonged to it. */
export interface TrashedRun {
  readonly runKey: string;
  /** Name of its experiment. */
  readonly experiment: string;
}

/** Something that was taken out. */
export interface TrashEntry {
  /** Its folder's name. */
  readonly number: number;
  /** The folder, absolute. */
  readonly directory: string;
  /** Where it lay, relative to the store, with forward slashes; of a run the folder of its key. */
  readonly path: string;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Absent for single files and folders, which `exp fsck --repair` took out. */
  readonly run?: TrashedRun;
}

const originFile = "origin.json";

/** Whether a name in an entry is that of its note before it was whole; see `temporaryName` in `file-steps.ts`. */
export function isHalfNote(name: string): boolean {
  return /^\.origin\.json(?:\.[0-9a-f]{8})?\.new$/u.test(name);
}

/**
 * Moves something out of the way, durably.
 * @returns The folder that holds it now under its old name, beside `origin.json`; absolute.
 */
export function moveToTrash(
  files: FileSystem,
  store: string,
  { path, reason, time }: Discarded,
): string {
  const place = relative(store, path).split(sep).join("/");
  const { directory } = openEntry(files, store, { path: place, reason, time });
  files.syncUp(directory, directory);
  files.rename(path, join(directory, basename(path)));
  files.syncUp(directory, directory);
  return directory;
}

/** A new entry with its note; its own names are to be made durable (`syncUp`) before anything is moved into it. */
export function openEntry(
  files: FileSystem,
  store: string,
  { run, ...origin }: Omit<TrashEntry, "number" | "directory">,
): TrashEntry {
  const root = trashRoot(store);
  files.ensureDirectory(root);
  const temporary = join(root, `.new-${randomUUID()}`);
  files.ensureDirectory(temporary);
  const note = prettyJson({ format: "lockstep/trash/1", ...origin, ...run });
  files.writeFile(join(temporary, originFile), note, "bytes");
  const taken = takeNumber(files, root, temporary);
  files.syncUp(root, store);
  return { ...taken, ...origin, ...(run && { run }) };
}

/** Whether an entry is still the one that was listed: once it is gone, its number is given to another. */
export function isStillThere(files: FileSystem, entry: TrashEntry): boolean {
  return isDeepStrictEqual(readEntry(files, entry.number, entry.directory), entry);
}

/** All that lies in the trash, the oldest first; what has no readable note is left out. */
export function listTrash(files: FileSystem, store: string): readonly TrashEntry[] {
  const root = trashRoot(store);
  return attemptNumbers(files, root).flatMap((number) => {
    const directory = join(root, String(number));
    return readEntry(files, number, directory) ?? [];
  });
}

function readEntry(files: FileSystem, number: number, directory: string): TrashEntry | undefined {
  const path = join(directory, originFile);
  const text = files.status(path)?.kind === "file" ? files.readText(path) : undefined;
  const note = parseObject(text ?? "") ?? {};
  const { format, path: place, reason, time, runKey, experiment } = note;
  if (format !== "lockstep/trash/1" || typeof place !== "string" || !isSafeRelativePath(place))
    return undefined;
  if (typeof reason !== "string" || typeof time !== "string") return undefined;
  const entry = { number, directory, path: place, reason, time };
  if (runKey === undefined) return entry;
  if (!isSha256(runKey) || typeof experiment !== "string" || !runKey.startsWith(place))
    return undefined;
  return { ...entry, run: { runKey, experiment } };
}

/**
 * Refuses an entry that somebody put back or removed since it was listed.
 * @throws {ExpError} `usage`.
 */
export function requireStillThere(files: FileSystem, entry: TrashEntry): void {
  if (isStillThere(files, entry)) return;
  throw new ExpError(
    "usage",
    `Entry ${entry.number} of the trash is gone: another process put it back, or removed it.`,
  );
}

/**
 * Puts a single file or folder back where it lay.
 * @throws {ExpError} `usage` where something lies there by now, or its folder or the entry is gone.
 */
export function putBack(files: FileSystem, store: string, entry: TrashEntry): void {
  requireStillThere(files, entry);
  const target = join(store, entry.path);
  if (files.status(target) !== undefined) {
    throw new ExpError(
      "usage",
      `${target} is there again; entry ${entry.number} of the trash stays.`,
    );
  }
  if (
    files.realPath(dirname(target)) !== join(files.realPath(store) ?? store, dirname(entry.path))
  ) {
    throw new ExpError("usage", `The folder of ${target} is gone; entry ${entry.number} stays.`);
  }
  files.rename(join(entry.directory, basename(entry.path)), target);
  files.syncUp(dirname(target), store);
  closeEntry(files, store, entry);
}

/** Removes an entry from which everything was taken; what else somebody put there stays. */
export function closeEntry(files: FileSystem, store: string, { directory }: TrashEntry): void {
  files.removeFile(join(directory, originFile));
  removeEmptyFolders(files, directory);
  files.syncUp(trashRoot(store), trashRoot(store));
}

/** Removes the folders at and below a path in which no file lies. */
function removeEmptyFolders(files: FileSystem, folder: string): void {
  for (const name of files.list(folder)) {
    const child = join(folder, name);
    if (files.status(child)?.kind === "directory") removeEmptyFolders(files, child);
  }
  files.removeIfEmpty(folder);
}

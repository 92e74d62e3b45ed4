/** What is shared by those who collect garbage: what they are told to do, and how one thing is removed or only told of. */
import { randomUUID } from "node:crypto";
import { basename, join, relative, sep } from "node:path";
import { isExpError } from "../core/errors.ts";
import type { attemptStatus } from "./attempt-record.ts";
import { isMissing } from "./file-steps.ts";
import type { FileSystem } from "./file-system.ts";
import type { RemovalContext } from "./removed-run.ts";
import { trashRoot } from "./run-layout.ts";

/** Why something is not needed. */
export type GarbageKind =
  /** It was taken out long enough ago. */
  | "trash"
  /** What a dead `exp verify` worked in. */
  | "scratch"
  /** Data that came with the archive of a run that is gone. */
  | "data"
  /** What a dead process was writing or removing. */
  | "leftover"
  /** A checkpoint of an attempt that nobody goes on from: the run is finished, or a later attempt has a newer one. */
  | "checkpoint";

/** Something that can be removed. */
export interface Garbage {
  readonly kind: GarbageKind;
  /** Relative to the store, with forward slashes. */
  readonly path: string;
  readonly numBytes: number;
  /** Part of a sentence. */
  readonly reason: string;
}

export interface GarbageReport {
  /** What was removed, or could be. */
  readonly items: readonly Garbage[];
  /** What could not be removed, with the reason. */
  readonly failures: readonly { readonly path: string; readonly reason: string }[];
}

export interface GarbageOptions {
  /** What lies in the trash for less is kept, in milliseconds. */
  readonly olderThanMs: number;
  /** Else it is only told what there is, and nothing is written. */
  readonly isRemoving: boolean;
}

/** What is collected, and with what. */
export interface Collecting extends RemovalContext, GarbageOptions {
  readonly items: Garbage[];
  readonly failures: { path: string; reason: string }[];
}

/** Names in a real folder of the store; a link in its place is left alone. */
export function namesIn({ files }: Collecting, folder: string): readonly string[] {
  return files.status(folder)?.kind === "directory" ? files.list(folder) : [];
}

/** Something that nobody needs, and has not been looked at. */
export interface Found {
  readonly kind: GarbageKind;
  /** Absolute. */
  readonly path: string;
  readonly reason: string;
}

/** Tells of something, and removes it where that is asked for; what fails is told with the reason. */
export function take(context: Collecting, { kind, path, reason }: Found): void {
  const { files, store, isRemoving, items, failures } = context;
  const place = relative(store, path).split(sep).join("/");
  try {
    const numBytes = bytesBelow(files, path);
    if (isRemoving) remove(context, path);
    items.push({ kind, path: place, numBytes, reason });
  } catch (error) {
    if (!isExpError(error)) throw error;
    if (isMissing(error.cause)) return; // another process removed it first
    failures.push({ path: place, reason: error.message });
  }
}

/** A folder is moved aside first: half of one would look like something that is damaged. */
function remove({ files, store }: Collecting, path: string): void {
  if (files.status(path)?.kind !== "directory") return files.removeFile(path);
  const root = trashRoot(store);
  files.ensureDirectory(root);
  const aside = basename(path).startsWith(removing)
    ? path
    : join(root, `${removing}${randomUUID()}`);
  if (aside !== path) {
    files.rename(path, aside);
    files.syncUp(root, root); // else a loss of power may leave half of it under its old name
  }
  files.removeTree(aside);
}

/** Begins the names of what is being removed. */
export const removing = ".old-";

/** Bytes of the files at and below a path; links count as nothing and are not followed. */
export function bytesBelow(files: FileSystem, path: string): number {
  const status = files.status(path);
  if (status?.kind === "file") return status.numBytes;
  if (status?.kind !== "directory") return 0;
  return files.list(path).reduce((sum, name) => sum + bytesBelow(files, join(path, name)), 0);
}

/** How attempts are looked at. */
export function viewOf({ here, clock }: Collecting): Parameters<typeof attemptStatus>[2] {
  return { here, nowMs: clock().getTime() };
}

const hourMs = 3_600_000;
/** In milliseconds. */
export const dayMs = 86_400_000;

/**
 * Tells whether something was changed so lately that somebody may be at it who left no word of it; also where somebody has
 * just removed it.
 */
export function isRecent({ files, clock }: Collecting, path: string): boolean {
  const changedMs = files.status(path)?.changedMs;
  return changedMs === undefined || clock().getTime() - changedMs < hourMs;
}

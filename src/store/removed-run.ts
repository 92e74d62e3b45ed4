/**
 * Taking a run out of the store with all that belongs to it, and putting it back. It is claimed meanwhile as an attempt
 * claims it, so nobody executes it or goes on with it. The published run goes first and comes back last: cut anywhere,
 * what is left in the store is a run that is not there, or one that is whole; putting back brings both parts together.
 */
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { ExpError } from "../core/errors.ts";
import { attemptStatus } from "./attempt-record.ts";
import { attemptNumbers, claimAttempt, discard, takeNumber, type Claim } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import type { ProcessFacts } from "./process-facts.ts";
import {
  annotationsOf,
  annotationsRoot,
  attemptsOf,
  conflictsOf,
  exportsFolder,
  publishedDirectory,
} from "./run-layout.ts";
import {
  closeEntry,
  openEntry,
  requireStillThere,
  type TrashedRun,
  type TrashEntry,
} from "./trash.ts";

/** The store, and who works in it. */
export interface RemovalContext {
  readonly files: FileSystem;
  /** Absolute. */
  readonly store: string;
  readonly here: ProcessFacts;
  readonly clock: () => Date;
  /** What tests put in place of waiting for another process. */
  readonly pause?: (milliseconds: number) => void;
}

/** What is taken out, and why. */
export interface Removal extends TrashedRun {
  /** One sentence. */
  readonly reason: string;
}

/**
 * Moves a run to the trash: the published run, its attempts, conflicts and annotations.
 * @throws {ExpError} `run-active` while a process executes it; `usage` where there is nothing of it.
 */
export function removeRun(context: RemovalContext, removal: Removal): TrashEntry {
  const { files, store, here, clock } = context;
  const { runKey, experiment, reason } = removal;
  // A claim that was made after ours, and is about to be given up.
  const isLiving = (directory: string): boolean =>
    attemptStatus(files, directory, { here, nowMs: clock().getTime() }).kind === "running";
  return withClaim(context, removal, (own) => {
    const published = publishedDirectory(store, runKey);
    const isPublished = isFolderOf(files, store, published);
    const others = [
      ...[conflictsOf, annotationsOf]
        .map((folderOf) => folderOf(store, runKey))
        .filter((folder) => isFolderOf(files, store, folder)),
      ...attemptNumbers(files, attemptsOf(store, runKey))
        .filter((number) => number !== own.number)
        .map((number) => join(attemptsOf(store, runKey), String(number)))
        .filter((directory) => !isLiving(directory)),
    ];
    if (!isPublished && others.length === 0)
      throw new ExpError("usage", `There is nothing of the run ${runKey} in ${store}.`);
    const path = publishedDirectory("", runKey);
    const time = clock().toISOString();
    const entry = openEntry(files, store, { path, reason, time, run: { runKey, experiment } });
    moveAway(files, {
      published: isPublished ? [published] : [],
      others,
      directory: entry.directory,
      placeOf: (folder) => join(entry.directory, folder.slice(store.length + 1)),
    });
    return entry;
  });
}

interface Moves {
  /** Goes first, where there is one. */
  readonly published: readonly string[];
  readonly others: readonly string[];
  /** Of the entry. */
  readonly directory: string;
  /** Where in the trash a folder of the store goes. */
  readonly placeOf: (folder: string) => string;
}

/** What is moved into a folder that a loss of power takes away is lost with it, so each is on the disk before. */
function moveAway(files: FileSystem, { published, others, directory, placeOf }: Moves): void {
  const parents = new Set(others.map((folder) => dirname(placeOf(folder))));
  for (const parent of parents) files.ensureFolders(parent);
  const above = new Set([...[...parents].map((parent) => dirname(parent)), directory]);
  for (const folder of above) files.syncUp(folder, folder);
  for (const folder of published) {
    files.rename(folder, placeOf(folder));
    files.syncUp(directory, directory);
  }
  for (const folder of others) files.rename(folder, placeOf(folder));
  for (const parent of parents) files.syncUp(parent, parent);
}

/**
 * Puts a run back from the trash. What was said about it since is kept as well; attempts get new numbers.
 * @throws {ExpError} `usage` where the run has been executed again since, or the entry is gone; `run-active` while a process executes it.
 */
export function restoreRun(context: RemovalContext, entry: TrashEntry & { run: TrashedRun }): void {
  const { files, store } = context;
  const { runKey } = entry.run;
  withClaim(context, entry.run, () => {
    requireStillThere(files, entry);
    const { directory } = entry;
    const inTrash = (folder: string): string | undefined => {
      const path = join(directory, folder.slice(store.length + 1));
      return isFolderOf(files, directory, path) ? path : undefined;
    };
    const published = publishedDirectory(store, runKey);
    const removed = inTrash(published);
    if (removed !== undefined && files.status(published) !== undefined) {
      throw new ExpError(
        "usage",
        `The run ${entry.path} has been executed again since it was removed.`,
        {
          hint: `It stays in the trash (entry ${entry.number}). Remove the new one first if you want the old one.`,
        },
      );
    }
    for (const [folderOf, restore] of parts) {
      const folder = folderOf(store, runKey);
      const from = inTrash(folder);
      if (from !== undefined) restore(context, from, folder);
    }
    if (removed !== undefined) {
      files.rename(removed, published);
      files.syncUp(store, store);
    }
    closeEntry(files, store, entry);
  });
}

/** What belongs to a run beside itself, and how it is put back. */
const parts = [
  [annotationsOf, restoreAnnotations],
  [conflictsOf, restoreNumbered],
  [attemptsOf, restoreNumbered],
] as const;

/** Whether a folder below another is one, and no folder on the way is a link: what it leads to is not ours. */
function isFolderOf(files: FileSystem, root: string, folder: string): boolean {
  if (folder === root) return true;
  return isFolderOf(files, root, dirname(folder)) && files.status(folder)?.kind === "directory";
}

/** A touch of the folder above tells those who index what is said that there is news. */
function restoreAnnotations({ files, store }: RemovalContext, from: string, to: string): void {
  const names = files.list(from);
  if (names.length === 0) return;
  const root = annotationsRoot(store);
  files.ensureDirectory(root);
  files.ensureDirectory(to);
  files.syncUp(root, store); // before anything is moved into it
  for (const name of names) {
    if (name === exportsFolder) restoreCursors(files, join(from, name), join(to, name));
    else files.rename(join(from, name), join(to, name));
  }
  const touch = join(root, `.new-${randomUUID()}`);
  files.ensureDirectory(touch);
  files.removeIfEmpty(touch);
  files.syncUp(to, to);
}

/** What was sent of the run since then is what counts. */
function restoreCursors(files: FileSystem, from: string, to: string): void {
  files.ensureDirectory(to);
  for (const name of files.list(from)) {
    const [own, place] = [join(from, name), join(to, name)];
    const isCursor = name.endsWith(".json") && files.status(place) === undefined;
    if (isCursor) files.rename(own, place);
    else files.removeTree(own);
  }
  files.syncUp(to, to);
}

/** Under its own number where that is free: what was said about a conflict names it by that. */
function restoreNumbered({ files, store }: RemovalContext, from: string, to: string): void {
  const numbers = attemptNumbers(files, from);
  if (numbers.length === 0) return;
  files.ensureDirectory(dirname(to));
  files.ensureDirectory(to);
  files.syncUp(dirname(to), store); // before anything is moved into it
  for (const number of numbers) {
    const temporary = join(from, String(number));
    const isFree = files.claim(temporary, join(to, String(number))) === "claimed";
    if (!isFree) takeNumber(files, to, temporary);
  }
  files.syncUp(to, to);
}

/**
 * Does something while nobody else can begin an attempt at a run.
 * @throws {ExpError} `run-active` while somebody has.
 */
export function withClaim<Result>(
  context: RemovalContext,
  { runKey, experiment }: TrashedRun,
  body: (own: Claim) => Result,
): Result {
  const { files, store, here, clock } = context;
  const startTime = clock().toISOString();
  const facts = { id: randomUUID(), runKey, experiment, startTime, argv: [] };
  const record = { format: "lockstep/attempt/1", ...facts, ...here } as const;
  const claim = claimAttempt(files, { ...context, record });
  try {
    return body(claim);
  } finally {
    discard(files, store, claim.directory);
  }
}

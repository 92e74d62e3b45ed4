/**
 * What nobody needs any more, and removing it. A process that is alive, or may be, keeps all that is its own; nothing that
 * a run can go on from is removed unless something newer is whole; and no published run is touched. Each removal begins
 * with one rename or is of one file, so that whatever is cut off is found again by the next call.
 */
import { randomUUID } from "node:crypto";
import { basename, join, relative, sep } from "node:path";
import { isExpError } from "../core/errors.ts";
import { attemptStatus, readAttemptRecord } from "./attempt-record.ts";
import { attemptNumbers, type Claim } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import { unusedData } from "./garbage-data.ts";
import { parseObject } from "./json-file.ts";
import { isProcessFacts, processState } from "./process-facts.ts";
import { inspectPublished } from "./published-run.ts";
import { withClaim, type RemovalContext } from "./removed-run.ts";
import {
  annotationsRoot,
  attemptsRoot,
  codeRoot,
  isRunName,
  runFiles,
  trashRoot,
} from "./run-layout.ts";
import { supersededCheckpoints } from "./superseded.ts";
import { isHalfNote, listTrash } from "./trash.ts";
import { parseTime } from "./times.ts";

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

interface Collecting extends RemovalContext, GarbageOptions {
  readonly items: Garbage[];
  readonly failures: { path: string; reason: string }[];
}

/** Finds what nobody needs, and removes it where that is asked for. */
export function collectGarbage(context: RemovalContext, options: GarbageOptions): GarbageReport {
  const collecting: Collecting = { ...context, ...options, items: [], failures: [] };
  collectTrash(collecting);
  const isScratchInUse = collectScratch(collecting);
  if (!isScratchInUse) collectData(collecting); // else an import may be about to bring the run of some
  collectLeftovers(collecting);
  for (const name of namesIn(collecting, attemptsRoot(context.store)).filter(isRunName)) {
    collectAttempts(collecting, name);
  }
  const { items, failures } = collecting;
  return { items, failures };
}

/** Names in a real folder of the store; a link in its place is left alone. */
function namesIn({ files }: Collecting, folder: string): readonly string[] {
  return files.status(folder)?.kind === "directory" ? files.list(folder) : [];
}

interface Found {
  readonly kind: GarbageKind;
  /** Absolute. */
  readonly path: string;
  readonly reason: string;
}

function take(context: Collecting, { kind, path, reason }: Found): void {
  const { files, store, isRemoving, items, failures } = context;
  const place = relative(store, path).split(sep).join("/");
  try {
    const numBytes = bytesBelow(files, path);
    if (isRemoving) remove(context, path);
    items.push({ kind, path: place, numBytes, reason });
  } catch (error) {
    if (!isExpError(error)) throw error;
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

const removing = ".old-";

/** Bytes of the files at and below a path; links count as nothing and are not followed. */
export function bytesBelow(files: FileSystem, path: string): number {
  const status = files.status(path);
  if (status?.kind === "file") return status.numBytes;
  if (status?.kind !== "directory") return 0;
  return files.list(path).reduce((sum, name) => sum + bytesBelow(files, join(path, name)), 0);
}

function collectTrash(context: Collecting): void {
  const { files, store, clock, olderThanMs } = context;
  for (const { directory, time, run } of listTrash(files, store)) {
    const age = clock().getTime() - (parseTime(time) ?? Infinity);
    if (!(age >= olderThanMs)) continue;
    const what = run === undefined ? "" : `, a run of ${run.experiment}`;
    const reason = `taken out ${Math.floor(age / dayMs)} days ago${what}`;
    take(context, { kind: "trash", path: directory, reason });
  }
  collectEmptied(context);
}

/** Entries without a note that hold no file: a loss of power came while they were made, or before their folder was removed. */
function collectEmptied(context: Collecting): void {
  const { files, store } = context;
  const root = trashRoot(store);
  const noted = new Set(listTrash(files, store).map(({ number }) => number));
  for (const number of attemptNumbers(files, root).filter((one) => !noted.has(one))) {
    const path = join(root, String(number));
    if (!isEmptied(files, path)) continue;
    take(context, { kind: "leftover", path, reason: "nothing is in it" });
  }
}

/** Whether nothing but folders, and a note that was not yet written, is at and below a path. */
function isEmptied(files: FileSystem, path: string): boolean {
  return (
    files.status(path)?.kind === "directory" &&
    files.list(path).every((name) => isHalfNote(name) || isEmptied(files, join(path, name)))
  );
}

/**
 * Where `exp verify` executes runs once more and `exp import` unpacks them: stores of their own, which say whose they are.
 * @returns Whether there is one that somebody works in.
 */
function collectScratch(context: Collecting): boolean {
  const { store } = context;
  const root = join(store, ".cache");
  let isInUse = false;
  for (const name of namesIn(context, root).filter((one) => one.startsWith("verify-"))) {
    const path = join(root, name);
    if (isScratchUsed(context, path)) {
      isInUse = true;
      continue;
    }
    take(context, {
      kind: "scratch",
      path,
      reason: "an exp verify or exp import that ended before it tidied up",
    });
  }
  return isInUse;
}

/** Data that came with archives, of runs that are gone. */
function collectData(context: Collecting): void {
  for (const path of unusedData(context.files, context.store)) {
    if (isRecent(context, path)) continue;
    take(context, { kind: "data", path, reason: "no run is left that read it" });
  }
}

function isScratchUsed(context: Collecting, scratch: string): boolean {
  const { files, here } = context;
  const owner = parseObject(files.readText(join(scratch, "owner.json")) ?? "");
  if (isProcessFacts(owner) && processState(owner, here) === "alive") return true; // may read for hours
  const root = attemptsRoot(scratch);
  const directories = namesIn(context, root)
    .filter(isRunName)
    .flatMap((run) =>
      attemptNumbers(files, join(root, run)).map((n) => join(root, run, String(n))),
    );
  const view = viewOf(context);
  const isRunning = directories.some((one) => attemptStatus(files, one, view).kind === "running");
  return (
    isRunning || isRecent(context, scratch) || directories.some((one) => isRecent(context, one))
  );
}

function viewOf({ here, clock }: Collecting): Parameters<typeof attemptStatus>[2] {
  return { here, nowMs: clock().getTime() };
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Changed so lately that somebody may be at it who left no word of it. */
function isRecent({ files, clock }: Collecting, path: string): boolean {
  return clock().getTime() - (files.status(path)?.changedMs ?? -Infinity) < hourMs;
}

/** Temporary names of claims, code, lists and sayings. */
function collectLeftovers(context: Collecting): void {
  const { files, store, here } = context;
  const roots = [
    attemptsRoot(store),
    annotationsRoot(store),
    codeRoot(store),
    join(store, ".data"),
  ];
  for (const root of [...roots, trashRoot(store)]) {
    for (const name of namesIn(context, root).filter(isTemporary)) {
      const path = join(root, name);
      const record = readAttemptRecord(files, path);
      const isDead = record !== undefined && processState(record, here) === "dead";
      const isDoomed = root === trashRoot(store) && name.startsWith(removing);
      if (!isDead && !isDoomed && isRecent(context, path)) continue;
      take(context, { kind: "leftover", path, reason: "a process ended while it wrote this" });
    }
  }
}

/** `.new-…` is being made, `.old-…` is being removed, `.<name>.new` is a file that is being written. */
function isTemporary(name: string): boolean {
  return /^\.{1,2}new-|^\.old-|^\..*\.new$/u.test(name);
}

/** What dead attempts at one run left that nobody goes on from. */
function collectAttempts(context: Collecting, name: string): void {
  const { files, store, isRemoving } = context;
  const folder = join(attemptsRoot(store), name);
  const found = (own?: Claim): readonly Found[] => {
    const directories = attemptNumbers(files, folder)
      .filter((number) => number !== own?.number)
      .map((number) => join(folder, String(number)))
      .filter((one) => files.status(one)?.kind === "directory");
    return garbageOf(context, join(store, name), directories);
  };
  const first = found();
  if (first.length === 0) return;
  if (!isRemoving) return first.forEach((one) => take(context, one));
  try {
    const runKey = attemptNumbers(files, folder)
      .flatMap((number) => readAttemptRecord(files, join(folder, String(number)))?.runKey ?? [])
      .find((key) => key.startsWith(name));
    if (runKey === undefined) return; // whose they are cannot be read: that is for exp fsck to tell
    makeDurable(context, folder);
    const known = new Set(first.map(({ path }) => path)); // what is needless only now may be so by what is not on the disk
    // Nobody begins an attempt now, and copies from those that are there.
    withClaim(context, { runKey, experiment: "exp gc" }, (own) => {
      for (const one of found(own)) if (known.has(one.path)) take(context, one);
    });
  } catch (error) {
    if (!isExpError(error)) throw error;
    context.failures.push({ path: `.attempts/${name}`, reason: error.message });
  }
}

/** What makes others needless may be of a process that was killed before it had synced it. */
function makeDurable({ files, store }: Collecting, folder: string): void {
  files.syncBelow(folder);
  files.syncUp(folder, store);
}

function garbageOf(
  context: Collecting,
  published: string,
  directories: readonly string[],
): readonly Found[] {
  const { files } = context;
  const view = viewOf(context);
  if (directories.some((one) => attemptStatus(files, one, view).kind === "running")) return [];
  const isFinished = typeof inspectPublished(files, published) !== "string";
  const claims = directories.filter((one) => isEmptyClaim(context, one));
  const kept = directories.filter((one) => !claims.includes(one));
  return [
    ...claims.map((path): Found => {
      return { kind: "leftover", path, reason: "a process ended before it wrote anything" };
    }),
    ...kept.flatMap((one) => halfWritten(context, one)),
    ...supersededCheckpoints(files, kept, isFinished).map((path): Found => {
      const reason = isFinished ? "the run is finished" : "a later attempt has newer ones";
      return { kind: "checkpoint", path, reason };
    }),
  ];
}

/** A claim that was never begun, of a dead process. */
function isEmptyClaim(context: Collecting, directory: string): boolean {
  const { files } = context;
  const isGiven = files.status(join(directory, runFiles.identity)) !== undefined;
  return !isGiven && attemptStatus(files, directory, viewOf(context)).kind === "lost";
}

function halfWritten({ files }: Collecting, directory: string): readonly Found[] {
  const folders = ["", "checkpoints", "results", "logs"].map((name) => join(directory, name));
  return folders
    .filter((folder) => files.status(folder)?.kind === "directory")
    .flatMap((folder) => files.list(folder).map((name) => join(folder, name)))
    .filter((path) => /^\..*\.new$/u.test(basename(path)) && files.status(path)?.kind === "file")
    .map((path) => ({ kind: "leftover", path, reason: "a process ended while it wrote this" }));
}

/**
 * Claiming an attempt: of all processes that start one run at the same moment, exactly one goes on.
 * No lock is held. A claim is one rename of a directory that already says whose it is; then all claims are listed, once.
 * Whoever sees a living one with a smaller number steps back. Who sees larger ones alone, waits until those have gone:
 * they step back too, unless one of them went on before the smaller number was taken, which becomes free again when
 * its attempt ends. Of two claims the later one lists after the earlier one was made, so it sees it, and both never go on.
 */
import { dirname, join } from "node:path";
import { ExpError } from "../core/errors.ts";
import {
  attemptStatus,
  noteBegun,
  noteEnded,
  readAttemptRecord,
  type AttemptRecord,
  type AttemptStatus,
} from "./attempt-record.ts";
import type { FileSystem } from "./file-system.ts";
import { prettyJson } from "./json-file.ts";
import { takenForDead, type ProcessFacts } from "./process-facts.ts";
import { attemptsOf, attemptsRoot, runFiles, runFolders } from "./run-layout.ts";

export interface Claim {
  /** Absolute. */
  readonly directory: string;
  readonly number: number;
}

/** A claim that goes on. */
export interface HeldClaim extends Claim {
  /** A sentence for each earlier attempt that was taken for dead without being seen: its process may be alive. */
  readonly unseen: readonly string[];
}

export interface ClaimOptions {
  /** The store, absolute. */
  readonly store: string;
  readonly record: AttemptRecord;
  readonly here: ProcessFacts;
  /** What tests put in place of waiting. */
  readonly pause?: (milliseconds: number) => void;
}

/**
 * A directory of our own among the attempts of a run key. Who only removes, restores or repairs the run soon ends, and is
 * waited for with no claim of our own, so that no two wait for each other.
 * @throws {ExpError} `run-active` while a living process has claimed the run before us; our own claim is gone then.
 */
export function claimAttempt(files: FileSystem, options: ClaimOptions): HeldClaim {
  const { store } = options;
  files.ensureRoot(store);
  files.ensureDirectory(attemptsRoot(store));
  let pauseMs = 1;
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const claimed = claimOnce(files, options);
    if (!("record" in claimed)) return claimed;
    if (claimed.record.identities !== undefined || waitedMs >= patienceMs) throw runActive(claimed);
    pauseMs = Math.min(2 * pauseMs, longestWaitMs);
    (options.pause ?? sleep)(pauseMs);
  }
}

/** The claim, or who is at the run instead. */
function claimOnce(files: FileSystem, options: ClaimOptions): HeldClaim | Rival {
  const { store, record } = options;
  const temporary = join(attemptsRoot(store), `.new-${record.id}`);
  noteBegun(record);
  files.ensureDirectory(temporary);
  try {
    for (const folder of runFolders) files.ensureDirectory(join(temporary, folder));
    files.overwrite(join(temporary, runFiles.attempt), prettyJson(record));
    files.overwrite(join(temporary, runFiles.heartbeat), `${record.startTime}\n`);
    const claim = takeNumber(files, attemptsOf(store, record.runKey), temporary);
    const { rival, unseen } = rivalOf(files, options, claim);
    if (rival === undefined) return { ...claim, unseen };
    discard(files, store, claim.directory);
    return rival;
  } catch (error) {
    removeQuietly(files, temporary);
    throw error;
  }
}

/**
 * Removes an attempt of our own. It is moved aside first: a directory that is half removed would look like an attempt
 * that lost its record.
 */
export function discard(files: FileSystem, store: string, directory: string): void {
  const record = readAttemptRecord(files, directory);
  if (record === undefined) throw takenAway(directory);
  const aside = join(attemptsRoot(store), `.old-${record.id}`);
  try {
    files.rename(directory, aside);
  } finally {
    noteEnded(record); // also where it cannot be moved
  }
  files.removeIfEmpty(dirname(directory));
  files.removeTree(aside);
}

function takenAway(directory: string): ExpError {
  return new ExpError("store", `${directory} has lost its attempt.json while we were at it.`, {
    hint: "Somebody moved it away or changed it by hand. Run the same command again.",
  });
}

/** Numbers of the attempts in a folder, ascending; names that are no numbers are not ours. */
export function attemptNumbers(files: FileSystem, folder: string): readonly number[] {
  return files
    .list(folder)
    .filter((name) => /^[1-9][0-9]{0,8}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

const maxTries = 100_000;

/**
 * Moves a directory to the next free number in a folder, which is made where it is missing.
 * @param temporary - Holds at least one file, so that no rename replaces it.
 */
export function takeNumber(files: FileSystem, folder: string, temporary: string): Claim {
  files.ensureDirectory(folder);
  let number = (attemptNumbers(files, folder).at(-1) ?? 0) + 1;
  for (let tries = 0; tries < maxTries; tries++) {
    const directory = join(folder, String(number));
    switch (files.claim(temporary, directory)) {
      case "claimed":
        return { directory, number };
      case "occupied":
        number++;
        break;
      case "no-parent": // another process took away the last attempt and the empty folder
        files.ensureDirectory(folder);
        break;
    }
  }
  throw new ExpError("store", `No free number for an attempt below ${folder}.`);
}

interface Rival {
  readonly record: AttemptRecord;
  readonly directory: string;
}

interface Rivals {
  /** Who goes on instead of us, if somebody does. */
  readonly rival: Rival | undefined;
  /** Sentences about those whose silence is all that says that they do not. */
  readonly unseen: readonly string[];
}

function rivalOf(files: FileSystem, options: ClaimOptions, own: Claim): Rivals {
  const folder = attemptsOf(options.store, options.record.runKey);
  // Our own heartbeat was stamped a moment ago by the clock that stamps theirs, which need not be this host's.
  const nowMs = files.status(join(own.directory, runFiles.heartbeat))?.changedMs ?? Infinity;
  const statusOf = (directory: string): AttemptStatus =>
    attemptStatus(files, directory, { here: options.here, nowMs });
  const larger: Rival[] = [];
  const unseen: string[] = [];
  for (const number of attemptNumbers(files, folder)) {
    if (number === own.number) continue;
    const directory = join(folder, String(number));
    const record = readAttemptRecord(files, directory);
    if (record === undefined) continue;
    const status = statusOf(directory);
    if (status.kind === "lost" && status.silentMs !== undefined)
      unseen.push(`attempt ${number}: ${takenForDead(record, status.silentMs)}`);
    if (status.kind !== "running") continue;
    if (number < own.number) return { rival: { record, directory }, unseen };
    larger.push({ record, directory });
  }
  const rival = larger.find(({ record, directory }) => {
    const isThere = (): boolean =>
      readAttemptRecord(files, directory)?.id === record.id &&
      statusOf(directory).kind === "running";
    return !isSoonGone(isThere, options.pause ?? sleep);
  });
  return { rival, unseen };
}

/** Stepping back takes three calls; where so much time passes, we rather step back too than go on beside it. */
const patienceMs = 10_000;
const longestPauseMs = 50;
/** Removing many files takes longer. */
const longestWaitMs = 250;

/** Waits for a claim with a larger number than ours to be given up. */
function isSoonGone(isThere: () => boolean, pause: (milliseconds: number) => void): boolean {
  let pauseMs = 1;
  for (let waitedMs = 0; isThere(); waitedMs += pauseMs) {
    if (waitedMs >= patienceMs) return false;
    pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    pause(pauseMs);
  }
  return true;
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function runActive({ record, directory }: Rival): ExpError {
  const who = `process ${record.pid} on ${record.host}, since ${record.startTime}`;
  if (record.identities === undefined) {
    return new ExpError("run-active", `This run is being removed, restored or repaired: ${who}.`, {
      hint: "Wait for it to finish, and run the same command again.",
    });
  }
  return new ExpError(
    "run-active",
    `This run is already being executed: ${who}, in ${directory}.`,
    { hint: `Wait for it to finish, or stop it there (kill ${record.pid}) and run again.` },
  );
}

/** The first error is the one that matters. */
function removeQuietly(files: FileSystem, path: string): void {
  try {
    files.removeTree(path);
  } catch {
    return;
  }
}

/**
 * What nobody needs any more, and removing it. A process that is alive, or may be, keeps all that is its own; nothing that
 * a run can go on from is removed unless something newer is whole; and no published run is touched. Each removal begins
 * with one rename or is of one file, so that whatever is cut off is found again by the next call.
 */
import { join } from "node:path";
import { isExpError } from "../core/errors.ts";
import { attemptStatus, readAttemptRecord } from "./attempt-record.ts";
import { attemptNumbers } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import { collectAttempts } from "./garbage-attempts.ts";
import { unusedData } from "./garbage-data.ts";
import {
  dayMs,
  isRecent,
  namesIn,
  removing,
  take,
  viewOf,
  type Collecting,
  type GarbageOptions,
  type GarbageReport,
} from "./garbage-items.ts";
import { parseObject } from "./json-file.ts";
import { isProcessFacts, processState } from "./process-facts.ts";
import { withClaim, type RemovalContext } from "./removed-run.ts";
import { annotationsRoot, attemptsRoot, codeRoot, isRunName, trashRoot } from "./run-layout.ts";
import { isHalfNote, isStillThere, listTrash, type TrashEntry } from "./trash.ts";
import { parseTime } from "./times.ts";

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

function collectTrash(context: Collecting): void {
  const { files, store, clock, olderThanMs } = context;
  for (const entry of listTrash(files, store)) {
    const age = clock().getTime() - (parseTime(entry.time) ?? Infinity);
    if (!(age >= olderThanMs)) continue;
    const what = entry.run === undefined ? "" : `, a run of ${entry.run.experiment}`;
    const reason = `taken out ${Math.floor(age / dayMs)} days ago${what}`;
    takeEntry(context, entry, reason);
  }
  collectEmptied(context);
}

/** Whoever is removing or restoring the run of an entry has claimed it, and is not to be disturbed. */
function takeEntry(context: Collecting, entry: TrashEntry, reason: string): void {
  const { files, isRemoving, failures } = context;
  const found = { kind: "trash", path: entry.directory, reason } as const;
  const takeIt = (): void => {
    if (isStillThere(files, entry)) take(context, found);
  };
  if (entry.run === undefined || !isRemoving) return takeIt();
  try {
    withClaim(context, entry.run, takeIt);
  } catch (error) {
    if (!isExpError(error)) throw error;
    failures.push({ path: `.trash/${entry.number}`, reason: error.message });
  }
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

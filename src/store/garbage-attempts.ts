/** What attempts of dead processes left behind that nobody goes on from. */
import { basename, join, relative, sep } from "node:path";
import { isExpError } from "../core/errors.ts";
import { attemptStatus, readAttemptRecord } from "./attempt-record.ts";
import { attemptNumbers, type Claim } from "./claim.ts";
import { isMissing } from "./file-steps.ts";
import { take, viewOf, type Collecting, type Found } from "./garbage-items.ts";
import { inspectPublished } from "./published-run.ts";
import { withClaim } from "./removed-run.ts";
import { attemptsRoot, runFiles } from "./run-layout.ts";
import { supersededCheckpoints } from "./superseded.ts";

/** What dead attempts at one run left that nobody goes on from. */
export function collectAttempts(context: Collecting, name: string): void {
  const { files, store, isRemoving } = context;
  const folder = join(attemptsRoot(store), name);
  if (files.list(folder).length === 0) return collectEmpty(context, folder);
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
    if (isMissing(error.cause)) return; // somebody is at it
    context.failures.push({ path: `.attempts/${name}`, reason: error.message });
  }
}

/** Left by a process that ended between two calls. Whoever claims the run makes the folder again, at any moment. */
function collectEmpty({ files, store, isRemoving, items }: Collecting, folder: string): void {
  if (isRemoving) files.removeIfEmpty(folder);
  const path = relative(store, folder).split(sep).join("/");
  items.push({ kind: "leftover", path, numBytes: 0, reason: "nothing is in it" });
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

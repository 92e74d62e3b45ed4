/**
 * What changed in the store since the index was last brought up to date. A published run never changes, so a look-up
 * lists the directory only where its time of change moved, and reads only what is new.
 */
import { join } from "node:path";
import { attemptStatus, type AttemptStatus } from "../attempt-record.ts";
import { attemptNumbers } from "../claim.ts";
import type { FileStatus } from "../file-operations.ts";
import { attemptsRoot, isRunName, runFiles } from "../run-layout.ts";
import type { ProcessFacts } from "../process-facts.ts";
import { readAttemptRecord } from "../attempt-record.ts";
import type { FileSystem } from "../file-system.ts";

export interface StoreView {
  /** Absolute. */
  readonly store: string;
  readonly files: FileSystem;
  readonly here: ProcessFacts;
  readonly now: () => Date;
}

/** A directory whose time of change is younger may change again without the time moving. */
const settledAfterMs = 10_000;

/**
 * A text that is equal as long as nothing was added to a directory or taken out of it; `undefined` where that cannot be
 * told, since it changed a moment ago or the clocks of hosts differ.
 */
export function directoryStamp({ files, now }: StoreView, path: string): string | undefined {
  const found = files.status(path);
  if (found === undefined) return "none";
  const age = now().getTime() - found.changedMs;
  return age > settledAfterMs ? fileStamp(found) : undefined;
}

/** A text that is equal as long as a file was not written. */
function fileStamp({ changedMs, numBytes }: FileStatus): string {
  return `${changedMs}:${numBytes}`;
}

/** Stamp of a published run: that of its manifest, `-` where it has none. */
export function publishedStamp({ files, store }: StoreView, name: string): string {
  const found = files.status(join(store, name, runFiles.manifest));
  return found === undefined ? "-" : fileStamp(found);
}

/** Names of the published runs, and of whatever else bears a run's name. */
export function publishedNames({ files, store }: StoreView): readonly string[] {
  return files.list(store).filter(isRunName);
}

/** The last attempt at a run that is not published. */
export interface OpenAttempt {
  /** First 16 digits of the run key. */
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  readonly runKey: string;
  readonly status: "running" | "failed" | "lost" | "paused";
  /** Why it failed, the first line. */
  readonly reason: string | null;
  readonly stamp: string;
}

/** The runs of `.attempts/`, each with its last attempt; what cannot be read is left to `exp fsck`. */
export function openAttempts(
  view: StoreView,
  names: readonly string[] = view.files.list(attemptsRoot(view.store)).filter(isRunName),
): readonly OpenAttempt[] {
  return names.flatMap((name) => openAttempt(view, name) ?? []);
}

function openAttempt(view: StoreView, name: string): OpenAttempt | undefined {
  const { files, here, now } = view;
  const folder = join(attemptsRoot(view.store), name);
  const numbers = attemptNumbers(files, folder);
  const all = numbers
    .map((number) => join(folder, String(number)))
    .filter((directory) => files.status(directory)?.kind === "directory")
    .map((directory) => {
      const record = readAttemptRecord(files, directory);
      const status = attemptStatus(files, directory, { here, nowMs: now().getTime() });
      return { directory, record, status };
    });
  const chosen = all.find(({ status }) => status.kind === "running") ?? all.at(-1);
  if (chosen?.record === undefined || !chosen.record.runKey.startsWith(name)) return undefined;
  const { directory, record, status } = chosen;
  if (status.kind === "damaged") return undefined;
  const log = files.status(join(directory, runFiles.metricsLog));
  return {
    name,
    directory,
    runKey: record.runKey,
    ...standing(status),
    stamp: `${directory.slice(folder.length + 1)}:${status.kind}:${log === undefined ? "-" : fileStamp(log)}`,
  };
}

/** How an attempt stands in the words that look-ups have for it, and why where it failed: the first line. */
export function standing(
  status: Exclude<AttemptStatus, { kind: "damaged" }>,
): Pick<OpenAttempt, "status" | "reason"> {
  if (status.kind !== "failed") return { status: status.kind, reason: null };
  const { code, message } = status.failure;
  const [reason = ""] = message.split("\n");
  return { status: code === "interrupted" ? "paused" : "failed", reason };
}

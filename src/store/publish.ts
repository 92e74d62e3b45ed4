/**
 * Publishing: one rename, first wins, and whoever comes second proves that the run repeats. What did not repeat is kept
 * below `.conflicts/`, since two results for one key say more than either.
 */
import { dirname, join, relative, sep } from "node:path";
import { ExpError, isExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import { shellQuote } from "../core/shell-quote.ts";
import { addAnnotation } from "./annotations.ts";
import { readAttemptRecord, type AttemptRecord } from "./attempt-record.ts";
import { discard, takeNumber } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import { formatManifest, manifestDifferences, type Manifest } from "./manifest.ts";
import {
  damaged,
  damagedFiles,
  inspectPublished,
  readPublished,
  type PublishedRun,
} from "./published-run.ts";
import { conflictsOf, conflictsRoot, publishedDirectory, runFiles } from "./run-layout.ts";

/** What became of a complete attempt. */
export type PublishOutcome =
  | { readonly kind: "published"; readonly run: PublishedRun }
  /** The run was published already, with equal results; that is recorded beside it, and this attempt is gone. */
  | { readonly kind: "duplicate"; readonly run: PublishedRun }
  /** The run was published already, with other results; the attempt lies in `directory` now. */
  | { readonly kind: "conflict"; readonly directory: string; readonly error: ExpError };

export interface PublishOptions {
  /** The store, absolute. */
  readonly store: string;
  /** The attempt, complete but for its manifest, all files closed. */
  readonly directory: string;
  /** The attempt's own, with its end. */
  readonly record: AttemptRecord;
  readonly manifest: Manifest;
}

/**
 * Makes a complete attempt a published run. Everything in it is durable before the rename, so what lies in `runs/` is
 * whole after any crash; the rename is durable when this returns.
 * @throws {ExpError} `store` where what lies in the run's place is damaged; the attempt stays where it is.
 */
export function publishAttempt(files: FileSystem, options: PublishOptions): PublishOutcome {
  const { store, directory, manifest } = options;
  files.removeFile(join(directory, runFiles.heartbeat));
  const first = inspectPublished(files, publishedDirectory(store, manifest.identities.runKey));
  const isRepeated = typeof first !== "string" && isEqual(first, options);
  if (isRepeated && damagedFiles(files, first).length === 0) return drop(files, options, first);
  files.syncBelow(directory);
  files.writeFile(join(directory, runFiles.manifest), formatManifest(manifest), "durable");
  return publishWhole(files, options);
}

/** The same for an attempt that is durable with its manifest. */
export function publishWhole(files: FileSystem, options: PublishOptions): PublishOutcome {
  const { store, directory, manifest } = options;
  const { runKey } = manifest.identities;
  if (moveIntoPlace(files, options)) {
    files.syncUp(store, store);
    files.removeIfEmpty(dirname(directory));
    const published = publishedDirectory(store, runKey);
    return { kind: "published", run: { directory: published, runKey, manifest } };
  }
  const first = readPublished(files, store, runKey);
  if (first === undefined) throw damaged(publishedDirectory(store, runKey), "it went away");
  if (!isEqual(first, options)) return keepConflict(files, options, first);
  const [damage] = damagedFiles(files, first);
  if (damage === undefined) return drop(files, options, first);
  throw damaged(first.directory, damage); // ours is the only whole copy, and stays
}

function isEqual(first: PublishedRun, { manifest }: PublishOptions): boolean {
  return formatManifest(first.manifest) === formatManifest(manifest);
}

/** A verified duplicate: nothing in it is worth a sync. */
function drop(files: FileSystem, options: PublishOptions, first: PublishedRun): PublishOutcome {
  annotate(files, options, { kind: "duplicate", facts: {} });
  discard(files, options.store, options.directory);
  return { kind: "duplicate", run: first };
}

/** Says beside the published run what another attempt came to. */
function annotate(
  files: FileSystem,
  { store, record, manifest }: PublishOptions,
  { kind, facts }: { readonly kind: "duplicate" | "conflict"; readonly facts: JsonObject },
): void {
  const { id, host, pid, startTime, endTime = startTime } = record;
  const attempt = { id, host, pid, startTime, endTime };
  addAnnotation(files, store, {
    runKey: record.runKey,
    kind,
    time: endTime,
    facts: { attempt, manifest: sha256(formatManifest(manifest)), ...facts },
  });
}

/**
 * Sets an attempt aside that came to other results. Its new place is durable before it moves there, and what it is called
 * there before its old folder goes: whenever the power goes, it lies in one place or the other.
 */
function keepConflict(
  files: FileSystem,
  options: PublishOptions,
  first: PublishedRun,
): PublishOutcome {
  const { store, directory: attempt, manifest } = options;
  const folder = conflictsOf(store, manifest.identities.runKey);
  files.ensureDirectory(conflictsRoot(store));
  files.ensureDirectory(folder);
  files.syncUp(conflictsRoot(store), store);
  const { directory } = takeNumber(files, folder, attempt);
  files.syncUp(folder, conflictsRoot(store)); // up to the root, since another process may have made the folder again
  files.removeIfEmpty(dirname(attempt));
  const differences = manifestDifferences(manifest, first.manifest);
  const keptAt = relative(store, directory).split(sep).join("/");
  annotate(files, options, { kind: "conflict", facts: { keptAt, differences: [...differences] } });
  return { kind: "conflict", directory, error: conflict(directory, first, differences) };
}

/** False where something is in the place already. */
function moveIntoPlace(files: FileSystem, options: PublishOptions): boolean {
  const target = publishedDirectory(options.store, options.manifest.identities.runKey);
  try {
    return files.claim(options.directory, target) === "claimed";
  } catch (error) {
    // On a network file system the answer to a rename can be lost and the repeated call fail: look who is there.
    const isOurs = isExpError(error) && readAttemptRecord(files, target)?.id === options.record.id;
    if (isOurs) return true;
    throw error;
  }
}

/** The error about an attempt that came to other results than the published one. */
export function conflict(
  directory: string,
  first: PublishedRun,
  [file = "manifest.json", ...others]: readonly string[],
): ExpError {
  // A difference that is no file is one of the identities, which the manifests have.
  const differing = file.includes("/") ? file : runFiles.manifest;
  const pair = [first.directory, directory]
    .map((folder) => shellQuote(join(folder, differing)))
    .join(" ");
  const program = differing.endsWith(".safetensors") ? "cmp" : "diff";
  const also = others.length === 0 ? "" : ` (and ${others.join(", ")})`;
  return new ExpError(
    "conflict",
    `The run did not repeat: ${file}${also} differs from the run published at ${first.directory}. This attempt is kept at ${directory}.`,
    {
      hint: `Config, code, data and environment class are equal, so something else reached the result. Compare: ${program} ${pair}`,
    },
  );
}

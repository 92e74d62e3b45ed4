/** Publishing: one rename, first wins, and whoever comes second proves that the run repeats. */
import { dirname, join } from "node:path";
import { ExpError, isExpError } from "../core/errors.ts";
import { shellQuote } from "../core/shell-quote.ts";
import { readAttemptRecord } from "./attempt-record.ts";
import { discard } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import { formatManifest, manifestDifferences, type Manifest } from "./manifest.ts";
import { damaged, readPublished, type PublishedRun } from "./published-run.ts";
import { attemptsRoot, publishedDirectory, runFiles } from "./run-layout.ts";

export interface PublishOutcome {
  /** `duplicate`: the run was published already, with equal results, and this attempt is gone. */
  readonly kind: "published" | "duplicate";
  readonly run: PublishedRun;
}

export interface PublishOptions {
  /** The store, absolute. */
  readonly store: string;
  /** The attempt, complete but for its manifest, all files closed. */
  readonly directory: string;
  /** The attempt's own id. */
  readonly id: string;
  readonly manifest: Manifest;
}

/**
 * Makes a complete attempt a published run. Everything in it is durable before the rename, so what lies in `runs/` is
 * whole after any crash.
 * @throws {ExpError} `store` when another attempt of the run came to other results; both are kept.
 */
export function publishAttempt(files: FileSystem, options: PublishOptions): PublishOutcome {
  const { store, directory, manifest } = options;
  const { runKey } = manifest.identities;
  files.removeFile(join(directory, runFiles.heartbeat));
  files.syncTree(directory);
  files.writeFile(join(directory, runFiles.manifest), formatManifest(manifest), "durable");
  if (moveIntoPlace(files, options)) {
    files.syncDirectory(store);
    files.removeIfEmpty(dirname(directory));
    files.syncDirectory(attemptsRoot(store));
    const published = publishedDirectory(store, runKey);
    return { kind: "published", run: { directory: published, runKey, manifest } };
  }
  const first = readPublished(files, store, runKey);
  if (first === undefined) throw damaged(publishedDirectory(store, runKey), "it went away");
  if (formatManifest(first.manifest) !== formatManifest(manifest)) throw conflict(options, first);
  discard(files, store, directory);
  return { kind: "duplicate", run: first };
}

/** False where something is in the place already. */
function moveIntoPlace(files: FileSystem, options: PublishOptions): boolean {
  const target = publishedDirectory(options.store, options.manifest.identities.runKey);
  try {
    return files.claim(options.directory, target) === "claimed";
  } catch (error) {
    // On a network file system the answer to a rename can be lost and the repeated call fail: look who is there.
    const isOurs = isExpError(error) && readAttemptRecord(files, target)?.id === options.id;
    if (isOurs) return true;
    throw error;
  }
}

function conflict({ directory, manifest }: PublishOptions, first: PublishedRun): ExpError {
  const [file = "manifest.json", ...others] = manifestDifferences(manifest, first.manifest);
  const traces = [first.directory, directory]
    .map((folder) => shellQuote(join(folder, runFiles.traceLog)))
    .join(" ");
  const also = others.length === 0 ? "" : ` (and ${others.join(", ")})`;
  return new ExpError(
    "store",
    `The run did not repeat: ${file}${also} differs from the run published at ${first.directory}. This attempt is kept at ${directory}.`,
    {
      hint: `Config, code, data and environment class are equal, so something else reached the result. Compare: diff ${traces}`,
    },
  );
}

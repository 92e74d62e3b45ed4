/**
 * Taking one run of a folder of runs over into another one: what it rests on first, the run itself last and by one rename,
 * what was said about it after that. Whatever is there already stays as it is.
 */
import { join } from "node:path";
import type { ExpError } from "../../core/errors.ts";
import { isSharedKind } from "./archived-files.ts";
import { damagedArchive } from "./damaged-archive.ts";
import { checkStagedData, mergeData } from "./merge-data.ts";
import { readAnnotation } from "../annotations.ts";
import { readAttemptRecord } from "../attempt-record.ts";
import { attemptNumbers } from "../claim.ts";
import type { FileSystem } from "../file-system.ts";
import { formatManifest, manifestDifferences } from "../manifest.ts";
import { conflict, publishWhole } from "../publish.ts";
import {
  damaged,
  damagedFiles,
  inspectPublished,
  readPublished,
  type PublishedRun,
} from "../published-run.ts";
import {
  annotationsOf,
  annotationsRoot,
  attemptsRoot,
  codeRoot,
  conflictsOf,
  publishedDirectory,
} from "../run-layout.ts";

/** What became of a run that was to be taken over. */
export type MergeOutcome =
  | { readonly kind: "imported"; readonly run: PublishedRun }
  /** It was there, whole, with the same results. */
  | { readonly kind: "present"; readonly run: PublishedRun }
  /** It was there with other results; what was to be taken over lies in `directory`. */
  | { readonly kind: "conflict"; readonly directory: string; readonly error: ExpError };

/**
 * Takes a run over.
 * @param from - A folder of runs that holds it, absolute, on the same file system as `store`; it is taken apart.
 * @throws {ExpError} `store` where what stands in the run's place is damaged; nothing of the run is in `runs/` then.
 */
export function mergeRun(
  files: FileSystem,
  store: string,
  { from, runKey }: { readonly from: string; readonly runKey: string },
): MergeOutcome {
  const staged = inspectPublished(files, publishedDirectory(from, runKey));
  if (typeof staged === "string") throw damagedArchive(`its run is none: ${staged}`);
  const { dataHash } = staged.manifest.identities;
  checkStagedData(files, from, dataHash);
  files.ensureRoot(store);
  files.syncBelow(from);
  mergeCode(files, { from, store, codeHash: staged.manifest.identities.codeHash });
  mergeData(files, { from, store, dataHash });
  const outcome = publish(files, store, staged);
  // What was said of other results is not said of those that are here.
  if (outcome.kind !== "conflict") mergeAnnotations(files, { from, store, runKey });
  return outcome;
}

function publish(files: FileSystem, store: string, staged: PublishedRun): MergeOutcome {
  const { directory, runKey, manifest } = staged;
  const first = readPublished(files, store, runKey);
  if (first !== undefined && isEqual(first, staged)) return present(files, first);
  const known = first === undefined ? undefined : knownConflict(files, store, staged);
  if (first !== undefined && known !== undefined) {
    const differences = manifestDifferences(manifest, first.manifest);
    return { kind: "conflict", directory: known, error: conflict(known, first, differences) };
  }
  const record = readAttemptRecord(files, directory);
  if (record === undefined) throw damagedArchive("its run does not say who made it");
  files.ensureDirectory(attemptsRoot(store)); // where a duplicate of this very moment is put aside
  const outcome = publishWhole(files, { store, directory, record, manifest });
  if (outcome.kind === "conflict") return outcome;
  return { kind: outcome.kind === "published" ? "imported" : "present", run: outcome.run };
}

function isEqual(first: PublishedRun, second: PublishedRun): boolean {
  return formatManifest(first.manifest) === formatManifest(second.manifest);
}

function present(files: FileSystem, first: PublishedRun): MergeOutcome {
  const [damage] = damagedFiles(files, first);
  if (damage === undefined) return { kind: "present", run: first };
  throw damaged(first.directory, damage);
}

/** The same results may have been taken over before. */
function knownConflict(files: FileSystem, store: string, staged: PublishedRun): string | undefined {
  const folder = conflictsOf(store, staged.runKey);
  return attemptNumbers(files, folder)
    .map((number) => join(folder, String(number)))
    .find((directory) => {
      const kept = inspectPublished(files, directory);
      return typeof kept !== "string" && isEqual(kept, staged);
    });
}

interface Stores {
  readonly from: string;
  readonly store: string;
}

/** The program, sets of modules and snapshots: each is named by a digest of it, so one that is there is the same. */
function mergeCode(
  files: FileSystem,
  { from, store, codeHash }: Stores & { readonly codeHash: string },
): void {
  const source = join(codeRoot(from), codeHash);
  if (files.status(source) === undefined) return;
  const target = join(codeRoot(store), codeHash);
  files.ensureDirectory(codeRoot(store));
  if (files.claim(source, target) !== "claimed") {
    for (const folder of ["sources", "snapshots"]) {
      if (files.list(join(source, folder)).length === 0) continue;
      files.ensureDirectory(join(target, folder));
      moveMissing(files, join(source, folder), { target: join(target, folder) });
      files.syncUp(join(target, folder), target);
    }
  }
  files.syncUp(codeRoot(store), store);
}

/** What is said by one store about itself stays behind. */
function mergeAnnotations(
  files: FileSystem,
  { from, store, runKey }: Stores & { readonly runKey: string },
): void {
  const source = annotationsOf(from, runKey);
  const shared = files.list(source).filter((name) => {
    const annotation = readAnnotation(files, join(source, name));
    return annotation?.runKey === runKey && isSharedKind(annotation.kind);
  });
  if (shared.length === 0) return;
  const target = annotationsOf(store, runKey);
  files.ensureDirectory(annotationsRoot(store));
  files.ensureDirectory(target);
  for (const name of shared) {
    if (files.status(join(target, name)) !== undefined) continue;
    // As whatever is said is written: a step that changes the folder above too is seen by the index.
    const between = join(annotationsRoot(store), `.new-${name}`);
    files.rename(join(source, name), between);
    files.rename(between, join(target, name));
  }
  files.syncUp(target, store);
}

/** Moves what is not there yet; everything is durable by itself already. Another import may be at the same. */
function moveMissing(
  files: FileSystem,
  source: string,
  { target, names }: { readonly target: string; readonly names?: readonly string[] },
): void {
  for (const name of names ?? files.list(source)) {
    const place = join(target, name);
    if (files.status(place) === undefined) files.claim(join(source, name), place);
  }
}

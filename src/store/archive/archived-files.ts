/** Which files of a store belong to one run: all that is needed to look at it and to execute it again elsewhere. */
import { join } from "node:path";
import { readAnnotation } from "../annotations.ts";
import { readAttemptRecord } from "../attempt-record.ts";
import { readDataList } from "../data-lists.ts";
import { readDataRows } from "../data-rows.ts";
import type { FileSystem } from "../file-system.ts";
import type { PublishedRun } from "../published-run.ts";
import { packDigest, readSnapshot } from "../snapshot-store.ts";
import { numKeyDigits, runFiles } from "../run-layout.ts";

/** A file, and where it lies in a folder of runs; both with forward slashes on every system. */
export interface PlacedFile {
  /** Absolute. */
  readonly source: string;
  /** Relative to the folder of the runs. */
  readonly path: string;
}

/** The files of a run, and what of it cannot or shall not be archived. */
export interface RunFileList {
  readonly files: readonly PlacedFile[];
  /** Relative to the run. */
  readonly leftOut: readonly string[];
}

/** What was said about a run by one store about itself: it means nothing elsewhere. */
const ownKinds: ReadonlySet<string> = new Set(["duplicate", "conflict", "relocation", "import"]);

/** Tells whether an annotation of this kind goes with its run into another store. */
export function isSharedKind(kind: string): boolean {
  return !ownKinds.has(kind);
}

/**
 * Lists the files of a run, its code, its list of data and what was said about it. Links are not followed, and left out.
 * @throws {ExpError} `store` where the snapshot of its code is not as it was stored.
 * @param store - Absolute.
 * @param choice.hasCheckpoints - Whether its checkpoints are wanted.
 */
export function runFileList(
  files: FileSystem,
  store: string,
  { run, hasCheckpoints }: { readonly run: PublishedRun; readonly hasCheckpoints: boolean },
): RunFileList {
  const { directory, runKey, manifest } = run;
  const name = runKey.slice(0, numKeyDigits);
  const inRun = below(files, directory);
  const isKept = (path: string): boolean => hasCheckpoints || !path.startsWith("checkpoints/");
  const kept = inRun.files.filter(isKept).filter((path) => path !== runFiles.heartbeat);
  const placed = [
    ...kept.map((path) => `${name}/${path}`),
    ...codeFiles(files, store, run),
    ...dataFiles(files, store, manifest.identities.dataHash),
    ...sharedAnnotations(files, store, name),
  ];
  return {
    files: placed.map((path) => ({ path, source: join(store, path) })),
    leftOut: [...inRun.others, ...inRun.files.filter((path) => !isKept(path))].toSorted(),
  };
}

/** The program, the modules that were evaluated, and the snapshot that the run can be executed from. */
function codeFiles(files: FileSystem, store: string, run: PublishedRun): readonly string[] {
  const folder = `.code/${run.manifest.identities.codeHash}`;
  const record = readAttemptRecord(files, run.directory);
  const programs = ["bundle.js", "packages.json", "files.json"].map((name) => `${folder}/${name}`);
  const digits = record?.snapshot?.digest.slice(0, numKeyDigits);
  const snapshot = digits === undefined ? undefined : `${folder}/snapshots/${digits}`;
  const sources = record?.sources === undefined ? undefined : `${folder}/sources/${record.sources}`;
  const pack = snapshot === undefined ? undefined : `${snapshot}.pack`;
  const digest = record?.snapshot?.digest;
  const isPacked = pack !== undefined && isWholePack(files, join(store, pack), digest);
  if (digest !== undefined && !isPacked) {
    readSnapshot(files, store, { codeHash: run.manifest.identities.codeHash, digest });
  }
  return [
    ...programs.filter((path) => isFile(files, store, path)),
    ...(sources === undefined ? [] : filesIn(files, store, sources)),
    ...(isPacked ? [pack] : []),
    ...(snapshot === undefined || isPacked ? [] : filesIn(files, store, snapshot)),
  ];
}

/** A pack that is damaged is no reason to leave out the folder that was made of it earlier. */
function isWholePack(files: FileSystem, path: string, digest: string | undefined): boolean {
  const bytes = files.status(path)?.kind === "file" ? files.read(path) : undefined;
  return bytes !== undefined && packDigest(bytes) === digest;
}

/** The list of the data, and the short digests of their rows, by which it is told elsewhere which of them are others. */
function dataFiles(files: FileSystem, store: string, dataHash: string): readonly string[] {
  const list = readDataList(files, store, dataHash) ?? [];
  const rows = list
    .map(([, digest]) => digest)
    .filter((digest) => readDataRows(files, store, digest) !== undefined)
    .map((digest) => `.data/rows/${digest}`);
  const path = `.data/${dataHash}.json`;
  return [...(isFile(files, store, path) ? [path] : []), ...new Set(rows)];
}

function isFile(files: FileSystem, store: string, path: string): boolean {
  return files.status(join(store, path))?.kind === "file";
}

/** Folders named `node_modules` in a snapshot are links of whoever ran it here. */
function filesIn(files: FileSystem, store: string, folder: string): readonly string[] {
  return below(files, join(store, folder))
    .files.filter((path) => !path.split("/").includes("node_modules"))
    .map((path) => `${folder}/${path}`);
}

function sharedAnnotations(files: FileSystem, store: string, name: string): readonly string[] {
  const folder = `.annotations/${name}`;
  return filesIn(files, store, folder).filter((path) => {
    const kind = readAnnotation(files, join(store, path))?.kind;
    return kind !== undefined && isSharedKind(kind);
  });
}

interface Below {
  readonly files: readonly string[];
  /** Links, pipes and the like. */
  readonly others: readonly string[];
}

/** Everything below a folder that is no folder, relative to it; links not followed. */
function below(files: FileSystem, folder: string, prefix = ""): Below {
  const found = files.list(folder).map((name): Below => {
    const path = `${prefix}${name}`;
    const kind = files.status(join(folder, name))?.kind;
    if (kind === "directory") return below(files, join(folder, name), `${path}/`);
    return kind === "file" ? { files: [path], others: [] } : { files: [], others: [path] };
  });
  return {
    files: found.flatMap((one) => one.files),
    others: found.flatMap((one) => one.others),
  };
}

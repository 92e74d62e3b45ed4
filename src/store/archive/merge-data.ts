/**
 * Taking over the data of a run: the list of them, the digests of their rows, and the files themselves where they came
 * along. All of it is named by the data hash, but a name proves nothing: what comes is compared with the list, and so is
 * what lies there already.
 */
import { dirname, join, relative } from "node:path";
import { readDataList } from "../data-lists.ts";
import { readDataRows } from "../data-rows.ts";
import type { FileSystem } from "../file-system.ts";
import { entriesBelow } from "../fsck-findings.ts";
import { fileDigest } from "../manifest.ts";
import { requireRealFolders } from "../real-folders.ts";
import { damagedArchive } from "./damaged-archive.ts";

interface DataPlaces {
  /** The folder of runs that is taken apart, absolute. */
  readonly from: string;
  /** Absolute. */
  readonly store: string;
  readonly dataHash: string;
}

/**
 * Looks whether the files that came along are data of the run.
 * @param from - A folder of runs, absolute.
 * @throws {ExpError} `store` where one is not, or where nothing says which are.
 */
export function checkStagedData(files: FileSystem, from: string, dataHash: string): void {
  const folder = join(from, ".data", dataHash);
  if (files.list(folder).length === 0) return;
  const digests = digestsOf(files, from, dataHash);
  if (digests.size === 0) throw damagedArchive("it has data, and no list of them");
  for (const { path, kind } of entriesBelow(files, folder)) {
    if (kind === "file" && digests.has(fileDigest(files, path) ?? "")) continue;
    const name = relative(folder, path);
    throw damagedArchive(`${name} among its data has other bytes than the data that the run read`);
  }
}

/** Takes the data of a run over, after `checkStagedData`. What lies there and is damaged gives way to what came. */
export function mergeData(files: FileSystem, places: DataPlaces): void {
  const { from, store, dataHash } = places;
  const [source, target] = [join(from, ".data"), join(store, ".data")];
  if (files.list(source).length === 0) return;
  files.ensureDirectory(target);
  const digests = digestsOf(files, from, dataHash);
  mergeRows(files, places, digests);
  const list = `${dataHash}.json`;
  const isListDamaged = readDataList(files, store, dataHash) === undefined;
  if (digests.size > 0 && isListDamaged) files.rename(join(source, list), join(target, list));
  mergeFiles(files, {
    store,
    source: join(source, dataHash),
    target: join(target, dataHash),
    isData: (path) => digests.has(fileDigest(files, path) ?? ""),
  });
  files.syncUp(target, store);
}

/** SHA-256 of every file of a data hash; none where that is not known. */
function digestsOf(files: FileSystem, store: string, dataHash: string): ReadonlySet<string> {
  return new Set((readDataList(files, store, dataHash) ?? []).map(([, digest]) => digest));
}

interface DataFolders {
  readonly store: string;
  readonly source: string;
  readonly target: string;
  /** Whether a file holds data of the run, by its bytes. */
  readonly isData: (path: string) => boolean;
}

/** Whole where nothing lies there; else file by file, each by a rename. Another import may be at the same. */
function mergeFiles(files: FileSystem, { store, source, target, isData }: DataFolders): void {
  if (files.list(source).length === 0) return;
  if (files.claim(source, target) === "claimed") return;
  const folders = new Set<string>();
  for (const { path } of entriesBelow(files, source)) {
    const place = join(target, relative(source, path));
    if (isData(place)) continue;
    requireRealFolders(files, store, dirname(place)); // no link leads out of the store
    files.ensureFolders(dirname(place));
    files.rename(path, place);
    folders.add(dirname(place));
  }
  for (const folder of folders) files.syncUp(folder, target);
}

/** Digests of rows, as far as they are whole; those that are here already stay. */
function mergeRows(
  files: FileSystem,
  { from, store }: DataPlaces,
  digests: ReadonlySet<string>,
): void {
  const whole = [...digests].filter((name) => readDataRows(files, from, name) !== undefined);
  const missing = whole.filter((name) => readDataRows(files, store, name) === undefined);
  if (missing.length === 0) return;
  const target = join(store, ".data", "rows");
  files.ensureDirectory(target);
  for (const name of missing) files.rename(join(from, ".data", "rows", name), join(target, name));
  files.syncUp(target, target);
}

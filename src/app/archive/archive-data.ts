/** The data of a run for its archive: the files behind the locations of its config, as far as they are still the same. */
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join, resolve, sep } from "node:path";
import { ExpError } from "../../core/errors.ts";
import type { ArchivedLocation } from "../../store/archive/archive-list.ts";
import type { PlacedFile } from "../../store/archive/archived-files.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { fileDigest } from "../../store/manifest.ts";
import type { StoredRun } from "../verify/stored-run.ts";
import { readConfig } from "../run-store.ts";
import { locationHere, relocationsOf, textsOf } from "./locations.ts";

/** Files of the data, by where they will lie in a folder of runs. */
export interface ArchivedData {
  readonly files: readonly PlacedFile[];
  readonly locations: readonly ArchivedLocation[];
}

/**
 * Finds the data that a run read.
 * @throws {ExpError} `data` where not all of them are found with the bytes that the run read; `store` where it is not known
 *   any more which those are.
 */
export function archivedData(stored: StoredRun): ArchivedData {
  const { store, run } = stored;
  const list = store.readDataList(run.dataHash);
  if (list === undefined) {
    throw new ExpError("store", `It is not known any more which data ${run.name} read.`, {
      hint: "Archive it without --with-data: the data are proved by their hash wherever they are.",
    });
  }
  const wanted = new Map(list.map(([name, digest]) => [digest, name] as const));
  const locations = textsOf(readConfig(stored.published)).filter((text) => isTaken(stored, text));
  const found = locations.flatMap((location, index) =>
    filesAt(stored, { location, wanted, folder: `.data/${run.dataHash}/${index}` }),
  );
  const digests = new Set(found.flatMap(({ files }) => files.map(({ digest }) => digest)));
  const missing = list.filter(([, digest]) => !digests.has(digest)).map(([name]) => name);
  const tried = locations.filter((location) => /[./\\]/.test(location));
  if (missing.length > 0) throw notFound(missing, { numFiles: list.length, locations: tried });
  return {
    files: found.flatMap(({ files }) => files),
    locations: found.map(({ from, to }) => ({ from, to })),
  };
}

function notFound(
  missing: readonly string[],
  { numFiles, locations }: { readonly numFiles: number; readonly locations: readonly string[] },
): ExpError {
  const shown = missing.slice(0, 5).join(", ") + (missing.length > 5 ? ", …" : "");
  const where = locations.length === 0 ? "it names none that is here" : locations.join(", ");
  return new ExpError(
    "data",
    `${missing.length} of ${numFiles} files of the data are not at the locations of the config (${where}) as the run read them: ${shown}.`,
    {
      hint: "Put them back, or archive it without --with-data: data of an installed package come with the package.",
    },
  );
}

/** Not the project nor anything above it, and not the folder of the runs. */
function isTaken(stored: StoredRun, location: string): boolean {
  const { store, projectDirectory } = stored;
  const path = placeOf(stored, location);
  if (!existsSync(path)) return false;
  const real = realpathSync(path);
  return [projectDirectory, store.directory]
    .filter(existsSync)
    .every((folder) => !`${realpathSync(folder)}${sep}`.startsWith(`${real}${sep}`));
}

/** Where a location of the stored config is here; absolute. */
function placeOf({ store, run, projectDirectory }: StoredRun, location: string): string {
  const relocations = relocationsOf(store, run.runKey);
  const here = locationHere(location, { relocations, store: store.directory });
  return resolve(projectDirectory, here);
}

interface FoundLocation extends ArchivedLocation {
  readonly files: readonly (PlacedFile & { readonly digest: string })[];
}

interface Search {
  readonly location: string;
  /** Names by SHA-256. */
  readonly wanted: ReadonlyMap<string, string>;
  /** For the files, relative to the folder of the runs. */
  readonly folder: string;
}

function filesAt(
  stored: StoredRun,
  { location, wanted, folder }: Search,
): readonly FoundLocation[] {
  const root = realpathSync(placeOf(stored, location));
  const isFolder = statSync(root).isDirectory();
  const names = isFolder ? namesBelow(root, "") : [basename(location)];
  const files = createFileSystem();
  const found = names.flatMap((name) => {
    const source = isFolder ? join(root, name) : root;
    const digest = fileDigest(files, source);
    const isData = digest !== undefined && wanted.has(digest);
    return isData ? [{ path: `${folder}/${name}`, source, digest }] : [];
  });
  const to = isFolder ? folder : `${folder}/${basename(location)}`;
  return found.length === 0 ? [] : [{ from: location, to, files: found }];
}

/** Links are not followed: what they lead to is not looked for. */
function namesBelow(folder: string, prefix: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory()) return namesBelow(join(folder, entry.name), `${name}/`);
    return entry.isFile() ? [name] : [];
  });
}

/** `.data/<data hash>/`: files that came with the archive of a run, and which of them no run is left to read. */
import { join } from "node:path";
import { attemptNumbers } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import { parseManifest } from "./manifest.ts";
import { conflictsRoot, isRunName, isSha256, runFiles } from "./run-layout.ts";
import { listTrash } from "./trash.ts";

/**
 * Folders of archived data of which no run knows: none that is finished, none that is kept as a conflict, and none in the
 * trash. Where a manifest cannot be read, it may be that of any data, and all are needed.
 * @param store - Absolute.
 * @returns Absolute.
 */
export function unusedData(files: FileSystem, store: string): readonly string[] {
  const root = join(store, ".data");
  const names = foldersIn(files, root).filter(isSha256);
  if (names.length === 0) return []; // reading every manifest takes time
  const used = new Set<string>();
  for (const directory of runDirectories(files, store)) {
    const path = join(directory, runFiles.manifest);
    const text = files.status(path)?.kind === "file" ? files.readText(path) : undefined;
    const manifest = text === undefined ? "missing" : parseManifest(text);
    if (typeof manifest === "string") return [];
    used.add(manifest.identities.dataHash);
  }
  return names.filter((name) => !used.has(name)).map((name) => join(root, name));
}

/** Everywhere where a run with its manifest lies. */
function runDirectories(files: FileSystem, store: string): readonly string[] {
  const trashed = listTrash(files, store).filter(({ run }) => run !== undefined);
  return [store, ...trashed.map(({ directory }) => directory)].flatMap((root) => {
    const published = foldersIn(files, root).filter(isRunName);
    const conflicts = conflictsRoot(root);
    return [
      ...published.map((name) => join(root, name)),
      ...foldersIn(files, conflicts).flatMap((name) =>
        attemptNumbers(files, join(conflicts, name)).map((number) =>
          join(conflicts, name, String(number)),
        ),
      ),
    ];
  });
}

/** Names of the real folders in a folder; a link in its place is left alone. */
function foldersIn(files: FileSystem, folder: string): readonly string[] {
  if (files.status(folder)?.kind !== "directory") return [];
  return files
    .list(folder)
    .filter((name) => files.status(join(folder, name))?.kind === "directory");
}

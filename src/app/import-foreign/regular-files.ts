/** Files of a folder that somebody else filled: links, pipes and devices are passed over. */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file, and the folder that it lies in. */
export interface RegularFile {
  readonly directory: string;
  readonly name: string;
  readonly path: string;
}

/** Folders of runs are a few levels deep. */
const maxDepth = 30;

/** The files at and below a folder whose names fit, folder by folder in the order of the names. */
export function filesBelow(
  directory: string,
  isWanted: (name: string) => boolean,
  depth = 0,
): readonly RegularFile[] {
  if (depth > maxDepth) return [];
  const entries = readdirSync(directory, { withFileTypes: true }).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  return entries.flatMap((entry) => {
    const { name } = entry;
    const path = join(directory, name);
    if (entry.isDirectory()) return filesBelow(path, isWanted, depth + 1);
    return entry.isFile() && isWanted(name) ? [{ directory, name, path }] : [];
  });
}

/** Tells whether a folder lies there, and no link to one. */
export function isRegularFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The names of the folders in a folder; none where it is no folder. */
export function foldersIn(directory: string): readonly string[] {
  if (!isRegularFolder(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

/** Tells whether a file lies there, and no link to one. */
export function isRegularFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * The bytes of a file, or a sentence that says why they are not read.
 * @param maxBytes - Of what is read at most.
 */
export function readLimited(path: string, maxBytes: number): Buffer | string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return `${path} is no file`;
  if (found.size <= maxBytes) return readFileSync(path);
  return `${path} has ${found.size} bytes and is left out; at most ${maxBytes} are read`;
}

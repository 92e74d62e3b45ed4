/** Finds the files of sources on disk from `data.path` and `data.files`, and says clearly which one is missing. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ExpError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";
import type { DataFile } from "../core/task.ts";

/** A file of the config that exists. */
export interface SourceFile extends DataFile {
  /** The location as the config has it, for messages. */
  readonly shown: string;
}

/** One place in the config that holds a file's location. */
export interface FileField {
  /** Path of the field, e.g. `data.files.train`. */
  readonly field: string;
  /** Its role, which names the file in the data identity whatever it is called on disk. */
  readonly name: string;
  readonly location: string;
}

/** The fields of a source that reads files. */
interface FileSettings<Files> {
  readonly path?: string | undefined;
  readonly files?: Files | undefined;
}

/** `data.path` together with the fields under `data.files`, or `undefined` where the path alone is the file. */
type ListFields<Files> = (files: Files) => readonly FileField[];

/**
 * The files of a source, in reading order: those of `data.files` (inside `data.path`, where that is set), else the one
 * at `data.path`, under the name `train`.
 * @throws {ExpError} `config` when the two contradict each other or neither is set; `data` when a file is missing.
 */
export async function findSourceFiles<Files>(
  settings: FileSettings<Files>,
  listFields: ListFields<Files>,
  projectDirectory: string,
): Promise<readonly SourceFile[]> {
  const { path, files } = settings;
  if (files === undefined) return [await findSingleFile(path, projectDirectory)];
  if (path !== undefined) await checkFolder(path, projectDirectory);
  const found: SourceFile[] = [];
  for (const field of listFields(files)) {
    const location = path === undefined ? field.location : join(path, field.location);
    // An absolute location stays where it is, whatever folder stands before it.
    const absolute = resolve(projectDirectory, path ?? "", field.location);
    found.push(await existing({ ...field, location }, absolute));
  }
  return found;
}

/**
 * The file of one field.
 * @throws {ExpError} `data` when it is missing.
 */
export function findFile(field: FileField, projectDirectory: string): Promise<SourceFile> {
  return existing(field, resolve(projectDirectory, field.location));
}

async function existing({ field, name, location }: FileField, path: string): Promise<SourceFile> {
  if ((await kindOf(path)) === "file") return { path, name, shown: location };
  throw await missingFile(field, location, path);
}

async function findSingleFile(
  path: string | undefined,
  projectDirectory: string,
): Promise<SourceFile> {
  if (path === undefined) {
    throw new ExpError("config", "The data source has no file to read.", {
      issues: [{ path: ["data"], message: "path or files.train must be set" }],
    });
  }
  const absolute = resolve(projectDirectory, path);
  const kind = await kindOf(absolute);
  if (kind === "folder") throw await folderWithoutFiles(path, absolute);
  if (kind !== "file") throw await missingFile("data.path", path, absolute);
  return { path: absolute, name: "train", shown: path };
}

async function checkFolder(path: string, projectDirectory: string): Promise<void> {
  const absolute = resolve(projectDirectory, path);
  const kind = await kindOf(absolute);
  if (kind === "folder") return;
  if (kind === undefined) throw await missingFile("data.path", path, absolute);
  throw new ExpError("data", `data.path: ${path} is a file, but data.files needs a folder.`, {
    hint: "Name the folder that holds data.files, or remove data.files to split this one file.",
  });
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  try {
    const status = await stat(path);
    return status.isDirectory() ? "folder" : "file";
  } catch {
    return undefined; // whatever the reason, it cannot be read; the message shows the folder around it
  }
}

async function folderWithoutFiles(shown: string, absolute: string): Promise<ExpError> {
  const entries = await entriesOf(absolute);
  return new ExpError(
    "data",
    `data.path: ${shown} is a folder, and data.files does not say what to read in it. It holds ${listNames(entries)}.`,
    { hint: "Set data.files.train (and .validation, .test), or name one file in data.path." },
  );
}

async function missingFile(field: string, shown: string, absolute: string): Promise<ExpError> {
  const folder = dirname(absolute);
  const entries = await entriesOf(folder);
  const near = nearest(basename(absolute), entries);
  const around =
    (await kindOf(folder)) === "folder" ? ` Its folder holds ${listNames(entries)}.` : "";
  const problem =
    (await kindOf(absolute)) === "folder" ? "is a folder, not a file" : "does not exist";
  return new ExpError("data", `${field}: ${shown} ${problem}.${around}`, {
    hint:
      near === undefined || near === basename(absolute)
        ? `Looked at ${absolute}.`
        : `Looked at ${absolute}. Did you mean ${near}?`,
  });
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    return [];
  }
}

function listNames(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  const more = names.length > 10 ? `, … (${names.length} in all)` : "";
  return names.slice(0, 10).join(", ") + more;
}

/** Makes a small working project: one experiment that trains in seconds, a sweep, and a group of presets. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { pathStatus } from "../resolve/path-status.ts";
import { ExpError } from "../core/errors.ts";
import { projectFiles } from "./init-files.ts";
import { ownRoot } from "./version.ts";

export interface InitRequest {
  /** Absolute, or relative to the working directory. */
  readonly folder: string;
  /** Absolute. */
  readonly workingDirectory: string;
  /** Add what is missing to a folder that is not empty; nothing that is there is written over. */
  readonly force: boolean;
}

/** What was made. */
export interface NewFolder {
  /** Absolute. */
  readonly directory: string;
  /** Paths in the folder. */
  readonly written: readonly string[];
  /** Files that were there already, and are as they were. */
  readonly kept: readonly string[];
  /** How npm is told where Lockstep is. */
  readonly lockstep: string;
}

/** What may lie in a folder that counts as empty. */
const unobtrusive = new Set([".git", ".DS_Store"]);
const maxListed = 10;

/**
 * Makes a project in an empty or new folder.
 * @throws {ExpError} `usage` for a folder that is not empty, naming what is in the way, and for one that is a file.
 */
export function initProject({ folder, workingDirectory, force }: InitRequest): NewFolder {
  const directory = resolve(workingDirectory, folder);
  const present = entriesOf(directory, folder);
  if (present.length > 0 && !force) throw notEmpty(folder, present);
  const lockstep = `file:${relative(directory, ownRoot()).split(sep).join("/")}`;
  const files = projectFiles({ name: packageName(directory), lockstep });
  makeFolder(directory, folder);
  const written: string[] = [];
  const kept: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    (writeNew(join(directory, path), text) ? written : kept).push(path);
  }
  return { directory, written, kept, lockstep };
}

function entriesOf(directory: string, folder: string): readonly string[] {
  const stats = pathStatus(directory);
  if (stats === undefined) return [];
  if (!stats.isDirectory()) {
    throw new ExpError("usage", `${folder} is a file, not a folder.`, {
      hint: "Name a new or empty folder.",
    });
  }
  return readdirSync(directory)
    .filter((name) => !unobtrusive.has(name))
    .sort();
}

function notEmpty(folder: string, present: readonly string[]): ExpError {
  const more = present.length > maxListed ? `, and ${present.length - maxListed} more` : "";
  const listed = `${present.slice(0, maxListed).join(", ")}${more}`;
  return new ExpError("usage", `${folder} is not empty: it holds ${listed}.`, {
    hint: "Name a new or empty folder, or add --force: it writes what is missing and leaves what is there as it is.",
  });
}

function makeFolder(directory: string, folder: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExpError("usage", `${folder} cannot be made: ${reason}.`, { cause: error });
  }
}

/** Writes a file unless there is one; never through or over anything that exists. */
function writeNew(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) return false;
  writeFileSync(path, text, { flag: "wx" });
  return true;
}

/** A name of npm's: lower case letters, digits, dots and dashes, beginning with a letter or digit. */
function packageName(directory: string): string {
  const name = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/gu, "-")
    .replace(/^[^a-z0-9]+|-+$/gu, "");
  return name === "" || name === "lockstep" ? "experiments" : name;
}

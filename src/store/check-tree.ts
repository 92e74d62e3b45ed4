/**
 * Looking at what lies in an attempt before it is published. A published run is moved, copied and archived, and must mean
 * the same everywhere: it holds files, folders, and below `files/` links that stay inside of it.
 */
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { ExpError } from "../core/errors.ts";
import type { FileSystem } from "./file-system.ts";
import { isSafeRelativePath } from "./run-layout.ts";

/** The folder of a run that is its task's own. */
const ownFolder = "files";

/**
 * Lets a directory through that can be published; absolute links below `files/` that lead inside are made relative, since
 * the directory is about to move.
 * @throws {ExpError} `training` with everything that cannot be kept.
 */
export function checkTree(files: FileSystem, directory: string): void {
  const problems: string[] = [];
  const visit = (folder: string): void => {
    for (const name of files.list(folder)) {
      const place = join(folder, name);
      const kind = files.status(place)?.kind;
      if (!isNameable(directory, place))
        problems.push(
          `${JSON.stringify(nameOf(directory, place))} has a name that no manifest can hold`,
        );
      if (kind === "directory") visit(place);
      else if (kind === "link") keepLink({ files, directory, problems }, place);
      else if (kind === "other")
        problems.push(`${nameOf(directory, place)} is a pipe, a socket or a device`);
    }
  };
  visit(directory);
  if (problems.length === 0) return;
  throw new ExpError(
    "training",
    `The run's folder holds what cannot be kept: ${problems.join("; ")}. Nothing was published.`,
    {
      hint: `A run keeps files and folders, and below ${ownFolder}/ links to something in the run itself. Copy what a link leads to, and remove pipes and sockets before the end.`,
    },
  );
}

interface Visit {
  readonly files: FileSystem;
  readonly directory: string;
  readonly problems: string[];
}

function keepLink({ files, directory, problems }: Visit, place: string): void {
  const name = nameOf(directory, place);
  const target = files.readLink(place);
  const real = files.realPath(place);
  if (!name.startsWith(`${ownFolder}/`)) {
    problems.push(`${name} is a link, and not below ${ownFolder}/`);
  } else if (real === undefined) {
    problems.push(`${name} is a link to ${target}, where nothing is`);
  } else if (!isInside(files.realPath(directory) ?? directory, real)) {
    problems.push(`${name} is a link out of the run, to ${target}`);
  } else if (isAbsolute(target)) {
    files.replaceLink(place, relative(files.realPath(dirname(place)) ?? dirname(place), real));
  }
}

/** The manifest lists the results by name. */
function isNameable(directory: string, place: string): boolean {
  const name = nameOf(directory, place);
  return !name.startsWith("results/") || isSafeRelativePath(name);
}

function isInside(folder: string, path: string): boolean {
  return path.startsWith(`${folder}${sep}`);
}

function nameOf(directory: string, place: string): string {
  return relative(directory, place).split(sep).join("/");
}

/** Places as documents of a run name them: relative to the project, so that they mean something on another machine. */
import { isAbsolute, join, relative, sep } from "node:path";

/** Folders of a project, absolute. */
export interface ProjectFolders {
  readonly projectDirectory: string;
  /** Where its runs are; it may lie outside the project. */
  readonly runsDirectory: string;
}

/**
 * The folder of the runs, relative to the project. One outside of it is `runs` as well: where it lay on the machine that made
 * the run means nothing on another, and an archive is taken to `runs`.
 */
export function runsFolderText({ projectDirectory, runsDirectory }: ProjectFolders): string {
  const path = relative(projectDirectory, runsDirectory);
  return isOutside(path) ? "runs" : posixPath(path === "" ? "." : path);
}

/** A file or folder, relative to the project; what lies among the runs as `runsFolderText` names them, anything else outside by its absolute path. */
export function placeText(folders: ProjectFolders, place: string): string {
  const path = relative(folders.projectDirectory, place);
  if (!isOutside(path)) return posixPath(path);
  const inRuns = relative(folders.runsDirectory, place);
  return isOutside(inRuns) ? place : posixPath(join(runsFolderText(folders), inRuns));
}

/** A path as it is written on every machine. */
export function posixPath(path: string): string {
  return path.split(sep).join("/");
}

function isOutside(path: string): boolean {
  return isAbsolute(path) || path.split(sep)[0] === "..";
}

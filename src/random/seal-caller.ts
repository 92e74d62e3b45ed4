/** Who called a sealed function: the nearest frame of the stack that lies in a file. */
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import {
  compiledPlace,
  formatPlace,
  framesAbove,
  sourcePlace,
  type Callable,
  type Place,
} from "../core/stack-frames.ts";

/** Lockstep's own folders, in the repository and in the package alike: its code may read what projects may not. */
const sourceFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const ownFolders = [sourceFolder, join(dirname(sourceFolder), "schemas")];

/** Wrappers stand in these files; they call on behalf of others. */
const wrapperFile = join(sourceFolder, "random", "seal-ambient");

/** Native frames (`Array.map`) have no file and are passed over, so a few more than one are needed. */
const numFrames = 20;

/** ` (at <file>:<line>)` of whoever called `above`, or nothing where no file is known. For messages. */
export function callerPlace(above: Callable): string {
  const caller = nearestCaller(above);
  if (caller === undefined) return "";
  return ` (at ${formatPlace(sourcePlace(caller.frame) ?? caller.compiled)})`;
}

/**
 * `<file>:<line>:<column>` of whoever called `above`, relative to the project, where that is code of the project:
 * inside its folder, in no `node_modules`, and not Lockstep's own.
 */
export function projectPlace(projectDirectory: string, above: Callable): string | undefined {
  const caller = nearestCaller(above);
  if (!caller || !isProjectCode(projectDirectory, caller.compiled.file)) return undefined;
  const place = sourcePlace(caller.frame) ?? caller.compiled;
  const file = relative(projectDirectory, place.file).split(sep).join("/");
  return formatPlace({ ...place, file });
}

interface Caller {
  readonly frame: NodeJS.CallSite;
  /** Where it stands in what was compiled. */
  readonly compiled: Place;
}

function nearestCaller(above: Callable): Caller | undefined {
  for (const frame of framesAbove(above, numFrames)) {
    const compiled = compiledPlace(frame);
    if (compiled && !compiled.file.startsWith(wrapperFile)) return { frame, compiled };
  }
  return undefined;
}

/** Files of Node itself are named `node:...`, which is not absolute. */
function isProjectCode(projectDirectory: string, file: string): boolean {
  if (!isAbsolute(file) || ownFolders.some((folder) => isInside(folder, file))) return false;
  if (!isInside(projectDirectory, file)) return false;
  return !relative(projectDirectory, file).split(sep).includes("node_modules");
}

function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== "" && path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

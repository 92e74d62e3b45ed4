/** Who called a sealed function: the nearest frame of the stack that lies in a file. */
import { findSourceMap } from "node:module";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Any function, of whatever parameters: only its identity counts here. */
export type Callable = (...parameters: never[]) => unknown;

/** Lockstep's own folders, in the repository and in the package alike: its code may read what projects may not. */
const sourceFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const ownFolders = [sourceFolder, join(dirname(sourceFolder), "schemas")];

/** Wrappers stand in these files; they call on behalf of others. */
const wrapperFile = join(sourceFolder, "random", "seal-ambient");

/** Native frames (`Array.map`) have no file and are passed over, so a few more than one are needed. */
const numFrames = 20;

/** ` (at <file>:<line>)` of whoever called `above`, or nothing where no file is known. For messages. */
export function callerPlace(above: Callable): string {
  const frame = nearestFrame(above);
  return frame === undefined ? "" : ` (at ${formatPlace(mapped(frame))})`;
}

/**
 * `<file>:<line>:<column>` of whoever called `above`, relative to the project, where that is code of the project:
 * inside its folder, in no `node_modules`, and not Lockstep's own.
 */
export function projectPlace(projectDirectory: string, above: Callable): string | undefined {
  const frame = nearestFrame(above);
  if (frame === undefined || !isProjectCode(projectDirectory, frame.file)) return undefined;
  const place = mapped(frame);
  const file = relative(projectDirectory, place.file).split(sep).join("/");
  return formatPlace({ ...place, file });
}

interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

function nearestFrame(above: Callable): Place | undefined {
  for (const frame of frames(above)) {
    const name = frame.getFileName() ?? frame.getScriptNameOrSourceURL();
    if (!name) continue;
    const file = name.startsWith("file:") ? fileURLToPath(name) : name;
    if (file.startsWith(wrapperFile)) continue;
    return { file, line: frame.getLineNumber() ?? 1, column: frame.getColumnNumber() ?? 1 };
  }
  return undefined;
}

function frames(above: Callable): readonly NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.prepareStackTrace = (_error, callSites) => callSites;
    Error.stackTraceLimit = numFrames;
    Error.captureStackTrace(holder, above);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The place in the source, where a source map is registered; else the one in what was compiled from it. */
function mapped(place: Place): Place {
  const entry = findSourceMap(place.file)?.findEntry(place.line - 1, place.column - 1);
  if (!entry || !("originalSource" in entry) || !entry.originalSource) return place;
  const { originalLine, originalColumn } = entry;
  return { file: place.file, line: originalLine + 1, column: originalColumn + 1 };
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

/**
 * Fields that are file system paths. Written in a module they are relative to that module's folder, on the command line
 * to the working directory; a resolved config holds them relative to the project, with forward slashes, so that it is
 * the same on every machine.
 */
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { parsePath, valueAt, type Path } from "../core/path.ts";
import { isRunPrefix } from "../core/run-name.ts";
import type { Layer } from "./layers.ts";

/** Where locations are counted from; both absolute. */
export interface Folders {
  readonly projectDirectory: string;
  readonly workingDirectory: string;
}

/** A location that a layer wrote. */
export interface Location {
  readonly path: Path;
  readonly layer: Layer;
  /** The path of the field that the location is relative to, where that one is set. */
  readonly insideOf: string | undefined;
  /** The name of a run may stand here instead. */
  readonly orRun: boolean;
}

/** Replaces one location in a draft by its form relative to the project; leaves what is inside of another field. */
export function rebaseLocation(
  root: object,
  { path, layer, insideOf, orRun }: Location,
  folders: Folders,
): void {
  const holder = valueAt(root, path.slice(0, -1));
  const key = path.at(-1);
  const written = valueAt(root, path);
  if (typeof holder !== "object" || holder === null || key === undefined) return;
  if (typeof written !== "string" || written === "") return; // refused by the schema's own check
  if (insideOf !== undefined && isSet(root, insideOf)) return;
  if (orRun && isRunPrefix(written)) return;
  const folder =
    layer.source.kind === "module" ? dirname(layer.source.call.file) : folders.workingDirectory;
  const location = projectLocation(resolve(folder, written), folders.projectDirectory);
  (holder as Record<string | number, unknown>)[key] =
    orRun && isRunPrefix(location) ? `./${location}` : location;
}

function isSet(root: object, path: string): boolean {
  const other = valueAt(root, parsePath(path) ?? []);
  return other !== undefined && other !== null;
}

/**
 * A place on disk as configs, plans and provenance write it: relative to the project with forward slashes, absolute
 * only where it lies on another drive.
 * @param file - Absolute.
 */
export function projectLocation(file: string, projectDirectory: string): string {
  const path = relative(projectDirectory, file);
  if (path === "") return ".";
  return (isAbsolute(path) ? file : path).split(sep).join("/");
}

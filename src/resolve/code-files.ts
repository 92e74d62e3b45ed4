/** The files of a task's code by names that are the same on every machine, for telling later what changed. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { isPlainObject } from "../core/json.ts";
import { projectLocation } from "./locations.ts";
import { readable } from "./readable.ts";

export interface CodeFile {
  /** Relative to the project; for a file of another package `<name>/<path in it>`. */
  readonly path: string;
  /** A byte that is no UTF-8 is U+FFFD. */
  readonly text: string;
}

/** @param files - Absolute, from `codeIdentity`. */
export function codeFiles(files: readonly string[], projectDirectory: string): readonly CodeFile[] {
  return files
    .filter((file) => existsSync(file)) // what a package declares as absent for Node has a name and no file
    .map((file) => ({ path: label(file, projectDirectory), text: readText(file) }));
}

function readText(file: string): string {
  return readable(file, () => readFileSync(file, "utf8"));
}

function label(file: string, projectDirectory: string): string {
  const isInside =
    file.startsWith(projectDirectory + sep) && !file.split(sep).includes("node_modules");
  if (isInside) return projectLocation(file, projectDirectory);
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (!existsSync(manifest)) continue;
    const facts: unknown = JSON.parse(readText(manifest));
    if (!isPlainObject(facts) || typeof facts["name"] !== "string") continue;
    return `${facts["name"]}/${relative(folder, file).split(sep).join("/")}`;
  }
  return projectLocation(file, projectDirectory);
}

/** Where runs are kept, for whoever has no config that could say so. */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { isRunName, runFiles } from "../store/run-layout.ts";

/**
 * The folder of the runs, absolute: the given one, else `LOCKSTEP_RUNS`, else `runs` beside the nearest package.json.
 * @param given - Relative to the working directory, or absolute.
 */
export function runsFolder(
  given: string | undefined,
  workingDirectory: string = process.cwd(),
): string {
  const named = given ?? process.env["LOCKSTEP_RUNS"];
  if (named !== undefined && named !== "") return resolve(workingDirectory, named);
  for (let folder = resolve(workingDirectory); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return join(folder, "runs");
    if (folder === dirname(folder)) return resolve(workingDirectory, "runs");
  }
}

/**
 * The folder of the runs in which the run of a name is, absolute: that of `runsFolder`, but for a path to a run of another
 * folder, which says itself where it is, unless a folder is given.
 * @param name - As typed: digits of a key, or a path.
 * @param given - As for `runsFolder`.
 */
export function runsFolderOf(
  name: string,
  given: string | undefined,
  workingDirectory: string,
): string {
  const folder = runsFolder(given, workingDirectory);
  const isHere = runNameOfPath(folder, name, workingDirectory) !== undefined;
  return given !== undefined || isHere ? folder : (storeAround(name, workingDirectory) ?? folder);
}

/**
 * The folder of runs that a path leads into, absolute, wherever it lies; `undefined` for what is no path of a run, or of one
 * that was taken out of its store.
 * @param path - As typed: of a run, an attempt, or any file in one.
 */
export function storeAround(path: string, workingDirectory: string): string | undefined {
  if (!/[./\\]/u.test(path)) return undefined;
  const start = resolve(workingDirectory, path);
  if (/[/\\]\.(?:trash|conflicts)[/\\]/u.test(start)) return undefined;
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    if (!isRunName(basename(folder)) || !existsSync(folder)) continue;
    const above = dirname(folder);
    if (basename(above) === ".attempts") return dirname(above);
    if (basename(dirname(above)) === ".foreign") return dirname(dirname(above));
    if (existsSync(join(folder, runFiles.manifest))) return above;
  }
  return undefined;
}

/**
 * The first digits of the run that a path lies in: `runs/<digits>`, or any file in it; `undefined` for what is no path of
 * a run.
 * @param store - The folder of the runs, absolute.
 * @param path - As typed; a name without a dot or a slash is no path.
 */
export function runNameOfPath(
  store: string,
  path: string,
  workingDirectory: string,
): string | undefined {
  if (!/[./\\]/u.test(path)) return undefined;
  const parts = relative(store, resolve(workingDirectory, path)).split(sep);
  const depth = { ".attempts": 1, ".foreign": 2 }[parts[0] ?? ""] ?? 0;
  const name = parts[depth];
  return name !== undefined && /^[0-9a-f]{16}$/u.test(name) ? name : undefined;
}

/** Where runs are kept, for whoever has no config that could say so. */
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

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

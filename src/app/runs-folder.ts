/** Where runs are kept, for whoever has no config that could say so. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

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

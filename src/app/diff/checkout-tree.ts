/** A revision's modules in a folder of their own, so that they can be evaluated; the repository is not touched. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { readProjectFiles, type Revision } from "./git-files.ts";

export interface CheckedOut {
  /** Absolute: what the project's folder is in the revision. */
  readonly project: string;
  readonly remove: () => void;
}

/**
 * Writes the project of a revision into a temporary folder; its packages are those that are installed now.
 * @param project - Absolute: the project's folder in the working tree.
 */
export async function checkOut(
  repository: string,
  project: string,
  revision: Revision,
): Promise<CheckedOut> {
  const texts = await readProjectFiles(repository, revision);
  const folder = mkdtempSync(join(tmpdir(), "lockstep-diff-"));
  for (const [path, text] of texts) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  for (let at = project; ; at = dirname(at)) {
    const packages = join(at, "node_modules");
    const place = join(folder, relative(repository, at));
    if (existsSync(packages) && existsSync(place))
      symlinkSync(packages, join(place, "node_modules"));
    if (at === repository || at === dirname(at)) break;
  }
  return {
    project: join(folder, relative(repository, project)),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

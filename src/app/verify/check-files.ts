/** Whether a run's files are those that were published: a verdict about others would be about nobody's run. */
import { ExpError } from "../../core/errors.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { contradictions, damagedFiles, type PublishedRun } from "../../store/published-run.ts";

/**
 * Lets a run through whose every file of the manifest has the bytes that it was published with, and whose manifest says what
 * they say. Reads all of them.
 * @throws {ExpError} `store` with all that are others.
 */
export function refuseChangedFiles(published: PublishedRun): void {
  const { directory, manifest } = published;
  const files = createFileSystem();
  const damage = damagedFiles(files, published);
  const problems = damage.length > 0 ? damage : contradictions(files, published);
  if (problems.length === 0) return;
  const key = manifest.identities.runKey.slice(0, 16);
  throw new ExpError(
    "store",
    `The files of the run ${key} are not those that were published: ${problems.join("; ")} (${directory}).`,
    {
      hint: "Nothing was executed: what came out could not be told from what was changed. exp fsck names all that is damaged; take an intact copy of the run, or run it again.",
    },
  );
}

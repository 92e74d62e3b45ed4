/** Whether a run's files are those that were published: a verdict about others would be about nobody's run. */
import { ExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { damagedFiles, type PublishedRun } from "../../store/published-run.ts";
import { runFiles } from "../../store/run-layout.ts";

/**
 * Lets a run through whose every file of the manifest has the bytes that it was published with. Reads all of them.
 * @throws {ExpError} `store` with all that are others.
 */
export function refuseChangedFiles(published: PublishedRun): void {
  const { directory, manifest } = published;
  const problems = [...damagedFiles(createFileSystem(), published), ...traceProblem(published)];
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

/** The manifest says the digest of the trace twice. */
function traceProblem({ manifest }: PublishedRun): readonly string[] {
  const listed = manifest.files.find(({ path }) => path === runFiles.traceLog)?.sha256;
  return (listed ?? sha256("")) === manifest.identities.traceDigest
    ? []
    : [`manifest.json has two digests of ${runFiles.traceLog}`];
}

/** Whether a run's files are those that were published: a verdict about others would be about nobody's run. */
import { join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { isCodeOf } from "../../store/code-digest.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { contradictions, damagedFiles, type PublishedRun } from "../../store/published-run.ts";
import { codeRoot } from "../../store/run-layout.ts";
import type { StoredRun } from "./stored-run.ts";

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

/**
 * Lets a run through whose stored code comes to its code hash: its program and packages. What is executed, the snapshot,
 * is held against its own digest when it is opened.
 * @throws {ExpError} `store` where one of them was changed.
 */
export function refuseChangedCode({ store, run, code }: StoredRun): void {
  if (typeof code === "string") return;
  const directory = join(codeRoot(store.directory), run.codeHash);
  const bundle = createFileSystem().readText(join(directory, "bundle.js"));
  const { packages } = code;
  if (bundle !== undefined && isCodeOf(run.codeHash, { bundle, packages })) return;
  throw new ExpError(
    "store",
    `The stored code of the run ${run.runKey.slice(0, 16)} is not that which it was made with: bundle.js or packages.json in ${directory} was changed.`,
    {
      hint: "Nothing was executed. Take an intact copy of the folder, or run the experiment again.",
    },
  );
}

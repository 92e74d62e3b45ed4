/** What a finished run was made from, written into a folder: its sources, config, lock file and uncommitted changes. */
import { existsSync, mkdirSync, readdirSync, cpSync, writeFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { ExpError } from "../../core/errors.ts";
import type { SnapshotLayout } from "../../resolve/snapshot-files.ts";
import { isSafeRelativePath, runFiles } from "../../store/run-layout.ts";
import { relocationsOf } from "../archive/locations.ts";
import type { StoredRun } from "./stored-run.ts";

/** What was written; paths are relative to the folder. */
export interface CheckedOut {
  /** The project, and in it the experiment's module. */
  readonly project: string;
  readonly file: string;
  /** Data that came with an archive, where the config says. */
  readonly data: readonly string[];
  /** The files of the run that lie beside the sources. */
  readonly records: readonly string[];
}

/** Records of the run that go with its sources. */
const records: readonly string[] = [
  runFiles.config,
  runFiles.identity,
  runFiles.provenance,
  runFiles.environment,
  runFiles.uncommittedDiff,
  runFiles.reproduce,
];

/** Folder for the records of the run, beside its sources. */
const recordsFolder = ".run";

/**
 * Writes what a run was made from into a folder.
 * @param folder - Absolute; it must not exist, or be empty.
 * @throws {ExpError} `usage` for a folder that holds something; `store` where the code is gone or was changed.
 */
export function checkOut(stored: StoredRun, folder: string): CheckedOut {
  const { store, run, code, published } = stored;
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new ExpError("usage", `${folder} is not empty.`, {
      hint: "Name a folder that does not exist yet: nothing of yours is to be overwritten.",
    });
  }
  if (typeof code === "string") {
    throw new ExpError(
      "store",
      `The code of ${run.runKey.slice(0, 16)} cannot be written: ${code}.`,
    );
  }
  const { tree, facts } = store.readSnapshot({ codeHash: code.codeHash, digest: code.snapshot });
  const { project, file } = facts as SnapshotLayout; // its digest holds, so it is what we wrote
  mkdirSync(folder, { recursive: true });
  cpSync(tree, folder, { recursive: true, filter: (path) => basename(path) !== "node_modules" });
  const beside = join(folder, recordsFolder);
  mkdirSync(beside, { recursive: true });
  const present = records.filter((name) => existsSync(join(published.directory, name)));
  for (const name of present) cpSync(join(published.directory, name), join(beside, name));
  const data = archivedData(stored);
  for (const { from, source } of data) {
    const place = join(folder, project, from);
    if (!existsSync(place)) cpSync(source, place, { recursive: true });
  }
  const packages = `${JSON.stringify(code.packages, null, 2)}\n`;
  writeFileSync(join(beside, "packages.json"), packages);
  return {
    project,
    file,
    data: data.map(({ from }) => posix.join(project, from)),
    records: [...present, "packages.json"].map((name) => `${recordsFolder}/${name}`),
  };
}

/** Data that were archived with the run and lay in its project. */
function archivedData({ store, run }: StoredRun): readonly { from: string; source: string }[] {
  return relocationsOf(store, run.runKey)
    .filter(({ from, isInStore }) => isInStore && isSafeRelativePath(from))
    .map(({ from, to }) => ({ from, source: join(store.directory, to) }))
    .filter(({ source }) => existsSync(source));
}

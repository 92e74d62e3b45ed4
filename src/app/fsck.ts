/** Checking the store of a project, and repairing it. */
import { existsSync } from "node:fs";
import { ExpError } from "../core/errors.ts";
import type { StoreReport } from "../store/fsck.ts";
import { openStore } from "../store/store.ts";
import { runsFolder } from "./runs-folder.ts";

/** What a check came to, and where. */
export interface CheckedStore extends StoreReport {
  /** Absolute. */
  readonly directory: string;
}

/**
 * Checks every file of a store.
 * @param request.runsDirectory - As typed; else what `runsFolder` says.
 * @throws {ExpError} `usage` where the folder that was named is not there: nothing would be checked; `store` where a file stands in its place; `environment` where it cannot be read.
 */
export function checkRunsFolder(request: {
  readonly runsDirectory: string | undefined;
  readonly workingDirectory: string;
  readonly isRepairing: boolean;
}): CheckedStore {
  const { runsDirectory, workingDirectory, isRepairing } = request;
  const directory = runsFolder(runsDirectory, workingDirectory);
  if (runsDirectory !== undefined && !existsSync(directory))
    throw new ExpError("usage", `There is no folder ${directory}.`, {
      hint: "--runs-dir names the folder that holds runs; without it, that of the project is checked.",
    });
  const store = openStore(directory);
  return { directory: store.directory, ...store.check({ isRepairing }) };
}

/** Checking the store of a project, and repairing it. */
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
 * @throws {ExpError} `store` where a file stands in its place; `environment` where it cannot be read.
 */
export function checkRunsFolder(request: {
  readonly runsDirectory: string | undefined;
  readonly workingDirectory: string;
  readonly isRepairing: boolean;
}): CheckedStore {
  const { runsDirectory, workingDirectory, isRepairing } = request;
  const store = openStore(runsFolder(runsDirectory, workingDirectory));
  return { directory: store.directory, ...store.check({ isRepairing }) };
}

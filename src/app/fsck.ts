/** Checking the store of a project, and repairing it. */
import { existsSync } from "node:fs";
import { relative, sep } from "node:path";
import { ExpError, isExpError } from "../core/errors.ts";
import type { Finding } from "../store/fsck-findings.ts";
import type { StoreReport } from "../store/fsck.ts";
import { annotationsOf } from "../store/run-layout.ts";
import { openStore, type Store } from "../store/store.ts";
import { runsFolder } from "./runs-folder.ts";
import { attestationsOf, type Attestation } from "./verify/attestation.ts";

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
  const report = store.check({ isRepairing });
  const findings = [...report.findings, ...invalidAttestations(store)];
  return { directory: store.directory, ...report, findings };
}

/** What was attested of finished runs and does not hold: the store keeps it as it keeps any saying. */
function invalidAttestations(store: Store): readonly Finding[] {
  return store.listPublished().runs.flatMap(({ runKey }) =>
    readableAttestations(store, runKey)
      .filter(({ signature }) => signature === "invalid")
      .map(({ statement, problem = "does not hold", publicKey }) => {
        const { time, verdict } = statement;
        const path = relative(store.directory, annotationsOf(store.directory, runKey));
        const message = `The verdict ${JSON.stringify(verdict)} of ${JSON.stringify(time)} does not count: it ${problem}.`;
        // Of a run that was removed and made again there may be honest ones that nobody can mend.
        const severity = publicKey === undefined ? "note" : "warning";
        const finding = { severity, code: "invalid-attestation", message } as const;
        return { ...finding, path: path.split(sep).join("/"), isRepaired: false };
      }),
  );
}

/** None where the folder cannot be used, which the store's own check has told. */
function readableAttestations(store: Store, runKey: string): readonly Attestation[] {
  try {
    return attestationsOf(store, runKey);
  } catch (error) {
    if (isExpError(error)) return [];
    throw error;
  }
}

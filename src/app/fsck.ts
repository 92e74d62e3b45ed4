/** Checking the store of a project, and repairing it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ExpError, isExpError } from "../core/errors.ts";
import { createFileSystem } from "../store/file-system.ts";
import { report, toTrash, type CheckContext, type Finding } from "../store/fsck-findings.ts";
import type { StoreReport } from "../store/fsck.ts";
import { currentProcess, systemClock } from "../store/process-facts.ts";
import { annotationsOf } from "../store/run-layout.ts";
import { openStore, type Store } from "../store/store.ts";
import { runsFolder } from "./runs-folder.ts";
import { attestationsOf, type Attestation, type KeptAttestation } from "./verify/attestation.ts";

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
  const checked = store.check({ isRepairing });
  const findings = [...checked.findings, ...invalidAttestations(store, isRepairing)];
  return { directory: store.directory, ...checked, findings };
}

/** What was attested of finished runs and does not hold: the store keeps it as it keeps any saying. */
function invalidAttestations(store: Store, isRepairing: boolean): readonly Finding[] {
  const { directory } = store;
  const parts = { files: createFileSystem(), here: currentProcess(), clock: systemClock };
  const context: CheckContext = { ...parts, store: directory, isRepairing, findings: [] };
  for (const { runKey } of store.listPublished().runs) {
    for (const attestation of readableAttestations(store, runKey)) {
      if (attestation.signature !== "invalid") continue;
      const path = join(annotationsOf(directory, runKey), attestation.file);
      report(context, { path, ...invalid(context, path, attestation) });
    }
  }
  return context.findings;
}

function invalid(
  context: CheckContext,
  path: string,
  { statement, problem = "does not hold", publicKey }: Attestation,
): Omit<Parameters<typeof report>[1], "path"> {
  const { time, verdict } = statement;
  const said = `The verdict ${JSON.stringify(verdict)} of ${JSON.stringify(time)} does not count: it ${problem}.`;
  const code = "invalid-attestation";
  // Of a run that was removed and made again there may be honest ones that nobody can mend.
  if (publicKey === undefined) return { severity: "note", code, message: said };
  const message = `${said} exp verify says anew how the run repeats.`;
  return { severity: "warning", code, message, repair: toTrash(context, path, said) };
}

/** None where the folder cannot be used, which the store's own check has told. */
function readableAttestations(store: Store, runKey: string): readonly KeptAttestation[] {
  try {
    return attestationsOf(store, runKey);
  } catch (error) {
    if (isExpError(error)) return [];
    throw error;
  }
}

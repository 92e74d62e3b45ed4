/** `exp fsck`: a look at every file of the store, and what can be repaired without destroying anything. */
import { join } from "node:path";
import { ExpError } from "../core/errors.ts";
import { checkAttempts } from "./fsck-attempts.ts";
import { checkAnnotations, checkCode, checkDataLists, checkOneCode } from "./fsck-code.ts";
import type { CheckContext, Finding } from "./fsck-findings.ts";
import { checkForeign } from "./fsck-foreign.ts";
import { checkImported } from "./fsck-imported.ts";
import { checkConflicts, checkRun, checkRuns } from "./fsck-runs.ts";
import type { PublishedRun } from "./published-run.ts";
import { codeRoot } from "./run-layout.ts";

/** What a check came to. */
export interface StoreReport {
  readonly numRuns: number;
  readonly numAttempts: number;
  readonly numConflicts: number;
  readonly numCodes: number;
  readonly numAnnotations: number;
  /** Runs of other tools. */
  readonly numForeign: number;
  /** In the order in which the store was walked. */
  readonly findings: readonly Finding[];
}

/** What is wrong with one run and its code, as `checkStore` would tell it; nothing is repaired. */
export function findingsOf(
  given: Omit<CheckContext, "findings" | "isRepairing">,
  { directory, manifest }: PublishedRun,
): readonly Finding[] {
  const context: CheckContext = { ...given, findings: [], isRepairing: false };
  const { codeHash } = manifest.identities;
  checkRun(context, directory);
  const isStored = given.files.status(join(codeRoot(given.store), codeHash)) !== undefined;
  if (isStored) checkOneCode(context, codeHash);
  return context.findings;
}

/**
 * Checks everything in a store: every byte that a digest covers, whose attempts are whose, and links that lead out.
 * Nothing in it is executed and no link is followed. A repair moves what is damaged to `.trash/`, publishes attempts that
 * are complete, and removes folders in which nothing is; what a living process is at is left alone.
 * @throws {ExpError} `store` where the store itself is a file.
 */
export function checkStore(given: Omit<CheckContext, "findings">): StoreReport {
  const context: CheckContext = { ...given, findings: [] };
  const kind = context.files.status(context.store)?.kind;
  if (kind === "file" || kind === "other") {
    throw new ExpError("store", `${context.store} is a file; expected the folder of the runs.`);
  }
  checkForeign(context);
  const numCodes = checkCode(context);
  const numRuns = checkRuns(context);
  const numAttempts = checkAttempts(context); // after the runs: what is complete may take the place of what is damaged
  const numConflicts = checkConflicts(context);
  const numAnnotations = checkAnnotations(context);
  checkDataLists(context);
  const numForeign = checkImported(context);
  const { findings } = context;
  return { numRuns, numAttempts, numConflicts, numCodes, numAnnotations, numForeign, findings };
}

/** What a planned run that is finished already came to, read from its folder and from what was said beside it. */
import { isExpError } from "../core/errors.ts";
import { readAttemptRecord } from "../store/attempt-record.ts";
import { createFileSystem } from "../store/file-system.ts";
import type { PublishedRun } from "../store/published-run.ts";
import type { Store } from "../store/store.ts";
import { attestationsOf, standing, type Attestation } from "./verify/attestation.ts";

/** Why a run is not executed again. */
export interface FinishedFacts {
  /** When it was published, ISO 8601 in UTC; absent where its `attempt.json` cannot be read. */
  readonly endTime?: string;
  /** Empty where its results cannot be read. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What `exp verify` said; absent where there was no verdict. */
  readonly verification?: {
    readonly verdict: string;
    /** What was executed; absent where it was the whole run. */
    readonly part?: string;
    readonly signature: Attestation["signature"];
  };
  /** How often another attempt came to the same bytes. */
  readonly numDuplicates: number;
}

/** The facts of a published run. Never throws: a run whose files are damaged is told by `exp fsck`. */
export function finishedFacts(store: Store, run: PublishedRun): FinishedFacts {
  const record = readAttemptRecord(createFileSystem(), run.directory);
  const last = standing(attestationsOf(store, run.runKey));
  const { annotations } = store.annotations(run.runKey);
  return {
    ...(record?.endTime !== undefined && { endTime: record.endTime }),
    metrics: metricsOf(store, run),
    ...(last !== undefined && { verification: verificationOf(last) }),
    numDuplicates: annotations.filter(({ kind }) => kind === "duplicate").length,
  };
}

function metricsOf(store: Store, run: PublishedRun): FinishedFacts["metrics"] {
  try {
    return store.readResults(run).metrics;
  } catch (error) {
    if (isExpError(error)) return {};
    throw error;
  }
}

function verificationOf({
  statement,
  signature,
  part,
}: Attestation): NonNullable<FinishedFacts["verification"]> {
  const { verdict } = statement;
  const said = typeof verdict === "string" ? verdict : "unreadable";
  return { verdict: said, signature, ...(part !== undefined && { part }) };
}

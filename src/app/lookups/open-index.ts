/** The index of the runs, opened for one look-up. */
import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import type { Database } from "../../store/index/database.ts";
import { rebuildIndex, withIndex, type IndexOptions } from "../../store/index/run-index.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { currentProcess, systemClock } from "../../store/process-facts.ts";
import { runsFolder } from "../runs-folder.ts";

/** Where the runs are, and who is told what on the way. */
export interface LookupContext {
  /** As given on the command line; without it the project's. */
  readonly runsDirectory?: string | undefined;
  /** Absolute. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called when many runs are read for the first time. */
  readonly onProgress?: (numRead: number, numRuns: number) => void;
  readonly onWarning?: (text: string) => void;
}

/** What a look-up works with. */
export interface Lookup {
  /** Absolute. */
  readonly store: string;
  readonly database: Database;
  readonly now: Date;
}

/**
 * Answers a question from the index. Where a run of the answer is not what was indexed (a copy was put in its place),
 * it is read again and the question is answered once more.
 * @param shown - Names of the runs that an answer holds.
 */
export function lookUp<Answer>(
  context: LookupContext,
  answer: (lookup: Lookup) => Answer,
  shown: (answer: Answer) => readonly string[] = () => [],
): Answer {
  const options = indexOptions(context);
  return withIndex(options, (index) => {
    const lookup = { store: options.store, database: index.database, now: options.now() };
    // One state of the index: another process may pack runs, or a run may end, between two queries.
    const answered = (): Answer => index.database.snapshot(() => answer(lookup));
    const first = answered();
    return index.recheck(shown(first)) ? answered() : first;
  });
}

/** Makes the index anew; how many runs it holds, and how many directories cannot be read. */
export function rebuild(context: LookupContext): { numRuns: number; numDamaged: number } {
  return rebuildIndex(indexOptions(context));
}

/**
 * The folder of the runs, absolute; it need not be there yet.
 * @throws {ExpError} `store` where a file stands in its place.
 */
export function storeOf({ runsDirectory, workingDirectory }: LookupContext): string {
  const store = runsFolder(runsDirectory, workingDirectory);
  if (statSync(store, { throwIfNoEntry: false })?.isFile() === true)
    throw new ExpError("store", `${store} is a file; expected the folder of the runs.`);
  return store;
}

function indexOptions(context: LookupContext): IndexOptions {
  const { environment, onProgress, onWarning } = context;
  const cache = environment["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return {
    store: storeOf(context),
    files: createFileSystem(),
    here: currentProcess(),
    now: systemClock,
    cacheDirectory: join(cache, "lockstep"),
    ...(onProgress && { onProgress }),
    ...(onWarning && { onWarning }),
  };
}

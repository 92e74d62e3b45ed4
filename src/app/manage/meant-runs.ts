/** The runs that the words of a command mean: names of runs, folders, and filters. */
import { ExpError } from "../../core/errors.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import { selectRuns } from "../../store/query/select-runs.ts";
import { nameRun, tryNameRun } from "../lookups/name-runs.ts";
import { lookUp, type Lookup, type LookupContext } from "../lookups/open-index.ts";

/** Signs that only a filter has. */
const filterSigns = /[=<>~()]|\s/u;

/**
 * All runs that are meant, each once, in the order of the words.
 * @param words - Each 8 or more digits of a key, a run's folder, or a filter, which stands for all runs that it takes.
 * @throws {ExpError} `usage` for a name that no run has, a filter that takes none, and one that cannot be used.
 */
export function meantRuns(context: LookupContext, words: readonly string[]): readonly IndexedRun[] {
  return lookUp(
    context,
    (lookup) => runsOfWords(lookup, words, context.workingDirectory),
    (runs) => runs.map(({ name }) => name),
  );
}

/**
 * The same within a look-up.
 * @throws {ExpError} `usage` as `meantRuns`.
 */
export function runsOfWords(
  lookup: Lookup,
  words: readonly string[],
  workingDirectory: string,
): readonly IndexedRun[] {
  const runs = words.flatMap((word) => runsOf(lookup, word, workingDirectory));
  return [...new Map(runs.map((run) => [run.name, run])).values()];
}

function runsOf(lookup: Lookup, word: string, workingDirectory: string): readonly IndexedRun[] {
  const named = tryNameRun(lookup, word, workingDirectory);
  if (named !== undefined) return [named];
  if (!filterSigns.test(word)) return [nameRun(lookup, word, workingDirectory)]; // which says what a name is
  const { runs } = selectRuns(lookup.database, { filter: word, now: lookup.now });
  if (runs.length > 0) return runs;
  throw new ExpError("usage", `No run matches ${word}.`, { hint: "exp runs lists the runs." });
}

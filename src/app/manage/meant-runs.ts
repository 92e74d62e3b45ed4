/** The runs that the words of a command mean: names of runs, folders, and filters. */
import { ExpError } from "../../core/errors.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import { selectRuns } from "../../store/query/select-runs.ts";
import { nameRun, runsOfExperiment, tryNameRun } from "../lookups/name-runs.ts";
import { lookUp, type Lookup, type LookupContext } from "../lookups/open-index.ts";

/** Signs that only a filter has. */
const filterSigns = /[=<>~()]|\s/u;

/**
 * Whether the name of an experiment stands for all its runs (`names`). What takes runs away wants a filter that says so
 * (`keys`).
 */
export type TakenWords = "names" | "keys";

/**
 * All runs that are meant, each once, in the order of the words.
 * @param words - Each 8 or more digits of a key, a run's folder, the name of an experiment, or a filter; the last two stand for
 *   all their runs.
 * @throws {ExpError} `usage` for a name that no run has, a filter that takes none, and one that cannot be used.
 */
export function meantRuns(
  context: LookupContext,
  words: readonly string[],
  takes: TakenWords = "names",
): readonly IndexedRun[] {
  const { workingDirectory } = context;
  return lookUp(
    context,
    (lookup) => unique(words.flatMap((word) => runsOf(lookup, word, { workingDirectory, takes }))),
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
  return unique(
    words.flatMap((word) => runsOf(lookup, word, { workingDirectory, takes: "names" })),
  );
}

function unique(runs: readonly IndexedRun[]): readonly IndexedRun[] {
  return [...new Map(runs.map((run) => [run.name, run])).values()];
}

interface Taking {
  readonly workingDirectory: string;
  readonly takes: TakenWords;
}

function runsOf(
  lookup: Lookup,
  word: string,
  { workingDirectory, takes }: Taking,
): readonly IndexedRun[] {
  const named = tryNameRun(lookup, word, workingDirectory);
  if (named !== undefined) return [named];
  const ofExperiment = takes === "names" ? runsOfExperiment(lookup, word) : [];
  if (ofExperiment.length > 0) return ofExperiment;
  if (!filterSigns.test(word)) return [nameRun(lookup, word, workingDirectory)]; // which says what a name is
  const { runs } = selectRuns(lookup.database, { filter: word, now: lookup.now });
  if (runs.length > 0) return runs;
  throw new ExpError("usage", `No run matches ${word}.`, { hint: "exp runs lists the runs." });
}

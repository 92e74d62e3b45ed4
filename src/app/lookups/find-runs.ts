/** The runs of a number. */
import type { History } from "../../store/index/run-facts.ts";
import { findValues, type ValueMatch } from "../../store/query/find-values.ts";
import { readRuns, type IndexedRun } from "../../store/query/indexed-run.ts";
import { readHistory } from "./curves.ts";
import { lookUp, type LookupContext } from "./open-index.ts";

export interface FindRequest extends LookupContext {
  /** As people write it: `94.2%`. */
  readonly text: string;
  readonly filter?: string | undefined;
  readonly metric?: string | undefined;
  readonly limit: number;
  readonly everyStep: boolean;
}

/** A value and its run. */
export interface FoundValue extends ValueMatch {
  readonly found: IndexedRun;
}

export interface FoundValues {
  /** Absolute. */
  readonly store: string;
  readonly matches: readonly FoundValue[];
  /** At least so many; exactly, but for values at steps. */
  readonly numFound: number;
  readonly isMore: boolean;
}

/**
 * Finds values that round to a number.
 * @throws {ExpError} `usage` for a text that is no number, an unknown metric, or a wrong filter.
 */
export function findRuns(request: FindRequest): FoundValues {
  const { text, filter, metric, limit, everyStep } = request;
  return lookUp(
    request,
    ({ database, now, store }) => {
      const read = (directory: string): History["rows"] => readHistory(store, directory).rows;
      const query = { text, limit, everyStep, now, readHistory: read };
      const named = {
        ...(filter === undefined ? {} : { filter }),
        ...(metric === undefined ? {} : { metric }),
      };
      const { matches, ...rest } = findValues(database, { ...query, ...named });
      const runs = new Map<string, IndexedRun>();
      for (const { run } of matches) {
        const id = database.first("SELECT id FROM stored_runs WHERE name = ?", run)?.["id"];
        for (const found of readRuns(database, [Number(id)])) runs.set(run, found);
      }
      const whole = matches.flatMap((match) => {
        const found = runs.get(match.run);
        return found === undefined ? [] : [{ ...match, found }];
      });
      return { store, matches: whole, ...rest };
    },
    ({ matches }) => matches.map(({ run }) => run),
  );
}

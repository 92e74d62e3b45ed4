/** The index held against the files: it must say the same as one that is made anew. */
import { createFileSystem } from "../../store/file-system.ts";
import { openDatabase, type Database } from "../../store/index/database.ts";
import { refreshIndex } from "../../store/index/refresh.ts";
import { createSchema, views } from "../../store/index/schema.ts";
import { currentProcess, systemClock } from "../../store/process-facts.ts";
import { lookUp, storeOf, type LookupContext } from "./open-index.ts";

export interface IndexCheck {
  /** Absolute. */
  readonly store: string;
  readonly numRuns: number;
  /** Runs of which the index says something else than their files, or that only one of them has. */
  readonly differing: readonly string[];
  /** Directories that bear a run's name and cannot be read. */
  readonly damaged: readonly { readonly name: string; readonly reason: string }[];
}

/** Reads all runs from their files and compares what the index says of each. */
export function checkIndex(context: LookupContext): IndexCheck {
  const store = storeOf(context);
  const fresh = openDatabase(":memory:");
  try {
    return lookUp(context, ({ database }) => {
      createSchema(fresh);
      const view = { store, files: createFileSystem(), here: currentProcess(), now: systemClock };
      refreshIndex(fresh, view, { onProgress: context.onProgress });
      const [theirs, ours] = [digests(fresh), digests(database)];
      const names = new Set([...theirs.keys(), ...ours.keys()]);
      const differing = [...names].filter((name) => theirs.get(name) !== ours.get(name));
      const damaged = fresh.all("SELECT name, reason FROM damaged ORDER BY name");
      return {
        store,
        numRuns: Number(fresh.first("SELECT count(*) AS n FROM stored_runs")?.["n"]),
        differing: differing.toSorted(),
        damaged: damaged.map(({ name, reason }) => ({
          name: String(name),
          reason: String(reason),
        })),
      };
    });
  } finally {
    fresh.close();
  }
}

/** Everything that the views say of a run, in one text each. */
function digests(database: Database): ReadonlyMap<string, string> {
  const lines = new Map<string, string[]>();
  for (const { name } of views) {
    for (const row of database.all(`SELECT * FROM ${name}`)) {
      const run = String(row["run"]);
      const line = `${name} ${JSON.stringify(Object.values(row))}`;
      const known = lines.get(run);
      if (known === undefined) lines.set(run, [line]);
      else known.push(line);
    }
  }
  return new Map([...lines].map(([run, all]) => [run, all.toSorted().join("\n")]));
}

/** Runs by what people call them: the first digits of a key, the run's directory, or their experiment. */
import { ExpError } from "../../core/errors.ts";
import { isRunPrefix, minRunPrefixDigits, wrongDigitsHint } from "../../core/run-name.ts";
import { shellQuote } from "../../core/shell-quote.ts";
import { nearest } from "../../core/suggest.ts";
import { readRuns, type IndexedRun } from "../../store/query/indexed-run.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { listTrash } from "../../store/trash.ts";
import { runNameOfPath, storeAround } from "../runs-folder.ts";
import type { Lookup } from "./open-index.ts";

/**
 * The run of a name.
 * @param name - 8 to 64 digits that begin its key, or its directory, relative to `workingDirectory` or absolute.
 * @throws {ExpError} `usage` where none or several runs are meant.
 */
export function nameRun(lookup: Lookup, name: string, workingDirectory: string): IndexedRun {
  const prefix = isRunPrefix(name)
    ? name.toLowerCase()
    : runNameOfPath(lookup.store, name, workingDirectory);
  if (prefix === undefined) {
    throw new ExpError("usage", `${JSON.stringify(name)} does not name a run.`, {
      hint: elsewhereHint(name, workingDirectory) ?? hintFor(lookup, name),
    });
  }
  return runOfPrefix(lookup, prefix);
}

/** All runs of an experiment, the newest first; none where no run has this name of one. */
export function runsOfExperiment({ database }: Lookup, name: string): readonly IndexedRun[] {
  const rows = database.all(
    "SELECT id FROM stored_runs WHERE experiment = ? ORDER BY started DESC, name",
    name,
  );
  return readRuns(
    database,
    rows.map(({ id }) => Number(id)),
  );
}

/** Whether a run has this name of an experiment. */
export function isExperiment({ database }: Lookup, name: string): boolean {
  return database.first("SELECT 1 FROM stored_runs WHERE experiment = ?", name) !== undefined;
}

/** The newest run of an experiment, and how many older ones there are; nothing where no run has this name of one. */
export function newestOfExperiment(
  { database }: Lookup,
  name: string,
): { readonly newest: IndexedRun; readonly numOlder: number } | undefined {
  const rows = database.all(
    "SELECT id, count(*) OVER () AS number FROM stored_runs WHERE experiment = ? ORDER BY started DESC, name LIMIT 1",
    name,
  );
  const [newest] = readRuns(
    database,
    rows.map(({ id }) => Number(id)),
  );
  return newest === undefined
    ? undefined
    : { newest, numOlder: Number(rows[0]?.["number"] ?? 1) - 1 };
}

/** A run of another store, where several are named and all are looked up in one. */
function elsewhereHint(name: string, workingDirectory: string): string | undefined {
  const store = storeAround(name, workingDirectory);
  if (store === undefined) return undefined;
  return `It is a run in another folder of runs: --runs-dir ${shellQuote(store)} looks there.`;
}

function hintFor({ database }: Lookup, name: string): string {
  const experiments = database
    .all("SELECT DISTINCT experiment FROM stored_runs WHERE experiment IS NOT NULL ORDER BY 1")
    .map(({ experiment }) => String(experiment));
  if (experiments.includes(name)) {
    const quoted = /^[\w./-]+$/u.test(name) ? name : JSON.stringify(name);
    return `It is an experiment; the filter "experiment = ${quoted}" takes all its runs.`;
  }
  const meant = nearest(name, experiments);
  const advice = `Give ${minRunPrefixDigits} or more of the first digits of its key, its folder, or the name of its experiment; exp runs lists them.`;
  return (
    wrongDigitsHint(name) ?? (meant === undefined ? advice : `Did you mean ${meant}? ${advice}`)
  );
}

/** The run of a name, or nothing where the text is no name of a run at all. */
export function tryNameRun(
  lookup: Lookup,
  name: string,
  workingDirectory: string,
): IndexedRun | undefined {
  const isName =
    isRunPrefix(name) || runNameOfPath(lookup.store, name, workingDirectory) !== undefined;
  return isName ? nameRun(lookup, name, workingDirectory) : undefined;
}

function runOfPrefix({ database, store }: Lookup, prefix: string): IndexedRun {
  const rows = database.all(
    "SELECT r.id AS id, r.name AS name FROM stored_runs r JOIN run_details d ON d.run = r.id WHERE r.name >= ? AND r.name < ? || 'g' AND d.run_key GLOB ? || '*' ORDER BY r.name LIMIT 6",
    prefix.slice(0, 16),
    prefix.slice(0, 16),
    prefix,
  );
  const [first, second] = rows;
  if (first === undefined) {
    throw new ExpError("usage", `No run in ${store} has a key that begins with ${prefix}.`, {
      hint: isInTrash(store, prefix)
        ? `It is in the trash: exp rm --restore ${prefix} puts it back.`
        : "exp runs lists the runs.",
    });
  }
  if (second !== undefined) {
    const names = rows.slice(0, 5).map(({ name }) => String(name));
    throw new ExpError("usage", `${prefix} begins the keys of several runs.`, {
      hint: `Write more digits: ${names.join(", ")}${rows.length > 5 ? ", …" : ""}.`,
    });
  }
  const [run] = readRuns(database, [Number(first["id"])]);
  if (run === undefined) throw new ExpError("store", `The run ${prefix} went away.`);
  return run;
}

function isInTrash(store: string, prefix: string): boolean {
  const trash = listTrash(createFileSystem(), store); // the whole store would take time to load
  return trash.some(({ run }) => run?.runKey.startsWith(prefix) === true);
}

/** Runs taken out to the trash and put back, and what nobody needs any more. */
import { basename, join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { isRunPrefix, wrongDigitsHint } from "../../core/run-name.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { bytesBelow, type GarbageReport } from "../../store/garbage-items.ts";
import { systemClock } from "../../store/process-facts.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import { openStore, type Store } from "../../store/store.ts";
import { moveToTrash, type TrashEntry } from "../../store/trash.ts";
import { storeOf, type LookupContext } from "../lookups/open-index.ts";
import { meantRuns } from "./meant-runs.ts";

/** Where runs are removed, and what came of it. */
export interface Removed {
  /** The folder of the runs, absolute. */
  readonly store: string;
  readonly entries: readonly TrashEntry[];
}

/**
 * Moves runs to the trash with all that belongs to them.
 * @param words - As `meantRuns` takes them, but no names of experiments.
 * @throws {ExpError} `run-active` where one of them is being executed: then none is moved; `usage` as `meantRuns`.
 */
export function removeRuns(context: LookupContext, words: readonly string[]): Removed {
  const runs = meantRuns(context, words, "keys");
  const store = openStore(storeOf(context));
  for (const { runKey, name } of runs) refuseActive(store, runKey, name);
  const entries = runs.map((run) => {
    const { runKey, facts } = run;
    if (run.status === "foreign") return removeForeign(store.directory, run);
    const experiment = String(facts["experiment"] ?? "");
    return store.removeRun({ runKey, experiment, reason: "exp rm" });
  });
  return { store: store.directory, entries };
}

/** It has nothing but its folder; what was said about it stays beside the runs. */
function removeForeign(store: string, { directory: path }: IndexedRun): TrashEntry {
  const origin = { path, reason: "exp rm", time: systemClock().toISOString() };
  const directory = moveToTrash(createFileSystem(), store, { ...origin, path: join(store, path) });
  return { ...origin, number: Number(basename(directory)), directory };
}

function refuseActive(store: Store, runKey: string, name: string): void {
  const live = store.liveAttempt(runKey);
  if (live === undefined) return;
  const { record } = live;
  const who = record === undefined ? "" : `: process ${record.pid} on ${record.host}`;
  throw new ExpError(
    "run-active",
    `The run ${name} is being executed${who}. Nothing was removed.`,
    {
      hint: "Stop it first, or wait for its end.",
    },
  );
}

/** An entry of the trash with what it takes. */
export interface SizedEntry extends TrashEntry {
  readonly numBytes: number;
}

/** What lies in the trash, the oldest first. */
export function listTrash(context: LookupContext): readonly SizedEntry[] {
  const files = createFileSystem();
  return openStore(storeOf(context))
    .trash()
    .map((entry) => ({ ...entry, numBytes: bytesBelow(files, entry.directory) }));
}

/**
 * Puts things back from the trash.
 * @param words - Each the number of an entry, or 8 or more digits of a run's key.
 * @throws {ExpError} `usage` for a word that means nothing in the trash or several things, and where something lies in
 *   its place by now; `run-active` while the run is being executed.
 */
export function restoreFromTrash(context: LookupContext, words: readonly string[]): Removed {
  const store = openStore(storeOf(context));
  const all = store.trash();
  const entries = words.map((word) => entryOf(all, word));
  for (const entry of new Set(entries)) store.restore(entry);
  return { store: store.directory, entries: [...new Set(entries)] };
}

function entryOf(all: readonly TrashEntry[], word: string): TrashEntry {
  const hint = "exp rm --list shows what is in the trash.";
  const key = word.toLowerCase();
  const found = isRunPrefix(word)
    ? all.filter(({ run }) => run?.runKey.startsWith(key) === true)
    : all.filter(({ number }) => String(number) === word);
  const [entry, ...others] = found;
  if (entry === undefined) {
    throw new ExpError("usage", `Nothing in the trash is called ${JSON.stringify(word)}.`, {
      hint: [wrongDigitsHint(word), hint].filter((text) => text !== undefined).join(" "),
    });
  }
  if (others.length === 0) return entry;
  const numbers = found.map(({ number }) => number).join(", ");
  throw new ExpError("usage", `${word} means several things in the trash: entries ${numbers}.`, {
    hint: `Give the number of one: exp rm --restore ${entry.number}.`,
  });
}

/** What was found that nobody needs. */
export interface CollectedGarbage extends GarbageReport {
  /** The folder of the runs, absolute. */
  readonly store: string;
}

/**
 * Finds what nobody needs any more, and removes it where that is asked for.
 * @param options.olderThanMs - What lies in the trash for less is kept.
 */
export function collectGarbage(
  context: LookupContext,
  options: { readonly olderThanMs: number; readonly isRemoving: boolean },
): CollectedGarbage {
  const store = openStore(storeOf(context));
  return { store: store.directory, ...store.collectGarbage(options) };
}

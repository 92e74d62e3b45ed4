/**
 * Published runs in the index. A run's name says which run it is and not which copy of it: one that was removed, or was
 * moved away by `exp fsck --repair`, comes back under the same name. So names alone do not tell what is new.
 */
import { trashRoot } from "../run-layout.ts";
import { directoryStamp, publishedNames, publishedStamp, type StoreView } from "./changes.ts";
import type { Database } from "./database.ts";
import { readMeta, writeMeta } from "./meta.ts";
import { readPublishedFacts } from "./run-facts.ts";
import { createWriter, type Writer } from "./writer.ts";

export interface RefreshOptions {
  /** Called before many runs are read, and every thousand of them. */
  readonly onProgress?: ((numRead: number, numRuns: number) => void) | undefined;
}

/** Runs whose rows are written at once, so that a reader of the index never waits long for memory or disk. */
const batchSize = 2_000;

/** Fewer are read without a word. */
const minTold = 1_000;

/**
 * As many runs are looked at one by one whenever anything was published (some 5 µs each); in a larger store only after
 * something came into the trash or left it. What a user removed there by hand and made again is seen when it is shown.
 */
const maxAlwaysChecked = 10_000;

/** Reads these runs again, whatever the index knows of them. */
export function rereadRuns(database: Database, view: StoreView, names: readonly string[]): void {
  database.transaction(() => {
    const writer = createWriter(database);
    for (const name of names) putPublished({ database, view, writer }, name);
    writer.flush();
  });
}

/** Writes which published runs came, went, or were replaced. */
export function refreshPublished(
  database: Database,
  view: StoreView,
  { onProgress }: RefreshOptions,
): void {
  const stamp = directoryStamp(view, view.store);
  if (stamp !== undefined && readMeta(database, "published") === stamp) {
    const repaired = replacedNames(view, database.all(damagedStamps));
    if (repaired.length > 0) rereadRuns(database, view, repaired);
    return;
  }
  const names = publishedNames(view);
  const known = knownNames(database);
  const present = new Set(names);
  const trash = directoryStamp(view, trashRoot(view.store));
  const added = [
    ...names.filter((name) => !known.has(name)),
    ...replacedRuns(database, view, { trash, numKnown: known.size }).filter((name) =>
      present.has(name),
    ),
  ];
  const removed = [...known].filter((name) => !present.has(name));
  readRuns(database, view, { names: added, onProgress });
  if (removed.length === 0 && stamp === undefined && trash === undefined) return;
  database.transaction(() => {
    const writer = createWriter(database);
    for (const name of removed) {
      writer.remove(name);
      database.run("DELETE FROM damaged WHERE name = ?", name);
    }
    if (removed.length > 0) lookAtAttempts(database);
    if (stamp !== undefined) writeMeta(database, "published", stamp);
    if (trash !== undefined) writeMeta(database, "trash", trash);
  });
}

function readRuns(
  database: Database,
  view: StoreView,
  { names, onProgress }: RefreshOptions & { readonly names: readonly string[] },
): void {
  if (names.length >= minTold) onProgress?.(0, names.length);
  for (let start = 0; start < names.length; start += batchSize) {
    rereadRuns(database, view, names.slice(start, start + batchSize));
    if (names.length < minTold) continue;
    onProgress?.(Math.min(start + batchSize, names.length), names.length);
  }
}

/** Runs that are known, and of which another copy lies there now. */
function replacedRuns(
  database: Database,
  view: StoreView,
  { trash, numKnown }: { readonly trash: string | undefined; readonly numKnown: number },
): readonly string[] {
  const isTouched = trash === undefined || (readMeta(database, "trash") ?? "none") !== trash;
  const isWhole = isTouched || numKnown <= maxAlwaysChecked;
  const rows = database.all(
    isWhole ? `${finishedStamps} UNION ALL ${damagedStamps}` : damagedStamps,
  );
  return replacedNames(view, rows);
}

const damagedStamps = "SELECT name, stamp FROM damaged";

const finishedStamps =
  "SELECT r.name AS name, d.stamp AS stamp FROM stored_runs r JOIN run_details d ON d.run = r.id WHERE r.status = 'finished'";

function replacedNames(
  view: StoreView,
  rows: readonly Readonly<Record<string, unknown>>[],
): readonly string[] {
  return rows
    .filter(({ name, stamp }) => stamp !== publishedStamp(view, String(name)))
    .map(({ name }) => String(name));
}

interface Writing {
  readonly database: Database;
  readonly view: StoreView;
  readonly writer: Writer;
}

function putPublished({ database, view, writer }: Writing, name: string): void {
  const stamp = publishedStamp(view, name);
  const facts = readPublishedFacts(view.files, view.store, name);
  database.run("DELETE FROM damaged WHERE name = ?", name);
  if (typeof facts === "string") {
    writer.remove(name);
    database.run("INSERT INTO damaged VALUES (?, ?, ?)", name, stamp, facts);
    lookAtAttempts(database);
  } else {
    writer.put({ ...facts, name, stamp });
  }
}

/** An attempt at a run was left out while that was published: it counts again, though nothing changed in `.attempts/`. */
function lookAtAttempts(database: Database): void {
  database.run("DELETE FROM meta WHERE key = 'attempts'");
}

/** Published and damaged runs; one text is read much faster than as many rows. */
function knownNames(database: Database): Set<string> {
  const sql = `SELECT (SELECT group_concat(name, '') FROM stored_runs WHERE status = 'finished') AS runs,
    (SELECT group_concat(name, '') FROM damaged) AS damaged`;
  const { runs, damaged } = database.first(sql) ?? {};
  const text = `${String(runs ?? "")}${String(damaged ?? "")}`;
  const names = new Set<string>();
  for (let start = 0; start < text.length; start += 16) names.add(text.slice(start, start + 16));
  return names;
}

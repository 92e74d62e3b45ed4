/** Brings an index up to date with the files of its store; a new index is the same from nothing. */
import { join } from "node:path";
import { readAnnotation } from "../annotations.ts";
import { annotationsRoot, attemptsRoot, isRunName } from "../run-layout.ts";
import { isBusy, type Database } from "./database.ts";
import {
  directoryStamp,
  openAttempts,
  publishedNames,
  publishedStamp,
  type OpenAttempt,
  type StoreView,
} from "./changes.ts";
import { readMeta, writeMeta } from "./meta.ts";
import { refreshForeign } from "./refresh-foreign.ts";
import { readAttemptFacts, readPublishedFacts } from "./run-facts.ts";
import { createWriter, type Writer } from "./writer.ts";

export interface RefreshOptions {
  /** Called before many runs are read, and every thousand of them. */
  readonly onProgress?: ((numRead: number, numRuns: number) => void) | undefined;
}

/** `stale`: another process was writing all the time; what is in the index is answered from. */
export type RefreshResult = "current" | "stale";

/** Runs whose rows are written at once, so that a reader of the index never waits long for memory or disk. */
const batchSize = 2_000;

/** Fewer are read without a word. */
const minTold = 1_000;

/** Writes what changed in the store since the last time. */
export function refreshIndex(
  database: Database,
  view: StoreView,
  options: RefreshOptions = {},
): RefreshResult {
  try {
    refreshPublished(database, view, options);
    refreshAttempts(database, view);
    refreshForeign(database, view);
    refreshAnnotations(database, view);
    return "current";
  } catch (error) {
    if (isBusy(error)) return "stale";
    throw error;
  }
}

/** Reads these runs again, whatever the index knows of them. */
export function rereadRuns(database: Database, view: StoreView, names: readonly string[]): void {
  database.transaction(() => {
    const writer = createWriter(database);
    for (const name of names) putPublished({ database, view, writer }, name);
    writer.flush();
  });
}

function refreshPublished(
  database: Database,
  view: StoreView,
  { onProgress }: RefreshOptions,
): void {
  const stamp = directoryStamp(view, view.store);
  if (stamp !== undefined && readMeta(database, "published") === stamp) return;
  const names = publishedNames(view);
  const known = knownNames(database);
  const present = new Set(names);
  const added = names.filter((name) => !known.has(name));
  const removed = [...known].filter((name) => !present.has(name));
  if (added.length >= minTold) onProgress?.(0, added.length);
  for (let start = 0; start < added.length; start += batchSize) {
    database.transaction(() => {
      const writer = createWriter(database);
      for (const name of added.slice(start, start + batchSize)) {
        putPublished({ database, view, writer }, name);
      }
      writer.flush();
    });
    if (added.length >= minTold) {
      onProgress?.(Math.min(start + batchSize, added.length), added.length);
    }
  }
  if (removed.length === 0 && stamp === undefined) return;
  database.transaction(() => {
    const writer = createWriter(database);
    for (const name of removed) {
      writer.remove(name);
      database.run("DELETE FROM damaged WHERE name = ?", name);
    }
    if (stamp !== undefined) writeMeta(database, "published", stamp);
  });
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
  } else {
    writer.put({ ...facts, name, stamp });
  }
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

/** Without a change in `.attempts/` only those can have moved on that have not ended with a word. */
function refreshAttempts(database: Database, view: StoreView): void {
  const stamp = directoryStamp(view, attemptsRoot(view.store));
  const isSame = stamp !== undefined && readMeta(database, "attempts") === stamp;
  const stored = new Map(
    database
      .all(
        "SELECT r.name AS name, d.stamp AS stamp, r.status AS status FROM stored_runs r JOIN run_details d ON d.run = r.id WHERE r.status NOT IN ('finished', 'foreign')",
      )
      .map((row) => [String(row["name"]), row] as const),
  );
  const unsettled = [...stored].flatMap(([name, { status }]) =>
    status === "running" || status === "lost" ? [name] : [],
  );
  const attempts = openAttempts(view, isSame ? unsettled : undefined);
  const isPublished = (name: string): boolean =>
    database.first("SELECT 1 FROM stored_runs WHERE name = ? AND status = 'finished'", name) !==
    undefined;
  const changed = attempts.filter(
    ({ name, stamp: current }) => stored.get(name)?.["stamp"] !== current && !isPublished(name),
  );
  const present = new Set(attempts.map(({ name }) => name));
  const gone = (isSame ? unsettled : [...stored.keys()]).filter((name) => !present.has(name));
  if (changed.length === 0 && gone.length === 0 && (isSame || stamp === undefined)) return;
  database.transaction(() => {
    const writer = createWriter(database);
    for (const name of gone) writer.remove(name);
    for (const attempt of changed) putAttempt(view, writer, attempt);
    writer.flush();
    if (stamp !== undefined) writeMeta(database, "attempts", stamp);
  });
}

function putAttempt({ files, store }: StoreView, writer: Writer, attempt: OpenAttempt): void {
  const { name, directory, runKey, status, reason, stamp } = attempt;
  const facts = readAttemptFacts(files, directory, runKey);
  const place = directory.slice(store.length + 1).replaceAll("\\", "/");
  writer.put({
    ...facts,
    columns: { ...facts.columns, directory: place, status, reason },
    name,
    stamp,
  });
}

/** Tags and notes. Whoever says something changes `.annotations/` itself too, so that its time tells whether there is news. */
function refreshAnnotations(database: Database, view: StoreView): void {
  const { files, store } = view;
  const root = annotationsRoot(store);
  const stamp = directoryStamp(view, root);
  if (stamp !== undefined && readMeta(database, "annotations") === stamp) return;
  const known = new Map(
    database.all("SELECT name, stamp FROM annotated").map(({ name, stamp: old }) => [name, old]),
  );
  const names = files.list(root).filter(isRunName);
  const changed = names.flatMap((name) => {
    const current = directoryStamp(view, join(root, name));
    return current !== undefined && known.get(name) === current ? [] : [{ name, current }];
  });
  const present = new Set<unknown>(names);
  const gone = [...known.keys()].filter((name) => !present.has(name)).map(String);
  if (changed.length === 0 && gone.length === 0 && stamp === undefined) return;
  database.transaction(() => {
    for (const name of gone) forgetAnnotations(database, name);
    for (const { name, current } of changed) {
      forgetAnnotations(database, name);
      putAnnotations(database, view, name);
      if (current !== undefined) database.run("INSERT INTO annotated VALUES (?, ?)", name, current);
    }
    if (stamp !== undefined) writeMeta(database, "annotations", stamp);
  });
}

function forgetAnnotations(database: Database, name: string): void {
  database.run("DELETE FROM run_tags WHERE run_name = ? AND is_own = 0", name);
  database.run("DELETE FROM removed_tags WHERE run_name = ?", name);
  database.run("DELETE FROM run_notes WHERE run_name = ?", name);
  database.run("DELETE FROM annotated WHERE name = ?", name);
}

function putAnnotations(database: Database, { files, store }: StoreView, name: string): void {
  const folder = join(annotationsRoot(store), name);
  const tags = new Map<string, boolean>();
  for (const file of files.list(folder)) {
    const annotation = readAnnotation(files, join(folder, file));
    if (annotation === undefined) continue;
    const { kind, time, facts } = annotation;
    for (const tag of textsIn(facts["add"])) if (kind === "tag") tags.set(tag, true);
    for (const tag of textsIn(facts["remove"])) if (kind === "tag") tags.set(tag, false);
    const { text } = facts;
    if (kind !== "note" || typeof text !== "string") continue;
    database.run("INSERT INTO run_notes VALUES (?, ?, ?)", name, time, text);
  }
  for (const [tag, isAdded] of tags) database.run(isAdded ? insertTag : hideTag, tag, name);
}

const insertTag = "INSERT OR IGNORE INTO run_tags (tag, run_name, is_own) VALUES (?, ?, 0)";
const hideTag = "INSERT OR IGNORE INTO removed_tags (tag, run_name) VALUES (?, ?)";

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** Brings an index up to date with the files of its store; a new index is the same from nothing. */
import { join } from "node:path";
import { readAnnotation } from "../annotations.ts";
import { annotationsRoot, attemptsRoot, isRunName } from "../run-layout.ts";
import { isBusy, type Database } from "./database.ts";
import { directoryStamp, openAttempts, type OpenAttempt, type StoreView } from "./changes.ts";
import { readMeta, writeMeta } from "./meta.ts";
import { refreshForeign } from "./refresh-foreign.ts";
import { refreshPublished, type RefreshOptions } from "./refresh-published.ts";
import { readAttemptFacts } from "./run-facts.ts";
import { inAttempts } from "./schema.ts";
import { createWriter, type Writer } from "./writer.ts";

/** `stale`: another process was writing all the time; what is in the index is answered from. */
export type RefreshResult = "current" | "stale";

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

/** Without a change in `.attempts/` only those can have moved on that have not ended with a word. */
function refreshAttempts(database: Database, view: StoreView): void {
  const stamp = directoryStamp(view, attemptsRoot(view.store));
  const isSame = stamp !== undefined && readMeta(database, "attempts") === stamp;
  const stored = new Map(
    database
      .all(
        `SELECT name, stamp, status FROM stored_runs JOIN run_details ON run = id WHERE ${inAttempts}`,
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

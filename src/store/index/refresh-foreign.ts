/** Runs of other tools in the index. */
import { join } from "node:path";
import { foreignDirectories, foreignRoot, foreignStamp, isSourceName } from "../foreign-runs.ts";
import { directoryStamp, type StoreView } from "./changes.ts";
import type { Database } from "./database.ts";
import { readForeignFacts } from "./foreign-facts.ts";
import { readMeta, writeMeta } from "./meta.ts";
import { createWriter } from "./writer.ts";

/** Runs whose rows are written at once. */
const batchSize = 1_000;

/** Writes which foreign runs came, went, or were replaced. What cannot be read is left out, and told by `exp fsck`. */
export function refreshForeign(database: Database, view: StoreView): void {
  const stamp = foreignStamps(view);
  if (stamp !== undefined && (readMeta(database, "foreign") ?? "none") === stamp) return;
  const { files, store } = view;
  const known = new Map(database.all(knownRuns).map(({ name, stamp: old }) => [String(name), old]));
  const present = foreignDirectories(files, store);
  const gone = [...known.keys()].filter((name) => !present.has(name));
  const changed = [...present].filter(
    ([name, place]) => known.get(name) !== foreignStamp(files, join(store, place)),
  );
  for (let start = 0; start < changed.length; start += batchSize) {
    database.transaction(() => {
      const writer = createWriter(database);
      for (const [name, place] of changed.slice(start, start + batchSize)) {
        const facts = readForeignFacts(files, store, { name, place });
        if (typeof facts === "string") writer.remove(name);
        else writer.put(facts);
      }
      writer.flush();
    });
  }
  if (gone.length === 0 && stamp === undefined) return;
  database.transaction(() => {
    const writer = createWriter(database);
    for (const name of gone) writer.remove(name);
    if (stamp !== undefined) writeMeta(database, "foreign", stamp);
  });
}

const knownRuns =
  "SELECT r.name AS name, d.stamp AS stamp FROM stored_runs r JOIN run_details d ON d.run = r.id WHERE r.status = 'foreign'";

/** Equal as long as nothing was imported or removed; `undefined` where that cannot be told. */
function foreignStamps(view: StoreView): string | undefined {
  const root = foreignRoot(view.store);
  const own = directoryStamp(view, root);
  if (own === undefined || own === "none") return own;
  const stamps = [own];
  for (const source of view.files.list(root).filter(isSourceName)) {
    const stamp = directoryStamp(view, join(root, source));
    if (stamp === undefined) return undefined;
    stamps.push(`${source} ${stamp}`);
  }
  return stamps.join("\n");
}

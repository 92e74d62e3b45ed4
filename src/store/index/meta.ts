/** What a refresh of the index notes for the next one. */
import type { Database } from "./database.ts";

/** What was noted under a key; `undefined` where nothing was. */
export function readMeta(database: Database, key: string): unknown {
  return database.first("SELECT value FROM meta WHERE key = ?", key)?.["value"];
}

/** Notes something in place of what was noted under its key. */
export function writeMeta(database: Database, key: string, value: string): void {
  database.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value);
}

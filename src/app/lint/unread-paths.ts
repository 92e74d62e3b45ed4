/** Which values of a config no finished run read, from what runs recorded of their reads. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readAttemptRecord } from "../../store/attempt-record.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { listRuns } from "../lookups/list-runs.ts";
import { storeOf, type LookupContext } from "../lookups/open-index.ts";

/** Of a wide sweep some runs stand for all. */
const maxConfigs = 64;

/** @returns A function from the hashes of an experiment's configs to the paths that none of their finished runs read. */
export function unreadPathsReader(
  context: LookupContext,
): (configHashes: () => readonly string[]) => readonly string[] {
  const files = createFileSystem();
  const store = storeOf(context);
  if (!existsSync(store)) return () => [];
  return (configHashes) => {
    const hashes = [...new Set(configHashes())].slice(0, maxConfigs);
    const runs = hashes.flatMap((hash) => {
      const filter = `configHash = "${hash}" and status = "finished"`;
      return listRuns({ ...context, filter }).runs;
    });
    const [first, ...others] = runs.map(
      ({ directory }) => readAttemptRecord(files, join(store, directory))?.unread ?? [],
    );
    return (first ?? []).filter((path) => others.every((unread) => unread.includes(path)));
  };
}

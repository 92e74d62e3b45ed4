/** What the index keeps of a run of another tool. */
import { join } from "node:path";
import type { FileSystem } from "../file-system.ts";
import { foreignStamp, readForeign } from "../foreign-runs.ts";
import { parseTime } from "../times.ts";
import { readFacts } from "./run-facts.ts";
import type { StoredFacts } from "./writer.ts";

/**
 * The facts of a foreign run, or a sentence that says why its folder is none. Its status is `foreign`, whatever its tool
 * called it: nothing that asks for finished runs takes it for one of ours, whose figures anybody can compute again.
 * @param place - Its folder, relative to the store.
 */
export function readForeignFacts(
  files: FileSystem,
  store: string,
  { name, place }: { readonly name: string; readonly place: string },
): StoredFacts | string {
  const directory = join(store, place);
  const record = readForeign(files, directory);
  if (typeof record === "string") return record;
  const { source, id, runKey, experiment, tags } = record;
  const facts = readFacts(files, directory);
  const [started, ended] = [timeOf(record.started), timeOf(record.ended)];
  const called = record.name === undefined ? id : `${record.name}, ${id}`;
  const standing = record.status === undefined ? "" : `, there ${record.status}`;
  return {
    ...facts,
    name,
    runKey,
    stamp: foreignStamp(files, directory),
    tags,
    files: [],
    columns: {
      ...facts.columns,
      directory: place,
      status: "foreign",
      reason: `imported from ${source.kind} (${source.place}: ${called})${standing}`,
      experiment,
      started,
      ended,
      duration: started === null || ended === null ? null : (ended - started) / 1000,
    },
  };
}

function timeOf(text: string | undefined): number | null {
  return parseTime(text ?? "") ?? null;
}

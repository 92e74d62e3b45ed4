/** Stores of made-up runs for tests of the index, removed when the test ends. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { createFileSystem } from "../../../../src/store/file-system.ts";
import { withIndex, type IndexOptions } from "../../../../src/store/index/run-index.ts";
import { currentProcess } from "../../../../src/store/process-facts.ts";
import { selectRuns, type RunSelection } from "../../../../src/store/query/select-runs.ts";
import { writeMadeUpRuns } from "../../../bench/made-up-runs.ts";

/** A folder of its own with a store `runs` of so many made-up runs. */
export function createStore(numRuns: number): string {
  const parent = mkdtempSync(join(tmpdir(), "lockstep-index-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const store = join(parent, "runs");
  mkdirSync(store);
  writeMadeUpRuns(store, 0, numRuns);
  return store;
}

/** How tests open the index of a store. */
export function indexOptions(store: string, more: Partial<IndexOptions> = {}): IndexOptions {
  const base = { store, files: createFileSystem(), here: currentProcess(), now: () => new Date() };
  return { ...base, ...more };
}

/** The runs of a filter, from an index that is opened and closed. */
export function select(
  store: string,
  filter = "",
  more: Partial<IndexOptions> & { readonly sort?: string } = {},
): RunSelection {
  const { sort, ...options } = more;
  return withIndex(indexOptions(store, options), ({ database }) =>
    selectRuns(database, { filter, now: new Date(), ...(sort === undefined ? {} : { sort }) }),
  );
}

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

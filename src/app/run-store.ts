/** The store as scripts and tests see it: finished runs with what is in them, read when it is asked for, and look-ups. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { ExpError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { PublishedRun } from "../store/published-run.ts";
import { runFiles } from "../store/run-layout.ts";
import { openStore, type Store } from "../store/store.ts";
import type { RunStore, StoredRun } from "./api/open-store.ts";
import { readRunObject, readRunRows, readRunText } from "./run-files.ts";
import { runsFolder } from "./runs-folder.ts";
import { storeQueries } from "./store-queries.ts";

/** The runs of a folder; see `openStore` of the public surface. */
export function openRunStore(directory: string | undefined): RunStore {
  if (directory !== undefined && directory !== "") requireFolder(directory);
  const store = openStore(runsFolder(directory));
  return {
    directory: store.directory,
    list: () => store.listPublished().runs.map((run) => storedRun(store, run)),
    damaged: () => store.listPublished().damaged,
    run: (prefix) => storedRun(store, store.findByPrefix(prefix)),
    ...storeQueries(store.directory),
  };
}

/** A slip in the name would look like a store without runs. */
function requireFolder(directory: string): void {
  const status = statSync(directory, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) return;
  const why = status === undefined ? "does not exist" : "is not a folder";
  const place = resolve(directory);
  throw new ExpError("usage", `openStore(): ${place} ${why}.`, {
    hint: "Name the folder of the runs; the first run makes it. Without an argument it need not be there yet.",
  });
}

function storedRun(store: Store, run: PublishedRun): StoredRun {
  const { directory } = run;
  return {
    ...run,
    get experiment(): string {
      const { experiment } = readRunObject(directory, runFiles.attempt);
      return typeof experiment === "string" ? experiment : "";
    },
    config: () => readConfig(run),
    metrics: () => store.readResults(run).metrics,
    details: () => store.readResults(run).details,
    history: () => readRunRows(directory, runFiles.metricsLog),
    predictions: () =>
      run.manifest.files.some(({ path }) => path === runFiles.predictions)
        ? readRunRows(directory, runFiles.predictions)
        : [],
    log: () => readRunText(directory, runFiles.trainLog),
  };
}

/**
 * The resolved config of a finished run.
 * @throws {ExpError} `store` when it cannot be read.
 */
export function readConfig({ directory }: Pick<PublishedRun, "directory">): JsonObject {
  return readRunObject(directory, runFiles.config);
}

/** The store as scripts and tests see it: finished runs with what is in them, read when it is asked for. */
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { ExpError } from "../core/errors.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import type { PublishedRun } from "../store/published-run.ts";
import { runFiles } from "../store/run-layout.ts";
import { openStore, type Store } from "../store/store.ts";
import type { RunStore, StoredRun } from "./api/open-store.ts";
import { runsFolder } from "./runs-folder.ts";

/** The runs of a folder; see `openStore` of the public surface. */
export function openRunStore(directory: string | undefined): RunStore {
  if (directory !== undefined && directory !== "") requireFolder(directory);
  const store = openStore(runsFolder(directory));
  return {
    directory: store.directory,
    list: () => store.listPublished().runs.map((run) => storedRun(store, run)),
    damaged: () => store.listPublished().damaged,
    find: (prefix) => storedRun(store, store.findByPrefix(prefix)),
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
  const text = (name: string): string => readRunFile(run, name);
  return {
    ...run,
    get experiment(): string {
      const { experiment } = parseObject(run, runFiles.attempt, text(runFiles.attempt));
      return typeof experiment === "string" ? experiment : "";
    },
    config: () => readConfig(run),
    metrics: () => store.readResults(run).metrics,
    details: () => store.readResults(run).details,
    history: () => rows(run, runFiles.metricsLog),
    predictions: () =>
      run.manifest.files.some(({ path }) => path === runFiles.predictions)
        ? rows(run, runFiles.predictions)
        : [],
    log: () => text(runFiles.trainLog),
  };
}

/**
 * The resolved config of a finished run.
 * @throws {ExpError} `store` when it cannot be read.
 */
export function readConfig(run: Pick<PublishedRun, "directory">): JsonObject {
  return parseObject(run, runFiles.config, readRunFile(run, runFiles.config));
}

function readRunFile({ directory }: Pick<PublishedRun, "directory">, name: string): string {
  try {
    return readFileSync(join(directory, name), "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExpError("store", `${join(directory, name)} cannot be read: ${reason}`, { cause });
  }
}

function rows(run: PublishedRun, name: string): readonly JsonObject[] {
  const lines = readRunFile(run, name).split("\n");
  return lines.filter((line) => line !== "").map((line) => parseObject(run, name, line));
}

function parseObject(
  { directory }: Pick<PublishedRun, "directory">,
  name: string,
  text: string,
): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isPlainObject(value)) return value as JsonObject; // parsed JSON
  } catch {
    // Told below, with the file's name.
  }
  throw new ExpError("store", `${join(directory, name)} is damaged: it is not what a run writes.`, {
    hint: "Take an intact copy of the run, or run it again.",
  });
}

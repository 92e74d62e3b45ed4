/** All published runs, and finding one by the beginning of its key. */
import { join } from "node:path";
import { ExpError } from "../core/errors.ts";
import { isRunPrefix, minRunPrefixDigits } from "../core/run-name.ts";
import type { FileSystem } from "./file-system.ts";
import { damaged, inspectPublished, notThere, type PublishedRun } from "./published-run.ts";
import { refuseForeign } from "./refuse-foreign.ts";
import { isRunName, numKeyDigits } from "./run-layout.ts";

export interface PublishedList {
  /** In the order of their keys. */
  readonly runs: readonly PublishedRun[];
  /** Directories that bear a run's name and are none, with a sentence about each. */
  readonly damaged: readonly { readonly directory: string; readonly reason: string }[];
}

/** Reads every run of a store. */
export function listPublished(files: FileSystem, store: string): PublishedList {
  const runs: PublishedRun[] = [];
  const broken: { directory: string; reason: string }[] = [];
  for (const name of files.list(store).filter(isRunName)) {
    const directory = join(store, name);
    const run = inspectPublished(files, directory);
    if (run === notThere) continue; // removed since it was listed
    if (typeof run === "string") broken.push({ directory, reason: run });
    else if (run.runKey.startsWith(name)) runs.push(run);
    else broken.push({ directory, reason: `it belongs to run key ${run.runKey}` });
  }
  return { runs, damaged: broken };
}

/**
 * The run whose key begins with `prefix`.
 * @param prefix - 8 to 64 hex digits, of either case.
 * @throws {ExpError} `usage` for anything else, and where none or several runs begin so; `store` for a damaged run.
 */
export function findByPrefix(files: FileSystem, store: string, prefix: string): PublishedRun {
  if (!isRunPrefix(prefix)) {
    throw new ExpError(
      "usage",
      `${JSON.stringify(prefix)} does not name a run; expected ${minRunPrefixDigits} to 64 hex digits of its key.`,
    );
  }
  const wanted = prefix.toLowerCase(); // ASCII only, as checked
  const names = files
    .list(store)
    .filter((name) => isRunName(name) && name.startsWith(wanted.slice(0, numKeyDigits)));
  const [name, ...others] = names;
  if (name === undefined) {
    refuseForeign(files, store, wanted);
    throw notFound(store, wanted);
  }
  if (others.length > 0) {
    throw new ExpError("usage", `${wanted} begins the keys of ${names.length} runs.`, {
      hint: `Write more digits: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}.`,
    });
  }
  const run = inspectPublished(files, join(store, name));
  if (run === notThere) throw notFound(store, wanted);
  if (typeof run === "string") throw damaged(join(store, name), run);
  if (!run.runKey.startsWith(wanted)) throw notFound(store, wanted);
  return run;
}

function notFound(store: string, prefix: string): ExpError {
  return new ExpError("usage", `No run in ${store} has a key that begins with ${prefix}.`, {
    hint: "Only finished runs are found by their key.",
  });
}

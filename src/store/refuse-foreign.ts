/** Runs of other tools where only a run of Lockstep will do. */
import { join } from "node:path";
import { ExpError } from "../core/errors.ts";
import type { FileSystem } from "./file-system.ts";
import { foreignDirectories, readForeign } from "./foreign-runs.ts";
import { numKeyDigits } from "./run-layout.ts";

/**
 * Says why nothing can be executed where digits begin the key of a foreign run.
 * @param prefix - Lower-case hex digits.
 * @throws {ExpError} `usage` for a foreign run.
 */
export function refuseForeign(files: FileSystem, store: string, prefix: string): void {
  const found = [...foreignDirectories(files, store)].find(([name]) =>
    name.startsWith(prefix.slice(0, numKeyDigits)),
  );
  if (found === undefined) return;
  const [name, place] = found;
  const record = readForeign(files, join(store, place));
  const from = typeof record === "string" ? "" : ` from ${record.source.kind}`;
  throw new ExpError(
    "usage",
    `The run ${name} was imported${from}: it has figures, but no code, data or environment of Lockstep, so it cannot be executed, gone on with or checked.`,
    { hint: `exp show ${name} and exp compare look at it.` },
  );
}

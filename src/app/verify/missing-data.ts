/** What somebody is told whose run cannot be verified since its data, or packages of its code, are not there. */
import { ExpError, isExpError } from "../../core/errors.ts";
import { shellQuote } from "../../core/shell-quote.ts";
import { importNote } from "../archive/import-note.ts";
import type { StoredRun } from "./stored-run.ts";

/**
 * The error with what to do about it, where it is about data; any other as it is.
 * @param error - What the look at the data ended with.
 */
export function withoutData({ store, run }: Pick<StoredRun, "store" | "run">, error: Error): Error {
  if (!isExpError(error) || error.code !== "data") return error;
  const isImported = importNote(store, run.runKey) !== undefined;
  const where = isImported
    ? "The run came in an archive: import that once more and say where its data lie here, exp import ARCHIVE --relocate OLD=NEW."
    : "Put the data back where the run read them, relative to the project; nothing was executed.";
  const hint = error.hint === undefined ? where : `${error.hint}\n${where}`;
  return new ExpError("data", error.message, { hint, cause: error });
}

/** How to get at the packages that the stored code needs: in a folder of their own, since the project may have others by now. */
export function packagesHint({ store, run }: Pick<StoredRun, "store" | "run">): string {
  const name = run.runKey.slice(0, 8);
  const verify = `exp verify ${name} --runs-dir ${shellQuote(store.directory)}`;
  return `exp checkout ${name} --to DIR writes its sources and lock file; in DIR install its packages (npm ci, or pnpm install) and say ${verify}`;
}

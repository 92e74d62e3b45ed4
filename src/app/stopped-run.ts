/** Finding a run that was stopped by its name, and the command line that it was started with. */
import { join } from "node:path";
import { ExpError } from "../core/errors.ts";
import { isRunPrefix } from "../core/run-name.ts";
import { readAttemptRecord } from "../store/attempt-record.ts";
import { attemptNumbers } from "../store/claim.ts";
import { createFileSystem } from "../store/file-system.ts";
import { redacted } from "../store/redact.ts";
import { refuseForeign } from "../store/refuse-foreign.ts";
import { attemptsRoot, isRunName } from "../store/run-layout.ts";
import { openStore } from "../store/store.ts";

/** A command line that was kept. */
export interface CommandLine {
  /** What followed `exp`; secrets are taken out. */
  readonly words: readonly string[];
  /** One was taken out. */
  readonly hasSecret: boolean;
}

/** A run that has attempts and is not published, or is. */
export type NamedRun =
  | { readonly kind: "finished"; readonly directory: string }
  | {
      readonly kind: "stopped";
      readonly runKey: string;
      /**
       * What followed `exp` when its attempts were started, the newest first, and at least one.
       * One that went on by `exp resume` says only that.
       */
      readonly lines: readonly CommandLine[];
    };

/**
 * The run that a name means.
 * @param name - 8 or more digits of its key.
 * @param runsDirectory - Absolute.
 * @throws {ExpError} `usage` where it is no name, no run or several have it, or where the run was not started by `exp`;
 *   `store` for a damaged run.
 */
export function findNamedRun(name: string, runsDirectory: string): NamedRun {
  if (!isRunPrefix(name)) throw unknownRun(name, "is no name of a run", []);
  const key = name.toLowerCase();
  const files = createFileSystem();
  const root = attemptsRoot(runsDirectory);
  const all = files.list(root).filter(isRunName);
  refuseForeign(files, runsDirectory, key);
  const found = all.filter((one) => one.startsWith(key.slice(0, one.length)));
  if (found.length > 1) throw unknownRun(name, "is the beginning of several", found);
  const folder = join(root, found[0] ?? key);
  const records = attemptNumbers(files, folder).flatMap(
    (number) => readAttemptRecord(files, join(folder, String(number))) ?? [],
  );
  const record = records.at(-1);
  const store = openStore(runsDirectory);
  const isPublished = record === undefined || store.findPublished(record.runKey) !== undefined;
  const published = isPublished
    ? store.listPublished().runs.find(({ runKey }) => runKey.startsWith(key))
    : undefined;
  if (published !== undefined) return { kind: "finished", directory: published.directory };
  if (record === undefined && found.length > 0) throw unreadableAttempts(folder);
  if (record === undefined || !record.runKey.startsWith(key))
    throw unknownRun(name, "has no attempt", all);
  const lines = records.flatMap(({ argv }) => commandLine(argv)).toReversed();
  if (lines.length > 0) return { kind: "stopped", runKey: record.runKey, lines };
  const [program = ""] = record.argv;
  throw new ExpError("usage", `The run ${name} was not started by exp, but by ${program}.`, {
    hint: "Start that again: it goes on from the newest checkpoint.",
  });
}

/** What a command line that was kept is gone on with. */
export interface ResumedLine {
  /** Digits of the run that is gone on with, of all that it asks for. */
  readonly only: string;
  /** As it is to be written; absent where the line itself says the folder of the runs, or need not. */
  readonly runsDirectory?: string;
}

/** The words of a command line that was kept, as whoever goes on with one of its runs would type them. */
export function resumedWords(
  words: readonly string[],
  { only, runsDirectory }: ResumedLine,
): readonly string[] {
  const others = withoutFlag(words, "--only");
  if (runsDirectory === undefined) return [...others, "--only", only];
  return [...withoutFlag(others, "--runs-dir"), "--runs-dir", runsDirectory, "--only", only];
}

/** Without a flag and its value, in either way of writing them. */
function withoutFlag(words: readonly string[], flag: string): readonly string[] {
  return words.filter(
    (word, index) =>
      word !== flag && !word.startsWith(`${flag}=`) && (words[index - 1] ?? "") !== flag,
  );
}

/** What followed `exp`, as the only element; empty where another program was started. */
function commandLine([program = "", ...words]: readonly string[]): readonly CommandLine[] {
  if (!/(?:^|[/\\])exp(?:\.cjs)?$/u.test(program) || words.length === 0) return [];
  return [{ words, hasSecret: words.some((word) => word.includes(redacted)) }];
}

function unreadableAttempts(folder: string): ExpError {
  return new ExpError(
    "store",
    `No attempt of the run in ${folder} can be read: attempt.json is damaged.`,
    {
      hint: "Start the experiment again as it was started: it tells what it goes on from. exp fsck tells what is damaged.",
    },
  );
}

function unknownRun(name: string, what: string, others: readonly string[]): ExpError {
  const shown = others.slice(0, 5).join(", ");
  return new ExpError("usage", `${JSON.stringify(name)} ${what}; expected 8 or more digits.`, {
    hint:
      shown === ""
        ? "No run was stopped here: there is no attempt in this folder of runs."
        : `Runs with attempts: ${shown}${others.length > 5 ? ", …" : ""}.`,
  });
}

/** `exp rm RUN...`: runs to the trash; `--list` shows it, `--restore` puts back. */
import {
  listTrash,
  removeRuns,
  restoreFromTrash,
  type Removed,
  type SizedEntry,
} from "../../app/manage/remove-runs.ts";
import { ExpError } from "../../core/errors.ts";
import { formatBytes } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import { lookupContext } from "../lookup-context.ts";
import { formatTime } from "../lookup-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { formatTable } from "../table.ts";
import { printable } from "../terminal.ts";

const examples = `
A run goes to .trash/ in the runs folder with all that belongs to it: attempts, conflicts, tags, notes, verdicts. No
command finds it there; --restore puts it back, exp gc empties the trash. A run that is being executed is refused.

Examples:
  exp rm 031a6508 9c1e77a0
  exp rm 'experiment = scratch and status != finished'
  exp rm --list
  exp rm --restore 031a6508`;

/** `exp rm`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("[runs...]", "digits of a key, a run's folder, or a filter for all that it takes")
      .option("--list", "show what is in the trash")
      .option(
        "--restore",
        "put runs, or entries of the trash by their number, back where they were",
      )
      .addHelpText("after", examples);
  },
  run: removeCommand,
};

async function removeCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options } = invocation;
  const context = lookupContext(invocation, session);
  if (options["list"] === true) {
    if (operands.length > 0 || options["restore"] === true)
      throw misused("exp rm --list takes nothing else.");
    tellTrash(listTrash(context), invocation, session);
    return exitStatus.done;
  }
  if (operands.length === 0) throw misused("exp rm: no run is named.");
  const isRestoring = options["restore"] === true;
  const moved = isRestoring ? restoreFromTrash(context, operands) : removeRuns(context, operands);
  tellMoved(moved, isRestoring, { invocation, session });
  return exitStatus.done;
}

function misused(message: string): ExpError {
  return new ExpError("usage", message, { hint: "See exp rm --help." });
}

function tellMoved(
  { entries, store }: Removed,
  isRestored: boolean,
  { invocation, session }: { readonly invocation: Invocation; readonly session: Session },
): void {
  const { stdout, stderr, workingDirectory } = session;
  if (invocation.json) {
    const format = isRestored ? "lockstep/restored/1" : "lockstep/removed/1";
    const all = entries.map((entry) => entryDocument(entry, workingDirectory));
    stdout.write(jsonLine({ format, entries: all }));
    return;
  }
  for (const entry of entries) {
    const where = isRestored ? `${store}/${entry.path}` : entry.directory;
    stdout.write(`${nameOf(entry)}  ${printable(relativePath(where, workingDirectory))}\n`);
  }
  const isRuns = entries.every(({ run }) => run !== undefined);
  const noun = entries.length === 1 ? (isRuns ? "run" : "entry") : isRuns ? "runs" : "entries";
  stderr.write(
    `${entries.length} ${noun} ${isRestored ? "put back" : "moved to the trash; exp rm --restore puts back"}.\n`,
  );
}

function nameOf({ run, path }: Removed["entries"][number]): string {
  if (run === undefined) return printable(path);
  return `${path}  ${printable(run.experiment)}`.trimEnd();
}

function entryDocument(
  { number, directory, path, reason, time, run }: Removed["entries"][number],
  workingDirectory: string,
) {
  const facts = run === undefined ? {} : { run: path, ...run };
  const place = relativePath(directory, workingDirectory);
  return { number, directory: place, path, reason, time, ...facts };
}

function tellTrash(entries: readonly SizedEntry[], { json }: Invocation, session: Session): void {
  const { stdout, stderr, workingDirectory } = session;
  if (json) {
    const all = entries.map((entry) => {
      return { ...entryDocument(entry, workingDirectory), bytes: entry.numBytes };
    });
    stdout.write(jsonLine({ format: "lockstep/trash-list/1", entries: all }));
    return;
  }
  const rows = entries.map((entry) => [
    String(entry.number),
    formatTime(Date.parse(entry.time)),
    printable(entry.path),
    printable(entry.run?.experiment ?? ""),
    formatBytes(entry.numBytes),
    printable(entry.reason),
  ]);
  const columns = ["entry", "removed", "was at", "experiment"].map((title) => ({ title }));
  const table = formatTable([...columns, { title: "size", align: "right" }, { title: "by" }], rows);
  const [header = "", ...lines] = table;
  if (rows.length > 0) stdout.write(`${[stdout.style("bold", header), ...lines].join("\n")}\n`);
  stderr.write(rows.length === 0 ? "The trash is empty.\n" : "exp rm --restore ENTRY puts back.\n");
}

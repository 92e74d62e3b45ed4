/** `exp gc`: removes what nobody needs any more. */
import { collectGarbage, type CollectedGarbage } from "../../app/manage/remove-runs.ts";
import { ExpError } from "../../core/errors.ts";
import { formatBytes, formatCount } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import { lookupContext } from "../lookup-context.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { formatTable } from "../table.ts";
import { printable } from "../terminal.ts";

const help = `
Removes what lies in the trash for longer than --older-than, what dead processes left behind half written, what an exp
verify that was killed worked in, and checkpoints of attempts that nobody goes on from: the run is finished, or a later
attempt has newer ones. No finished run is touched, and nothing of a process that runs. Without --yes it only tells.

Examples:
  exp gc
  exp gc --yes
  exp gc --older-than 0d --yes      empties the trash`;

const usualAge = "30d";

/** `exp gc`. */
export const command: Command = {
  describe(parser) {
    parser
      .option("--yes", "remove it; without this nothing is written")
      .option(
        "--older-than <age>",
        `how long something lies in the trash before it is removed; default: ${usualAge}`,
        ageOption,
      )
      .addHelpText("after", help);
  },
  run: gcCommand,
};

const unitsMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** An age in milliseconds. */
function ageOption(text: string): number {
  const [, number, unit] = /^(\d{1,5})([mhdw])$/u.exec(text) ?? [];
  if (number === undefined) {
    throw new ExpError(
      "usage",
      `exp gc: --older-than takes an age, found ${JSON.stringify(text)}.`,
      {
        hint: "For example 12h, 30d or 8w.",
      },
    );
  }
  return Number(number) * unitsMs[unit as keyof typeof unitsMs];
}

async function gcCommand(invocation: Invocation, session: Session): Promise<number> {
  const { options, json } = invocation;
  const isRemoving = options["yes"] === true;
  const age = options["olderThan"];
  const found = collectGarbage(lookupContext(invocation, session), {
    isRemoving,
    olderThanMs: typeof age === "number" ? age : ageOption(usualAge),
  });
  const { stdout, stderr, workingDirectory } = session;
  const numBytes = found.items.reduce((sum, one) => sum + one.numBytes, 0);
  if (json) {
    const items = found.items.map(({ kind, path, numBytes: bytes, reason }) => {
      return { kind, path, bytes, reason };
    });
    const facts = { directory: relativePath(found.store, workingDirectory), removed: isRemoving };
    const failures = found.failures.map((one) => ({ ...one }));
    const document = { format: "lockstep/gc/1", ...facts, bytes: numBytes, items, failures };
    stdout.write(jsonLine(document));
  } else {
    for (const line of lines(found, stdout)) stdout.write(`${line}\n`);
  }
  for (const { path, reason } of found.failures)
    stderr.write(`kept: ${printable(path)}: ${printable(reason)}\n`);
  const what = `${formatCount(found.items.length)} thing${found.items.length === 1 ? "" : "s"}, ${formatBytes(numBytes)}`;
  const done = isRemoving ? `Removed ${what}.` : `Would remove ${what}: exp gc --yes does it.`;
  stderr.write(`${found.items.length === 0 ? "There is nothing to remove." : done}\n`);
  return found.failures.length === 0 ? exitStatus.done : exitStatus.failed;
}

function lines({ items }: CollectedGarbage, terminal: Session["stdout"]): readonly string[] {
  if (items.length === 0) return [];
  const rows = items.map(({ kind, path, numBytes, reason }) => [
    formatBytes(numBytes),
    kind,
    printable(path),
    printable(reason),
  ]);
  const columns = ["kind", "path", "why"].map((title) => ({ title }));
  const [header = "", ...others] = formatTable(
    [{ title: "size", align: "right" }, ...columns],
    rows,
  );
  return [terminal.style("bold", header), ...others];
}

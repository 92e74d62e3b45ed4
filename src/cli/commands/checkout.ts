/** `exp checkout RUN --to DIR`: writes what a run was made from into a folder. */
import { resolve } from "node:path";
import { checkOut } from "../../app/verify/checkout.ts";
import { findStoredRun } from "../../app/verify/stored-run.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

/** `exp checkout`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<run>", "8 or more digits of a finished run's key, or its folder")
      .requiredOption("--to <folder>", "folder for the files, new or empty");
  },
  run: checkoutCommand,
};

function checkoutCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, runsDirectory, json } = invocation;
  const { workingDirectory, stdout } = session;
  const [name = ""] = operands;
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  const stored = findStoredRun({ name, workingDirectory, ...folder });
  const written = checkOut(stored, resolve(workingDirectory, String(options["to"])));
  if (json) {
    stdout.write(jsonLine({ ...written }));
    return Promise.resolve(exitStatus.done);
  }
  const place = printable(String(options["to"]));
  stdout.write(
    `${place}/${printable(written.file)} and what it imports; project: ${printable(written.project)}\n`,
  );
  for (const data of written.data) stdout.write(`${place}/${printable(data)}\n`);
  for (const record of written.records) stdout.write(`${place}/${record}\n`);
  return Promise.resolve(exitStatus.done);
}

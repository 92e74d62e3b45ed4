/**
 * `exp replay RUN [overrides…]`: executes a finished run once more from its stored code, and compares it with what is
 * published; with other values it is another run of that code.
 */
import { importNote } from "../../app/archive/import-note.ts";
import { planReplay } from "../../app/verify/run-again.ts";
import { findStoredRun } from "../../app/verify/stored-run.ts";
import type { Command, Invocation } from "../command.ts";
import type { Session } from "../session.ts";
import { printable } from "../terminal.ts";
import { executeAndTell, inWorkers } from "./run.ts";

/** `exp replay`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<run>", "8 or more digits of a finished run's key, or its folder")
      .argument("[overrides...]", "values to set, such as seed=7; then it is another run");
  },
  run: replayCommand,
};

async function replayCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, runsDirectory, json } = invocation;
  const { workingDirectory } = session;
  const [name = "", ...overrides] = operands;
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  const stored = findStoredRun({ name, workingDirectory, ...folder });
  const note = importNote(stored.store, stored.run.runKey);
  if (note !== undefined) session.stderr.write(`${printable(note)}\n`);
  const { environment } = session.planContext;
  const frozen = await planReplay(stored, { overrides, environment });
  const flags = { json, onError: "continue", isRepeat: overrides.length === 0 } as const;
  return executeAndTell(inWorkers(frozen, 1, session), flags, session);
}

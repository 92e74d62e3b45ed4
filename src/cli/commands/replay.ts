/** `exp replay RUN`: executes a finished run once more from its stored code, and compares it with what is published. */
import { findStoredRun, replayPlan } from "../../app/verify/stored-run.ts";
import type { Command, Invocation } from "../command.ts";
import type { Session } from "../session.ts";
import { executeAndTell, inWorkers } from "./run.ts";

/** `exp replay`. */
export const command: Command = {
  describe: (parser) => {
    parser.argument("<run>", "8 or more digits of a finished run's key");
  },
  run: replayCommand,
};

function replayCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, runsDirectory, json } = invocation;
  const { workingDirectory } = session;
  const [name = ""] = operands;
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  const frozen = replayPlan(findStoredRun({ name, workingDirectory, ...folder }));
  const flags = { json, onError: "continue", isRepeat: true } as const;
  return executeAndTell(inWorkers(frozen, 1, session), flags, session);
}

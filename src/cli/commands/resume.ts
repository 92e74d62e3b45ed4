/** `exp resume RUN`: goes on with a run that was stopped or killed, as the command line that started it would. */
import { resolve } from "node:path";
import { runsFolder } from "../../app/runs-folder.ts";
import { findNamedRun } from "../../app/stopped-run.ts";
import { lockstepVersion } from "../../app/version.ts";
import { ExpError, isExpError } from "../../core/errors.ts";
import { shellQuote } from "../../core/shell-quote.ts";
import { parseArguments } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import type { Session } from "../session.ts";

/** `exp resume`. */
export const command: Command = {
  describe: (parser) => {
    parser.argument(
      "<run>",
      "8 or more digits of the run's key, as exp plan and the table show them",
    );
  },
  run: resumeCommand,
};

async function resumeCommand(invocation: Invocation, session: Session): Promise<number> {
  const [name = ""] = invocation.operands;
  const { workingDirectory, stderr } = session;
  const runsDirectory = resolve(
    workingDirectory,
    runsFolder(invocation.runsDirectory, workingDirectory),
  );
  const found = findNamedRun(name, runsDirectory);
  if (found.kind === "finished") {
    const folder = relativePath(found.directory, workingDirectory);
    stderr.write(`The run ${name} is finished: ${folder}\n`);
    return exitStatus.done;
  }
  const { words, runKey } = found;
  const shown = `exp ${words.map(shellQuote).join(" ")}`;
  const line = await parseArguments(words, lockstepVersion());
  if (line.kind !== "command" || line.name !== "run" || isPlan(line.invocation)) {
    throw new ExpError("usage", `The run ${name} is one of a saved plan: ${shown}`, {
      hint: "Start that again: finished runs are kept, and stopped ones go on.",
    });
  }
  if (found.hasSecret) {
    throw new ExpError("usage", `The run ${name} was started with a secret: ${shown}`, {
      hint: "Secrets are not kept. Start that again with it: the run goes on.",
    });
  }
  stderr.write(`${shown} --only ${runKey.slice(0, 16)}\n`);
  try {
    return await line.command.run(
      {
        ...line.invocation,
        options: { ...line.invocation.options, only: runKey },
        json: invocation.json,
        runsDirectory,
      },
      session,
    );
  } catch (error) {
    throw isExpError(error) && error.code === "usage" ? another(error, runKey) : error;
  }
}

function isPlan({ operands }: Invocation): boolean {
  return (operands[0] ?? "").endsWith(".json");
}

/** The key is not among the runs any more: config, code or data have changed, and no checkpoint is gone on from then. */
function another(error: ExpError, runKey: string): ExpError {
  if (!error.message.includes(runKey)) return error;
  return new ExpError("usage", error.message, {
    hint: "Its config, code or data have changed since it was stopped: it would be another run. exp plan FILE says what changed.",
    cause: error,
  });
}

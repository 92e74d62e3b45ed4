/** `exp resume RUN`: goes on with a run that was stopped or killed, as the command line that started it would. */
import { runNameOfPath, runsFolder, runsFolderOf } from "../../app/runs-folder.ts";
import { findNamedRun, resumedWords, type CommandLine } from "../../app/stopped-run.ts";
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
      "8 or more digits of the run's key, as exp plan and the table show them, or its folder",
    );
  },
  run: resumeCommand,
};

async function resumeCommand(invocation: Invocation, session: Session): Promise<number> {
  const [name = ""] = invocation.operands;
  const { workingDirectory, stderr } = session;
  const runsDirectory = runsFolderOf(name, invocation.runsDirectory, workingDirectory);
  const digits = runNameOfPath(runsDirectory, name, workingDirectory) ?? name;
  const found = findNamedRun(digits, runsDirectory);
  if (found.kind === "finished") {
    const folder = relativePath(found.directory, workingDirectory);
    stderr.write(`The run ${name} is finished: ${folder}\n`);
    return exitStatus.done;
  }
  const { lines, runKey } = found;
  const { line, words } = await startingLine(name, lines);
  // Its own folder of runs, unless the run was taken elsewhere since.
  const isThere = runsFolder(line.invocation.runsDirectory, workingDirectory) === runsDirectory;
  const resumed = resumedWords(words, {
    only: runKey.slice(0, 16),
    ...(!isThere && { runsDirectory: relativePath(runsDirectory, workingDirectory) }),
  });
  stderr.write(`${shownLine(resumed)}\n`);
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

type RunLine = Extract<Awaited<ReturnType<typeof parseArguments>>, { kind: "command" }>;

/** The newest that says what the run is: `exp resume` names only the run, and what it went on with is older. */
async function startingLine(
  name: string,
  lines: readonly CommandLine[],
): Promise<{ readonly line: RunLine; readonly words: readonly string[] }> {
  for (const { words, hasSecret } of lines) {
    const line = await parseArguments(words, lockstepVersion());
    if (line.kind === "command" && line.name === "resume") continue;
    const shown = shownLine(words);
    if (line.kind !== "command" || line.name !== "run" || isPlan(line.invocation)) {
      throw new ExpError("usage", `The run ${name} was not started from a file: ${shown}`, {
        hint: "Start that again: finished runs are kept, and stopped ones go on.",
      });
    }
    if (!hasSecret) return { line, words };
    throw new ExpError("usage", `The run ${name} was started with a secret: ${shown}`, {
      hint: "Secrets are not kept. Start that again with it: the run goes on.",
    });
  }
  throw new ExpError("usage", `No attempt at the run ${name} says what started it.`, {
    hint: "Start again what began it: it goes on from the newest checkpoint.",
  });
}

function shownLine(words: readonly string[]): string {
  return `exp ${words.map(shellQuote).join(" ")}`;
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

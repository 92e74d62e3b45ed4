/** `exp freeze RUN|HASH`: writes a module that makes exactly the config of a run. */
import { freezeConfig } from "../../app/freeze/freeze.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

const examples = `
The module holds every value, defaults too, and no parent or preset; it is resolved before it is left there, and must have
the same config hash. A hash may also be of a run that was not executed yet: a point of a sweep as exp plan shows it.

Examples:
  exp freeze 031a6508
  exp freeze 031a6508 --to experiments/published.ts`;

/** `exp freeze`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("<run>", "8 or more digits of a finished run's key, or of a config hash")
      .option(
        "--to <module>",
        "where it is written; default: beside the experiment, named by the hash",
      )
      .option("--force", "replace a file that is there already")
      .addHelpText("after", examples);
  },
  run: freezeCommand,
};

async function freezeCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, runsDirectory, json } = invocation;
  const { stdout, planContext } = session;
  const [digits = ""] = operands;
  const to = options["to"];
  const frozen = await freezeConfig({
    ...planContext,
    runsDirectory,
    digits,
    isForced: options["force"] === true,
    ...(typeof to === "string" && { to }),
  });
  const { file, configHash, experiment, runKey } = frozen;
  const of = runKey === undefined ? experiment : `run ${runKey.slice(0, 16)} of ${experiment}`;
  stdout.write(
    json
      ? jsonLine({ format: "lockstep/frozen/1", ...frozen })
      : `${printable(file)} makes the config of ${printable(of)}: ${configHash.slice(0, 16)}\n`,
  );
  return exitStatus.done;
}

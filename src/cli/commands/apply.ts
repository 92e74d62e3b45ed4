/** `exp apply DIFF FILE`: edits an experiment so that its config becomes the new side of a diff. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { applyDiff } from "../../app/freeze/apply.ts";
import { ExpError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import { thrownMessage } from "../../core/thrown.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

const examples = `
The experiment's config must be the old side of the diff. Values are changed where the module writes them, and its
formatting and comments stay; what it computes is not changed, and told with its line. The result is resolved before it
takes the module's place.

Examples:
  exp diff main:experiments/x.ts experiments/x.ts --json | exp apply - experiments/y.ts
  exp apply change.json experiments/y.ts --dry-run
  echo '[{"kind":"replace","path":["seed"],"before":0,"value":1}]' | exp apply - experiments/y.ts`;

/** `exp apply`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument(
        "<diff>",
        "what exp diff --json printed, or a list of operations; - for standard input",
      )
      .argument("<file>", "the experiment's module")
      .option("--dry-run", "print the patch and change nothing")
      .addHelpText("after", examples);
  },
  run: applyCommand,
};

async function applyCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, json } = invocation;
  const { stdout, planContext, workingDirectory } = session;
  const [diff = "", file = ""] = operands;
  const isDry = options["dryRun"] === true;
  const document = readDocument(diff, workingDirectory);
  const applied = await applyDiff({ ...planContext, document, file, isDry });
  const { numChanges, patch } = applied;
  if (json) stdout.write(jsonLine({ format: "lockstep/applied/1", isDry, ...applied }));
  else if (isDry) stdout.write(printable(patch));
  else {
    const count = `${String(numChanges)} change${numChanges === 1 ? "" : "s"}`;
    stdout.write(
      `${printable(applied.file)}: ${count} applied, and the config is the diff's new one\n`,
    );
  }
  return exitStatus.done;
}

function readDocument(diff: string, workingDirectory: string): unknown {
  const name = diff === "-" ? "standard input" : diff;
  try {
    return parseJson(readFileSync(diff === "-" ? 0 : resolve(workingDirectory, diff), "utf8"));
  } catch (error) {
    throw new ExpError("usage", `${name} cannot be read as JSON: ${thrownMessage(error)}`, {
      hint: "exp diff A B --json prints a diff.",
      cause: error,
    });
  }
}

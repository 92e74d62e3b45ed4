/** `exp diff A B`: what two experiments, revisions, runs or plans say and resolve to differently. */
import { diffWords } from "../../app/diff/diff.ts";
import { showDiff, type DiffFormat } from "../../app/diff/show-diff.ts";
import { ExpError } from "../../core/errors.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { escaped } from "../show-json.ts";
import { timeoutOption } from "../timeout-option.ts";
import { printable } from "../terminal.ts";

const examples = `
A revision is written before a colon, as for git: main:experiments/x.ts. A range compares all experiments of the project:
main..HEAD two commits, main.. a commit with the working tree.
Without --static, experiments of both sides are evaluated: that runs their code, those of revisions and ranges in processes
of their own. --static only reads it.

Examples:
  exp diff main..                                          what this branch changes
  exp diff --static main..HEAD                             of a branch that you do not trust
  exp diff main:experiments/bert-lr.ts experiments/bert-lr.ts
  exp diff experiments/bert-lr.ts 031a6508                 an experiment as it is now, and a run of it
  exp diff model=bert-tiny experiments/baseline.ts         what the preset would change there`;

/** `exp diff`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument(
        "<before>",
        "an experiment, revision:experiment, run, config hash, plan file, preset; or a range",
      )
      .argument("[after]", "the same; not with a range")
      .option("--static", "read sources only: nothing of the project is evaluated")
      .addOption(timeoutOption())
      .option("--markdown", "Markdown for a comment on a pull request")
      .option("--html", "one HTML page")
      .option("--exit-code", "end with status 1 where something differs")
      .addHelpText("after", examples);
  },
  run: diffCommand,
};

async function diffCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, runsDirectory } = invocation;
  const format = formatOf(invocation);
  const report = await diffWords({
    ...session.planContext,
    runsDirectory,
    words: operands,
    isStatic: options["static"] === true,
    timeoutMs: 1000 * Number(options["timeout"]),
    onLine: (line) => session.stderr.write(`${printable(line)}\n`),
  });
  const { stdout } = session;
  const { text, isSame } = showDiff(report, format, {
    printable,
    paint: (style, part) => stdout.style(style, part),
  });
  stdout.write(format === "json" ? escaped(text) : text);
  return options["exitCode"] === true && !isSame ? exitStatus.failed : exitStatus.done;
}

function formatOf({ options, json }: Invocation): DiffFormat {
  const asked = (["json", "markdown", "html"] as const).filter((name) =>
    name === "json" ? json : options[name] === true,
  );
  const [first, second] = asked;
  if (second === undefined) return first ?? "text";
  throw new ExpError("usage", `exp diff: --${first ?? ""} and --${second} ask for two formats.`, {
    hint: "Give one of --json, --markdown, --html.",
  });
}

/** `exp ci`: what a branch does to all experiments and finished runs; `exp ci comment FILE` puts that into Markdown. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { ciComment } from "../../app/ci/comment.ts";
import { compareBranch } from "../../app/ci/compare-branch.ts";
import { showCi } from "../../app/ci/show-ci.ts";
import { ExpError } from "../../core/errors.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { printable } from "../terminal.ts";
import { timeoutOption } from "../timeout-option.ts";

const examples = `
exp ci evaluates the experiments of both sides in processes of their own: it runs the branch's code, with your rights. Of a
branch that you do not trust, run it where there is nothing to lose, and carry over the document alone: exp ci comment reads
only that, checks it strictly, and runs nothing.
The exit status is 1 where an experiment cannot be resolved now that could be before or is new; one that is new may want values
of the command line.

Examples:
  exp ci                                    against main, from where this branch left it
  exp ci --base origin/main --to ci.json    the same, and the document in a file
  exp ci comment ci.json                    the comment for a pull request`;

/** `exp ci`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("[what]", "comment: read a document instead of comparing")
      .argument("[file]", "for comment: what --to wrote")
      .option("--base <revision>", "what the branch is compared with", "main")
      .option("--to <file>", "write the JSON document into a file as well")
      .addOption(timeoutOption())
      .option("--markdown", "print the comment for a pull request")
      .addHelpText("after", examples);
  },
  run: ciCommand,
};

async function ciCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, json } = invocation;
  const { stdout, workingDirectory } = session;
  const isMarkdown = options["markdown"] === true;
  if (json && isMarkdown) {
    throw new ExpError("usage", "exp ci: --json and --markdown ask for two formats.", {
      hint: "Give one of them; --to FILE keeps the JSON beside the other.",
    });
  }
  const [what, file] = operands;
  if (what !== undefined) {
    stdout.write(ciComment(commentFile(what, file, json), workingDirectory));
    return exitStatus.done;
  }
  const document = await compareBranch({
    ...session.planContext,
    runsDirectory: invocation.runsDirectory,
    base: String(options["base"]),
    timeoutMs: 1000 * Number(options["timeout"]),
    onLine: (line) => session.stderr.write(`${printable(line)}\n`),
  });
  const shown = showCi(document, json ? "json" : isMarkdown ? "markdown" : "text", {
    printable,
    paint: (style, part) => stdout.style(style, part),
  });
  const { to } = options;
  if (typeof to === "string") writeDocument(resolve(workingDirectory, to), shown.document);
  stdout.write(shown.text);
  return shown.isBroken ? exitStatus.failed : exitStatus.done;
}

function commentFile(what: string, file: string | undefined, json: boolean): string {
  if (what === "comment" && file !== undefined && !json) return file;
  const message =
    what === "comment"
      ? "exp ci comment prints Markdown from one document."
      : `exp ci: ${JSON.stringify(what)} is nothing that it does.`;
  throw new ExpError("usage", message, {
    hint: "exp ci compares with --base; exp ci comment ci.json prints the comment.",
  });
}

function writeDocument(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new ExpError("environment", `${path} cannot be written.`, { cause: error });
  }
}

/** `exp lint [FILES…]`: what is better said otherwise in experiments, tasks and schemas. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { lintProject } from "../../app/lint/lint-project.ts";
import { lintDocument, lintSarif } from "../../app/lint/show-lint.ts";
import { ExpError } from "../../core/errors.ts";
import { thrownMessage } from "../../core/thrown.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { lintLines, ruleLines } from "../lint-text.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";

const examples = `
Without files: the modules of experiments/ and what they import of the project. A comment suppresses a finding beside it or on
the line below: // lint-ignore rule-id: reason. Rules are switched off in lockstep.config.ts.
Without --static, experiments are evaluated: that runs their code. --static only reads it.
Exit status: 0 nothing found, 1 something found, 2 wrong input or an experiment that cannot be evaluated.

Examples:
  exp lint
  exp lint experiments/bert-lr.ts --rule override-without-effect --fix
  exp lint --sarif lint.sarif                              for code scanning
  exp lint --list-rules`;

/** `exp lint`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("[files...]", "modules and folders; default: the experiments of the project")
      .option("--rule <id...>", "ask these rules only")
      .option("--fix", "mend what can be mended without changing what any experiment resolves to")
      .option("--static", "read sources only: nothing of the project is evaluated")
      .option("--sarif <file>", "also write the findings as SARIF 2.1.0")
      .option("--list-rules", "print the rules and why each is there")
      .addHelpText("after", examples);
  },
  run: lintCommand,
};

async function lintCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, json, runsDirectory } = invocation;
  const { stdout } = session;
  if (options["listRules"] === true) {
    stdout.write(`${ruleLines(stdout).join("\n")}\n`);
    return exitStatus.done;
  }
  const report = await lintProject({
    ...session.planContext,
    runsDirectory,
    files: operands,
    ruleIds: texts(options["rule"]),
    isStatic: options["static"] === true,
    isFixing: options["fix"] === true,
  });
  const sarif = options["sarif"];
  if (typeof sarif === "string") {
    const text = await lintSarif(report, session.workingDirectory);
    writeReport(resolve(session.workingDirectory, sarif), text);
  }
  const text = json
    ? jsonLine(lintDocument(report)).trimEnd()
    : lintLines(report, stdout).join("\n");
  stdout.write(`${text}\n`);
  if (report.findings.length > 0) return exitStatus.failed;
  return report.failures.length > 0 ? exitStatus.wrongInput : exitStatus.done;
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new ExpError("usage", `${file} cannot be written: ${thrownMessage(error)}`, {
      hint: "Name a file in a folder that is there.",
      cause: error,
    });
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

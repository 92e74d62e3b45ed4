/** The report of `exp lint` as JSON, SARIF and a table of the rules. */
import type { JsonObject } from "../../core/json.ts";
import { isExpError } from "../../core/errors.ts";
import { thrownMessage } from "../../core/thrown.ts";
import type { Finding } from "../../lint/lint.ts";
import type { Rule } from "../../lint/rule.ts";
import { rules } from "../../lint/rules/all.ts";
import { sarifDocument } from "../../lint/sarif.ts";
import { gitIn } from "../../store/environment-git-command.ts";
import { projectDirectory } from "../list-project.ts";
import { lockstepVersion } from "../version.ts";
import type { LintReport } from "./lint-report.ts";

/** The document of `--json`. */
export function lintDocument(report: LintReport): JsonObject {
  const { findings, suppressed, fixed, numModules, numExperiments, failures, incomplete } = report;
  return {
    format: "lockstep/lint/1",
    numModules,
    numExperiments,
    rules: report.rules.map(({ id }) => id),
    findings: findings.map(findingDocument),
    suppressed: suppressed.map((one) => ({ ...findingDocument(one), reason: one.reason })),
    fixed: fixed.map(findingDocument),
    failures: failures.map(({ file, error }) => ({ file, message: failureText(error) })),
    incomplete: [...incomplete],
  };
}

function findingDocument({ edits, ...finding }: Finding): JsonObject {
  const { rule, file, line, column, endLine, endColumn, message } = finding;
  const isFixable = edits !== undefined;
  return { rule, file, line, column, endLine, endColumn, message, isFixable };
}

/**
 * The text of a file for code scanning: its places count from the top of the git repository around the project; without
 * one, from the project.
 * @param workingDirectory - Absolute; somewhere in the project.
 */
export async function lintSarif(report: LintReport, workingDirectory: string): Promise<string> {
  const git = gitIn(projectDirectory(workingDirectory));
  const answer = await git(["rev-parse", "--show-prefix"]);
  const folder = answer.kind === "done" ? answer.output.replace(/\n$/u, "") : "";
  const document = sarifDocument({ ...report, version: lockstepVersion(), folder });
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Why an experiment could not be evaluated, in one line. */
export function failureText(error: unknown): string {
  const text = isExpError(error) ? error.message : thrownMessage(error);
  return text.split("\n", 1)[0] ?? "";
}

/** All rules, for whoever lists them. */
export function listRules(): readonly Pick<Rule, "id" | "reason" | "hasFix" | "needsEvaluation">[] {
  return rules;
}

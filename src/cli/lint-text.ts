/** What `exp lint` found, for people. */
import type { LintReport } from "../app/lint/lint-report.ts";
import { failureText, listRules } from "../app/lint/show-lint.ts";
import { printable, type Terminal } from "./terminal.ts";

type Finding = LintReport["findings"][number];

/** The findings with their places, and one line that sums up. */
export function lintLines(report: LintReport, terminal: Terminal): readonly string[] {
  const { findings, fixed, failures, incomplete } = report;
  const notes = [
    ...failures.map(({ file, error }) => `${file} could not be evaluated: ${failureText(error)}`),
    ...(incomplete.length === 0
      ? []
      : [
          `${incomplete.join(", ")}: not complete without the command line, so rules over resolved values could not judge all of it`,
        ]),
  ];
  return [
    ...fixed.map((finding) => `fixed  ${headOf(finding, terminal)}`),
    ...findings.flatMap((finding) => [
      headOf(finding, terminal),
      `  ${printable(finding.message)}${finding.edits === undefined ? "" : " (--fix does it)"}`,
    ]),
    ...notes.map((note) => `note: ${printable(note)}`),
    sumOf(report),
  ];
}

function headOf({ file, line, column, rule }: Finding, terminal: Terminal): string {
  const place = `${printable(file)}:${line}:${column}`;
  return `${terminal.style("bold", place)}  ${terminal.style("yellow", rule)}`;
}

function sumOf(report: LintReport): string {
  const { findings, suppressed, fixed, numModules, numExperiments, rules } = report;
  const found = findings.length === 0 ? "nothing found" : counted(findings.length, "finding");
  const seen = `${counted(numModules, "module")}, ${counted(numExperiments, "experiment")}, ${counted(rules.length, "rule")}`;
  return [
    `${seen}: ${found}`,
    ...(fixed.length === 0 ? [] : [`${fixed.length} fixed`]),
    ...(suppressed.length === 0 ? [] : [`${suppressed.length} suppressed`]),
  ].join(", ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** The rules, with why each is there. */
export function ruleLines(terminal: Terminal): readonly string[] {
  return listRules().map(({ id, reason, hasFix, needsEvaluation }) => {
    const marks = [...(hasFix ? ["--fix"] : []), ...(needsEvaluation ? ["not --static"] : [])];
    const mark = marks.length === 0 ? "" : ` (${marks.join(", ")})`;
    return `${terminal.style("bold", id)}${mark}\n  ${reason}`;
  });
}

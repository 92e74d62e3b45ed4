/** What `exp lint` found. */
import type { Finding, LintResult } from "../../lint/lint.ts";
import type { Rule } from "../../lint/rule.ts";
import type { Evaluation } from "./evaluate-experiments.ts";

/** What was found in a project. */
export interface LintReport extends LintResult {
  /** The rules that were asked. */
  readonly rules: readonly Rule[];
  readonly numModules: number;
  readonly numExperiments: number;
  /** What was mended, and is not among the findings any more. */
  readonly fixed: readonly Finding[];
  /** Experiments that could not be evaluated, by file. */
  readonly failures: Evaluation["failures"];
  /** Experiments that need a value from the command line: rules over resolved values could not judge all of them. */
  readonly incomplete: readonly string[];
}

/** One look at a project, with what a mending compares. */
export interface Look {
  readonly report: Omit<LintReport, "fixed">;
  readonly evaluation: Evaluation;
}

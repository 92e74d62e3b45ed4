/** `exp lint`: the rules asked of a project's modules, and what can be mended mended. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { envelopeFields } from "../../../schemas/envelope.ts";
import { ExpError } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";
import { sourceModules, type SourceModule, type SourceModules } from "../../diff/source/modules.ts";
import { isExperiment } from "../../lint/exports.ts";
import { importsOf } from "../../lint/imports.ts";
import { lint } from "../../lint/lint.ts";
import type { Rule } from "../../lint/rule.ts";
import { ruleIds } from "../../lint/rule-ids.ts";
import { rules as allRules } from "../../lint/rules/all.ts";
import { readSettings, type FullSettings } from "../../lint/settings.ts";
import { projectDirectory } from "../list-project.ts";
import { evaluateExperiments, type Evaluation } from "./evaluate-experiments.ts";
import type { LintReport, Look } from "./lint-report.ts";
import { mend } from "./mend.ts";
import { modulesToLint } from "./modules-to-lint.ts";
import { unreadPathsReader } from "./unread-paths.ts";

export interface LintRequest {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** As given on the command line. */
  readonly runsDirectory?: string | undefined;
  /** Files and folders; none for those of the settings. */
  readonly files: readonly string[];
  /** None for all that the settings do not switch off. */
  readonly ruleIds: readonly string[];
  /** Nothing of the project is evaluated. */
  readonly isStatic: boolean;
  /** Mend what can be mended. */
  readonly isFixing: boolean;
}

/**
 * Asks the rules.
 * @throws {ExpError} `usage` for an unknown rule, for a path that is no module of the project, and where there is none;
 *   `config` for settings that cannot be used.
 */
export async function lintProject(request: LintRequest): Promise<LintReport> {
  const root = realpathSync(projectDirectory(request.workingDirectory));
  checkRuleIds(request.ruleIds);
  const first = await lintOnce(request, root);
  if (!request.isFixing) return { ...first.report, fixed: [] };
  return mend(first, { root, again: () => lintOnce(request, root) });
}

async function lintOnce(request: LintRequest, root: string): Promise<Look> {
  const modules = sourceModules((path) => readProjectFile(root, path));
  const settings = readSettings(modules, modules.module("lockstep.config.ts"));
  const linted = modulesToLint({ ...request, root, modules, settings });
  const rules = chosenRules(request, settings);
  const evaluation = await evaluate({ request, root, modules, linted, rules });
  const project = {
    modules,
    linted,
    reached: importsOf(modules, linted),
    limits: settings.limits,
    envelopeKeys: new Set(Object.keys(envelopeFields)),
    experiments: evaluation.experiments,
  };
  const result = lint(project, rules);
  const { experiments, failures } = evaluation;
  const incomplete = experiments.filter((one) => one.wasIncomplete()).map(({ file }) => file);
  const numModules = linted.length;
  const numExperiments = linted.filter((module) => isExperiment(modules, module)).length;
  const report = { ...result, rules, numModules, numExperiments, failures, incomplete };
  return { report, evaluation };
}

function checkRuleIds(ids: readonly string[]): void {
  const odd = ids.find((id) => !ruleIds.some((known) => known === id));
  if (odd === undefined) return;
  const meant = nearest(odd, ruleIds);
  throw new ExpError("usage", `There is no rule ${odd}.`, {
    hint: meant === undefined ? "exp lint --list-rules lists them." : `Did you mean ${meant}?`,
  });
}

function chosenRules(request: LintRequest, settings: FullSettings): readonly Rule[] {
  const asked =
    request.ruleIds.length > 0
      ? allRules.filter(({ id }) => request.ruleIds.includes(id))
      : allRules.filter(({ id }) => !settings.isOff(id));
  return request.isStatic ? asked.filter(({ needsEvaluation }) => !needsEvaluation) : asked;
}

interface EvaluationRequest {
  readonly request: LintRequest;
  readonly root: string;
  readonly modules: SourceModules;
  readonly linted: readonly SourceModule[];
  readonly rules: readonly Rule[];
}

async function evaluate(parts: EvaluationRequest): Promise<Evaluation> {
  const { request, root, modules, linted, rules } = parts;
  if (!rules.some(({ needsEvaluation }) => needsEvaluation))
    return { experiments: [], failures: [] };
  const files = linted.filter((module) => isExperiment(modules, module)).map(({ file }) => file);
  const { environment } = request;
  return evaluateExperiments(files, { root, environment, unreadPaths: unreadPathsReader(request) });
}

function readProjectFile(root: string, path: string): string | undefined {
  if (path.startsWith("..")) return undefined;
  const file = join(root, path);
  try {
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  } catch {
    return undefined; // a folder that is called like a module
  }
}

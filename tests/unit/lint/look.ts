/** Sources as texts, looked at by the rules that need no evaluation. */
import { sourceModules } from "../../../src/diff/source/modules.ts";
import { importsOf } from "../../../src/lint/imports.ts";
import { lint, type LintResult } from "../../../src/lint/lint.ts";
import { rules } from "../../../src/lint/rules/all.ts";
import { defaultLimits } from "../../../src/lint/settings.ts";

/** Path → text. */
export type Files = Readonly<Record<string, string>>;

/** What the rules with these names find, all static ones without names. */
export function look(files: Files, names: readonly string[] = []): LintResult {
  const modules = sourceModules((file) => (Object.hasOwn(files, file) ? files[file] : undefined));
  const linted = Object.keys(files).flatMap((file) => modules.module(file) ?? []);
  const asked = rules.filter(({ id, needsEvaluation }) =>
    names.length === 0 ? !needsEvaluation : names.includes(id),
  );
  const project = {
    modules,
    linted,
    reached: importsOf(modules, linted),
    limits: defaultLimits,
    envelopeKeys: new Set(["seed", "name"]),
    experiments: [],
  };
  return lint(project, asked);
}

/** Each finding in a line: `x.ts:3 ambient-clock`. */
export function told(files: Files, names?: readonly string[]): readonly string[] {
  return look(files, names).findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`);
}

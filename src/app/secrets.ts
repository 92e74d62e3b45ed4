/** Secrets of runs: known to the process before a task could print them, and missing ones told before anything runs. */
import { howToSet, secretProblem } from "../config/secret.ts";
import { ExpError, type ConfigIssue } from "../core/errors.ts";
import { secretsOf } from "../core/secret-reference.ts";
import { registerSecretNames } from "../core/secrets.ts";
import { readVariable } from "../core/variables.ts";
import type { PlannedRun } from "../resolve/plan.ts";

/** From now on what the secrets of a run hold is taken out of all texts, whether the task reads them or not. */
export function registerSecrets(run: Pick<PlannedRun, "config">): void {
  registerSecretNames(secretsOf(run.config).map(({ name }) => name));
}

/**
 * Makes sure that every secret of the runs can be read.
 * @throws {ExpError} `environment` with each variable that is not set, and where the config names it.
 */
export function requireSecrets(runs: readonly Pick<PlannedRun, "config">[]): void {
  const issues = new Map<string, ConfigIssue>();
  for (const run of runs) {
    registerSecrets(run);
    for (const { name, path } of secretsOf(run.config)) {
      const message = secretProblem(name, readVariable(process.env, name));
      if (message !== undefined && !issues.has(name)) issues.set(name, { path, message });
    }
  }
  if (issues.size === 0) return;
  const what = issues.size === 1 ? "A secret" : `${issues.size} secrets`;
  throw new ExpError("environment", `${what} of the config cannot be read; nothing was run.`, {
    issues: [...issues.values()],
    hint: howToSet,
  });
}

/** Secrets of runs: known to the process before a task could print them, and missing ones told before anything runs. */
import { howToSet, secretProblem } from "../config/secret.ts";
import { ExpError, type ConfigIssue } from "../core/errors.ts";
import { secretsOf } from "../core/secret-reference.ts";
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";
import { redactText } from "../store/redact.ts";
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

/**
 * Refuses configs that hold a secret itself: it would be hashed, stored and passed on with the run. Only what has the shape
 * of a token is seen.
 * @throws {ExpError} `config` with each place, without what stands there.
 */
export function refuseTokens(runs: readonly Pick<PlannedRun, "config">[]): void {
  const issues = new Map<string, ConfigIssue>();
  const harmless = new Set<string>(); // a text of many runs is looked at once
  const look = (value: unknown, path: Path): void => {
    if (isPlainObject(value)) {
      for (const [name, field] of Object.entries(value)) look(field, [...path, name]);
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => {
        look(item, [...path, index]);
      });
    } else if (typeof value === "string" && value.length >= minTokenLength) {
      if (harmless.has(value)) return;
      if (redactText(value).numRedacted === 0) harmless.add(value);
      else issues.set(value, { path, message: tokenAdvice });
    }
  };
  for (const { config } of runs) look(config, []);
  if (issues.size === 0) return;
  throw new ExpError("config", "A config holds what looks like a secret; nothing was run.", {
    issues: [...issues.values()],
  });
}

/** The shortest shape that `redactText` knows, with its prefix. */
const minTokenLength = 14;

const tokenAdvice =
  'holds a token or a password: write secret("NAME"), the name of the environment variable that holds it, never the value';

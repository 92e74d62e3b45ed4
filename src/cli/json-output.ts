/** The documents of `--json`: one on standard output, whatever happens. */
import { relative, sep } from "node:path";
import type { ReusedFrom, RunOutcome } from "../app/outcome.ts";
import { formatOrigin, type ExpError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { jsonNumber } from "../core/number-text.ts";
import { thrownMessage } from "../core/thrown.ts";
import { formatPath } from "../core/path.ts";
import type { Plan } from "../app/outcome.ts";

/** Path of a run's folder relative to the working directory, with forward slashes. */
export function relativePath(directory: string, workingDirectory: string): string {
  const path = relative(workingDirectory, directory);
  return path === "" ? "." : path.split(sep).join("/");
}

/** The run whose results stand for another one's. */
export function reusedFromDocument(from: ReusedFrom): JsonObject {
  const { runKey, experiment = null, endTime = null, differing } = from;
  return { runKey, experiment, endTime, differing: [...differing] };
}

/** The document of an execution, in the order of the plan. */
export function executionDocument(
  plan: Plan,
  outcomes: readonly RunOutcome[],
  workingDirectory: string,
): JsonObject {
  return {
    experiment: plan.experiment,
    runs: outcomes.map((outcome) => ({
      directory: relativePath(outcome.directory, workingDirectory),
      runKey: outcome.run.runKey,
      configHash: outcome.run.configHash,
      groupHash: outcome.run.groupHash,
      status: outcome.status,
      ...(outcome.reusedFrom !== undefined && {
        reusedFrom: reusedFromDocument(outcome.reusedFrom),
      }),
      ...(outcome.isRepeated === true && { repeated: true }),
      metrics: metricsDocument(outcome.metrics),
      ...(outcome.error === undefined ? {} : { error: errorObject(outcome.error) }),
    })),
  };
}

/** Metrics as JSON has them: what is not finite as a text. */
export function metricsDocument(metrics: RunOutcome["metrics"]): JsonObject {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, jsonNumber(value)]),
  );
}

/** The document of a command that could not begin. */
export function errorDocument(error: ExpError): JsonObject {
  return { error: errorObject(error) };
}

/** The document of a broken promise of Lockstep itself. */
export function bugDocument(error: unknown): JsonObject {
  const message = thrownMessage(error);
  return { error: { code: "internal", message: wellFormed(message), issues: [] } };
}

/** Half a surrogate pair, from a broken file or argument, has no place in JSON. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/gu, "\ufffd"); // with the flag u, whole pairs do not match
}

/** An error as documents hold it. */
export function errorObject(error: ExpError): JsonObject {
  return {
    code: error.code,
    message: wellFormed(error.message),
    ...(error.hint === undefined ? {} : { hint: wellFormed(error.hint) }),
    issues: error.issues.map((issue) => ({
      path: wellFormed(formatPath(issue.path)),
      message: wellFormed(issue.message),
      ...(issue.value === undefined ? {} : { value: wellFormed(issue.value) }),
      ...(issue.origin === undefined ? {} : { origin: wellFormed(formatOrigin(issue.origin)) }),
      ...(issue.suggestion === undefined ? {} : { suggestion: wellFormed(issue.suggestion) }),
    })),
  };
}

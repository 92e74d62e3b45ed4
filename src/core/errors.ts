/**
 * Errors that a user can cause or meet. They are data first (a code, issues, facts); words are put together once,
 * in `formatError`. Anything that is not an `ExpError` is our own bug and ends with exit status 70.
 */
import { formatPath, type Path } from "./path.ts";

/** What went wrong, as a closed list: tests and scripts match on it, so a code is never reworded. */
export type ErrorCode =
  | "usage" // the command line itself
  | "module" // an experiment module that cannot be loaded, or that reached for an ambient input
  | "config" // a config that the schema, a rule or the language refuses; carries issues
  | "data" // a data source that is missing, broken or does not fit the config
  | "environment" // something that this machine lacks (a backend, SIMD, disk space)
  | "run-active" // the run is being executed by another live process
  | "diverged" // the loss or a weight is not a finite number
  | "training" // any other failure of a run
  | "conflict" // a run that was executed again came out otherwise
  | "store" // the run directory cannot be read or written
  | "interrupted"; // stopped by a signal

/** Where a value was set: a place in a source file, an argument of the command line, or the schema. */
export type Origin =
  | {
      readonly kind: "source";
      readonly file: string;
      readonly line: number;
      readonly column: number;
      readonly isKey: boolean;
    }
  | { readonly kind: "commandLine"; readonly text: string }
  | { readonly kind: "default" };

/** One thing that is wrong with a config. */
export interface ConfigIssue {
  /** Path in the config, empty for the whole. */
  readonly path: Path;
  /** What was found and what was expected, one sentence without the path. */
  readonly message: string;
  /** The value found, already cut to a readable length; absent where nothing was written. */
  readonly value?: string;
  readonly origin?: Origin;
  /** The nearest valid name, for "Did you mean …?". */
  readonly suggestion?: string;
}

export interface ErrorFacts {
  readonly issues?: readonly ConfigIssue[];
  /** What to do next: one sentence or a command. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error whose cause lies with the input, the machine or the run, and which a user can act on. */
export class ExpError extends Error {
  readonly code: ErrorCode;
  readonly issues: readonly ConfigIssue[];
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "ExpError";
    this.code = code;
    this.issues = facts.issues ?? [];
    this.hint = facts.hint;
  }
}

/** A broken promise inside Lockstep itself: a bug, never the user's fault. */
export class InternalError extends Error {
  constructor(message: string, cause?: unknown) {
    super(`internal: ${message}`, cause === undefined ? undefined : { cause });
    this.name = "InternalError";
  }
}

/** Tells an `ExpError` from anything else, also across two copies of this module (tests, packed package). */
export function isExpError(error: unknown): error is ExpError {
  try {
    if (!(error instanceof Error) || error.name !== "ExpError") return false;
    return "code" in error && "issues" in error && Array.isArray(error.issues);
  } catch {
    return false; // somebody's object with getters or traps that throw
  }
}

/** The text of an origin: `experiments/bert-lr.ts:12:5`, `command line: seed=7`, or `default of the schema`. */
export function formatOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "source": {
      const place = `${origin.file}:${origin.line}:${origin.column}`;
      return origin.isKey ? place : `${place} (built at)`;
    }
    case "commandLine":
      return `command line: ${origin.text}`;
    case "default":
      return "default of the schema";
  }
}

/** A long override or key is shown by its beginning and its end. */
const maxShown = 240;

function shorten(text: string): string {
  if (text.length <= maxShown) return text;
  return `${text.slice(0, maxShown - 40)} … ${text.slice(-37)}`;
}

/** The lines of one issue: origin and path first, then what was found, then the nearest name. */
export function formatIssue(issue: ConfigIssue): string {
  const where = [issue.origin ? formatOrigin(issue.origin) : "", formatPath(issue.path)]
    .filter((part) => part !== "")
    .map(shorten);
  // What stands before the @ of an address may be a password.
  const shown = issue.value?.replaceAll(/(?<=:\/\/)[^\s/@"']*@/gu, "…@");
  const found = shown === undefined ? "" : ` (found ${shown})`;
  const suggestion = issue.suggestion === undefined ? "" : ` Did you mean ${issue.suggestion}?`;
  const place = where.length === 0 ? "" : `${where.join("  ")}: `;
  const sentence = `${issue.message}${found}`;
  const end = suggestion === "" || /[.!?]$/u.test(sentence) ? "" : ".";
  return `${place}${sentence}${end}${suggestion}`;
}

/** The whole message of an error for a terminal, without a stack: summary, one line an issue, then the hint. */
export function formatError(error: ExpError): string {
  const lines = [error.message, ...error.issues.map((issue) => `  ${formatIssue(issue)}`)];
  if (error.hint !== undefined) lines.push(error.hint);
  return lines.join("\n");
}

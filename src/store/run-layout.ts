/** Names inside the store and inside a run directory, all in one place. */
import { join } from "node:path";
import { ExpError } from "../core/errors.ts";

/** Files of a run directory, with forward slashes, relative to it. */
export const runFiles = {
  identity: "identity.json",
  config: "config.json",
  provenance: "provenance.json",
  manifest: "manifest.json",
  attempt: "attempt.json",
  environment: "environment.json",
  uncommittedDiff: "uncommitted.diff",
  trainLog: "logs/train.log",
  metricsLog: "logs/metrics.jsonl",
  traceLog: "logs/trace.jsonl",
  eventsLog: "logs/events.jsonl",
  metrics: "results/metrics.json",
  predictions: "results/predictions.jsonl",
  modelCard: "MODEL_CARD.md",
  reproduce: "REPRODUCE.md",
  /** Only while an attempt is running. */
  heartbeat: "heartbeat",
  /** Only in an attempt that failed. */
  failure: "failure.json",
  /** Only in a run that was imported without its checkpoints: which they are. */
  leftOut: "left-out.json",
} as const;

/** Files that are written before the first step. */
export const givenFiles: readonly string[] = [
  runFiles.identity,
  runFiles.config,
  runFiles.provenance,
  runFiles.environment,
  runFiles.uncommittedDiff,
];

/** Folders of a run directory. */
export const runFolders = ["logs", "checkpoints", "results"] as const;

/** Folder of what a task keeps beside its checkpoints, so that they can be used without its data. */
export const artifactFolder = "model";

/** Digits of a run key that name its directories. */
export const numKeyDigits = 16;

const sha256Pattern = /^[0-9a-f]{64}$/;
const runNamePattern = /^[0-9a-f]{16}$/;

/** Tells whether a text is a SHA-256 in lower-case hex. */
export function isSha256(text: unknown): text is string {
  return typeof text === "string" && sha256Pattern.test(text);
}

/** Tells whether a name in `runs/` may be a published run: anything else there is not ours to touch. */
export function isRunName(name: string): boolean {
  return runNamePattern.test(name);
}

/** The directory that a run is published as: `<store>/<first 16 digits>`. */
export function publishedDirectory(store: string, runKey: string): string {
  return join(store, runName(runKey));
}

/** The folder of all attempts, also of the temporary directories that become attempts. */
export function attemptsRoot(store: string): string {
  return join(store, ".attempts");
}

/** The folder of one run key's attempts. */
export function attemptsOf(store: string, runKey: string): string {
  return join(attemptsRoot(store), runName(runKey));
}

/** The folder of one run key's attempts that came to other results than its published run. */
export function conflictsOf(store: string, runKey: string): string {
  return join(conflictsRoot(store), runName(runKey));
}

/** The folder of all results that did not repeat. */
export function conflictsRoot(store: string): string {
  return join(store, ".conflicts");
}

/** The folder of what is said about one run after it was published. */
export function annotationsOf(store: string, runKey: string): string {
  return join(annotationsRoot(store), runName(runKey));
}

/** The folder of all that is said about published runs. */
export function annotationsRoot(store: string): string {
  return join(store, ".annotations");
}

/** Folder beside the annotations of a run that says what of it was sent where. */
export const exportsFolder = "exports";

/** The folder of what was taken out of the store. */
export function trashRoot(store: string): string {
  return join(store, ".trash");
}

/** The folder of stored code. */
export function codeRoot(store: string): string {
  return join(store, ".code");
}

/**
 * First 16 digits of a run key. Keys become paths, so nothing but 64 hex digits gets through.
 * @throws {ExpError} `usage` for anything else.
 */
function runName(runKey: string): string {
  if (!isSha256(runKey)) {
    throw new ExpError(
      "usage",
      `${JSON.stringify(runKey)} is not a run key; expected 64 hex digits.`,
    );
  }
  return runKey.slice(0, numKeyDigits);
}

/** Tells whether a path from a file or a caller stays inside the folder it is meant for, on every system. */
export function isSafeRelativePath(path: string): boolean {
  if (path === "" || path.length > 1000 || path.startsWith("/")) return false;
  if (/[\u0000-\u001f\u007f\\]/.test(path) || /^[a-zA-Z]:/.test(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

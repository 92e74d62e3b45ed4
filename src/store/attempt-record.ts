/** `attempt.json`, `failure.json` and what they say together with the heartbeat: how an attempt stands. */
import { join } from "node:path";
import { isExpError, type ErrorCode } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { scrubValue } from "../core/secrets.ts";
import { isPlainObject } from "../core/json.ts";
import { thrownMessage, thrownStack } from "../core/thrown.ts";
import type { FileSystem } from "./file-system.ts";
import { parseObject, prettyJson } from "./json-file.ts";
import { isManifestFile, type ManifestFile, type RunIdentities } from "./manifest.ts";
import { hasProcessFields, processState, type ProcessFacts } from "./process-facts.ts";
import { isSha256, runFiles } from "./run-layout.ts";

/** The stored code that a run can be executed again from; a type, so that it is JSON data. */
export type RunSnapshot = {
  /** SHA-256 of the snapshot's list of files. */
  readonly digest: string;
  /** The Lockstep that executed it; the integrity is `null` where its sources are in the snapshot. */
  readonly lockstep: { readonly version: string; readonly integrity: string | null };
};

/** Who is trying a run, from when to when. The only deterministic thing in it is the run key. */
export interface AttemptRecord extends ProcessFacts {
  readonly format: "lockstep/attempt/1";
  /** Random; tells our own published run from another's with equal bytes. */
  readonly id: string;
  /** Set when the attempt ends; before that its directory's name is its number. */
  readonly number?: number;
  readonly runKey: string;
  /** What the run is, for whoever looks on before there is a manifest; absent where nothing was to be executed. */
  readonly identities?: RunIdentities;
  readonly experiment: string;
  /** ISO 8601, UTC. */
  readonly startTime: string;
  readonly endTime?: string;
  /** The command line, secrets taken out. */
  readonly argv: readonly string[];
  /** Folder below `.code/<codeHash>/sources/` with the modules that were evaluated for the run. */
  readonly sources?: string;
  readonly snapshot?: RunSnapshot;
  /**
   * Files of a finished attempt that its manifest does not list, as they were published. Not those of the task's own
   * below `files/`, and not checkpoints, which hold their digest themselves.
   */
  readonly others?: readonly ManifestFile[];
  /** Secrets that were masked in the command line and the log; absent where there were none. */
  readonly numRedacted?: { readonly arguments: number; readonly log: number };
  /** Values of the config that the task never looked at, by path; absent where there were none, or where it went on. */
  readonly unread?: readonly string[];
  /** Where it went on; absent for an attempt that began at the beginning. */
  readonly resumed?: ResumedFrom;
  /** SHA-256 of the manifest that it is published with. */
  readonly manifest?: string;
  /** Of this record without it; see `sealRecord`. */
  readonly sha256?: string;
}

/** Where an attempt went on, and what was checked of that. */
export interface ResumedFrom {
  /** Number of the attempt that was cut. */
  readonly attempt: number;
  readonly step: number;
  /** Relative to that attempt, with the SHA-256 of its bytes. */
  readonly checkpoint: string;
  readonly sha256: string;
  /**
   * Its bytes, identities and the rows of all logs up to it are as they were saved: without that, it would not have been
   * taken.
   */
  readonly isIntact: true;
  /** Rows after it that the cut attempt had and that came out the same again. */
  readonly numRepeatedRows: number;
  /** The first that did not, by log, step and fields. */
  readonly firstDifference: string | null;
}

/** The exit record of an attempt that ended without a result. */
export interface Failure {
  readonly format: "lockstep/failure/1";
  /** `internal` stands for a bug of Lockstep or of the task. */
  readonly code: ErrorCode | "internal";
  readonly message: string;
  readonly hint?: string;
  /** The last optimizer step that was seen. */
  readonly step: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Only for `internal`. */
  readonly stack?: string;
}

/** How an attempt stands, derived from what is on disk and never from a flag. */
export type AttemptStatus =
  | { readonly kind: "running" }
  | { readonly kind: "failed"; readonly failure: Failure }
  /** It ended without a word: killed, the machine went down, or the disk took no exit record of this very process. */
  | {
      readonly kind: "lost";
      /** For how long there was no sign of life; present where that is all that tells, since nobody here sees the process. */
      readonly silentMs?: number;
    }
  /** Its `attempt.json` cannot be read. */
  | { readonly kind: "damaged" };

/** Writers beat this often. */
export const heartbeatIntervalMs = 10_000;

/** A writer on another host that has not beaten for so long is taken for dead; being wrong costs work, never data. */
const heartbeatLimitMs = 6 * heartbeatIntervalMs;

/**
 * Attempts that this process ended, by their id. It lives on, so where no exit record could be written (on a full disk,
 * say) the disk still tells of a living writer.
 */
const endedHere = new Set<string>();

/** Remembers that an attempt of this process has ended, whatever its files say. */
export function noteEnded({ id }: Pick<AttemptRecord, "id">): void {
  endedHere.add(id);
}

/** Takes that back: the claim of an attempt that stepped back is made once more. */
export function noteBegun({ id }: Pick<AttemptRecord, "id">): void {
  endedHere.delete(id);
}

/**
 * The record of an attempt that has ended, with the SHA-256 of its text without that: nothing else covers the record, since
 * the manifest holds only what every honest attempt comes to.
 */
export function sealRecord(record: AttemptRecord): AttemptRecord {
  const { sha256: _, ...rest } = record;
  return { ...rest, sha256: sha256(prettyJson(rest)) };
}

/** Whether a record says what it said when it was sealed; one that never was (early runs) counts as whole. */
export function isWholeRecord(record: AttemptRecord): boolean {
  return record.sha256 === undefined || record.sha256 === sealRecord(record).sha256;
}

/** The record in an attempt's or run's directory, `undefined` where it is missing or broken. */
export function readAttemptRecord(files: FileSystem, directory: string): AttemptRecord | undefined {
  const fields = parseObject(readOwn(files, join(directory, runFiles.attempt)) ?? "");
  return fields !== undefined && isAttemptRecord(fields) ? fields : undefined;
}

/**
 * How the attempt in a directory stands.
 * @param view.nowMs - Time by the clock that also stamps the heartbeats.
 */
export function attemptStatus(
  files: FileSystem,
  directory: string,
  view: { readonly here: ProcessFacts; readonly nowMs: number },
): AttemptStatus {
  const record = readAttemptRecord(files, directory);
  if (record === undefined) return { kind: "damaged" };
  const failure = parseFailure(readOwn(files, join(directory, runFiles.failure)));
  if (failure !== undefined) return { kind: "failed", failure };
  if (endedHere.has(record.id)) return { kind: "lost" };
  switch (processState(record, view.here)) {
    case "alive":
      return { kind: isGivenUp(files, directory, record) ? "lost" : "running" };
    case "dead":
      return { kind: "lost" };
    case "unknown": {
      const beat = files.status(join(directory, runFiles.heartbeat))?.changedMs ?? -Infinity;
      const silentMs = view.nowMs - beat;
      return silentMs <= heartbeatLimitMs ? { kind: "running" } : { kind: "lost", silentMs };
    }
  }
}

/**
 * Whether its process, which lives on, has ended it without an exit record: on a disk that takes no more, a file can still be
 * removed. An attempt that is being published has no heartbeat either, and says its end; and one that was moved away while
 * we looked is nothing that we know more about.
 */
function isGivenUp(files: FileSystem, directory: string, { id, endTime }: AttemptRecord): boolean {
  if (endTime !== undefined || files.status(join(directory, runFiles.heartbeat)) !== undefined)
    return false;
  return readAttemptRecord(files, directory)?.id === id;
}

/** The exit record for whatever ended an attempt, without secrets. */
export function describeFailure(error: unknown, step: number, time: string): Failure {
  const base = { format: "lockstep/failure/1", step, time } as const;
  if (isExpError(error)) {
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return scrubValue({ ...base, code: error.code, message: error.message, ...hint });
  }
  const text = thrownStack(error);
  const stack = text === undefined ? {} : { stack: text };
  return scrubValue({ ...base, code: "internal", message: thrownMessage(error), ...stack });
}

/** A file that vanished or cannot be read counts as absent: another process may be moving the directory right now. */
function readOwn(files: FileSystem, path: string): string | undefined {
  return files.status(path)?.kind === "file" ? files.readText(path) : undefined;
}

function parseFailure(text: string | undefined): Failure | undefined {
  if (text === undefined) return undefined;
  const fields = parseObject(text);
  return fields !== undefined && isFailure(fields) ? fields : undefined;
}

function isFailure(fields: Record<string, unknown>): fields is Record<string, unknown> & Failure {
  const texts = ["code", "message", "time"];
  return (
    fields["format"] === "lockstep/failure/1" &&
    texts.every((name) => typeof fields[name] === "string") &&
    typeof fields["step"] === "number"
  );
}

function isAttemptRecord(
  fields: Record<string, unknown>,
): fields is Record<string, unknown> & AttemptRecord {
  return (
    fields["format"] === "lockstep/attempt/1" &&
    ["id", "experiment", "host", "startTime"].every((name) => typeof fields[name] === "string") &&
    isSha256(fields["runKey"]) &&
    Number.isSafeInteger(fields["pid"]) &&
    hasProcessFields(fields) &&
    ["endTime", "sources", "manifest", "sha256"].every((name) =>
      ["undefined", "string"].includes(typeof fields[name]),
    ) &&
    Array.isArray(fields["argv"]) &&
    fields["argv"].every((argument) => typeof argument === "string") &&
    (fields["snapshot"] === undefined || isRunSnapshot(fields["snapshot"])) &&
    (fields["others"] === undefined ||
      (Array.isArray(fields["others"]) && fields["others"].every(isManifestFile)))
  );
}

function isRunSnapshot(value: unknown): value is RunSnapshot {
  if (!isPlainObject(value) || !isSha256(value["digest"])) return false;
  const { lockstep } = value;
  return isPlainObject(lockstep) && typeof lockstep["version"] === "string";
}

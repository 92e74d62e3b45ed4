/**
 * Going on where an earlier attempt at the same run stopped. What that attempt had logged up to its newest checkpoint, and
 * the checkpoints themselves, are copied: the new attempt is then whole without the old one, and what it comes to equals
 * an uninterrupted run.
 */
import { dirname, join } from "node:path";
import { ExpError, isExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import type { HostTensors } from "../core/run-events.ts";
import {
  checkpointFile,
  foreignIdentities,
  readCheckpoint,
  type StoredCheckpoint,
} from "./checkpoint-files.ts";
import { attemptNumbers } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import type { RunIdentities } from "./manifest.ts";
import { runFiles } from "./run-layout.ts";

/** Where an attempt goes on. */
export interface ResumePoint {
  readonly step: number;
  readonly state: JsonObject;
  readonly tensors: HostTensors;
  /** Number of the attempt that saved it. */
  readonly attempt: number;
  /** `last`, `best`, `step-000100`. */
  readonly name: string;
  /** Of its file. */
  readonly sha256: string;
}

/** What was found among the earlier attempts of a run. */
export interface ResumeSearch {
  readonly point: ResumePoint | undefined;
  /** A sentence for each checkpoint that is not gone on from because of what it holds: why, and which. */
  readonly leftOut: readonly string[];
}

/** Says in a few words why a task cannot go on from a whole checkpoint of its run; `undefined` where it can. */
export type CheckpointCheck = (
  checkpoint: Pick<ResumePoint, "step" | "state" | "tensors">,
) => string | undefined;

/** Bytes that the logs of the new attempt begin with. */
export interface InheritedLogs {
  readonly metrics: Uint8Array;
  readonly trace: Uint8Array;
  readonly predictions: Uint8Array | undefined;
  /** What the earlier attempt logged after the checkpoint, which is computed once more. */
  readonly later: { readonly metrics: Uint8Array; readonly trace: Uint8Array };
}

/** Which checkpoints count, and who takes over what belongs to the one that is gone on from. */
export interface ResumeRequest {
  /** Of the run: a checkpoint of others is refused. */
  readonly identities: RunIdentities;
  /** Begins the logs of the new attempt; called before the first copy, and only where there is something. */
  readonly inherit: (logs: InheritedLogs) => void;
  readonly check?: CheckpointCheck | undefined;
}

/** A whole checkpoint with the rows that belong to it. */
interface Candidate {
  /** 0 where it is of no numbered attempt. */
  readonly attempt: number;
  readonly directory: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly checkpoint: StoredCheckpoint;
  readonly logs: InheritedLogs;
}

/**
 * Finds the newest usable checkpoint of the attempts beside `directory`, hands its logs over, and copies it with all
 * that are older. The newest is written last: after a kill in between, the earlier attempt is asked again.
 * @param directory - The new attempt, absolute.
 */
export function resumeAttempt(
  files: FileSystem,
  directory: string,
  request: ResumeRequest,
): ResumeSearch {
  const leftOut: string[] = [];
  const search: Search = { files, request, leftOut };
  const newest = findNewest(search, directory);
  if (newest === undefined) return { point: undefined, leftOut };
  request.inherit(newest.logs);
  copyCheckpoints(search, directory, newest);
  const { attempt, name, bytes } = newest;
  const { step, state, tensors } = newest.checkpoint;
  return { point: { step, state, tensors, attempt, name, sha256: sha256(bytes) }, leftOut };
}

interface Search {
  readonly files: FileSystem;
  /** Without identities the checkpoint of any run will do. */
  readonly request: Partial<Pick<ResumeRequest, "identities" | "check">>;
  readonly leftOut: string[];
}

function findNewest(search: Search, directory: string): Candidate | undefined {
  const { files } = search;
  const parent = dirname(directory);
  let newest: Candidate | undefined;
  for (const attempt of attemptNumbers(files, parent)) {
    const earlier = join(parent, String(attempt));
    if (earlier === directory) break;
    const candidate = newestOf(search, { attempt, directory: earlier });
    if (candidate && candidate.checkpoint.step >= (newest?.checkpoint.step ?? 0))
      newest = candidate;
  }
  return newest;
}

/**
 * The newest checkpoint of an attempt. Where its `best` cannot be used, only a checkpoint that was the best itself will do:
 * a run that went on from another one would end without the best that an uninterrupted run has.
 */
function newestOf(
  search: Search,
  place: Pick<Candidate, "attempt" | "directory">,
): Candidate | undefined {
  const { files, leftOut } = search;
  let newest: Candidate | undefined;
  let isBestLost = false;
  for (const name of checkpointNames(files, place.directory)) {
    const candidate = readCandidate(search, { ...place, name });
    if (typeof candidate === "string") {
      leftOut.push(candidate);
      isBestLost ||= name === "best";
    } else if (isBestLost && !candidate.checkpoint.names.includes("best")) {
      const path = join(place.directory, "checkpoints", checkpointFile(name));
      leftOut.push(`left out a checkpoint whose best one is damaged: ${path}.`);
    } else if (candidate.checkpoint.step >= (newest?.checkpoint.step ?? 0)) {
      newest = candidate;
    }
  }
  return newest;
}

/** `best` comes first, and `last` after the others, so that of equal steps it is the one. */
function checkpointNames(files: FileSystem, directory: string): readonly string[] {
  const names = files
    .list(join(directory, "checkpoints"))
    .flatMap((file) => /^(best|last|step-[0-9]{1,12})\.safetensors$/.exec(file)?.[1] ?? []);
  const rank = (name: string): number => (name === "best" ? 0 : name === "last" ? 2 : 1);
  return names.toSorted((a, b) => rank(a) - rank(b));
}

/** A checkpoint of an attempt, with what is wrong with it or with the rows that it counts on. */
export interface InspectedCheckpoint {
  /** Absolute. */
  readonly path: string;
  readonly problem: string | undefined;
  /** The optimizer step after which it was saved; 0 where it cannot be read. */
  readonly step: number;
}

/** The checkpoints of an attempt. */
export function inspectCheckpoints(
  files: FileSystem,
  directory: string,
): readonly InspectedCheckpoint[] {
  return readCandidates(files, directory, {}).map(({ path, candidate }) => {
    if (typeof candidate === "string") return { path, problem: candidate, step: 0 };
    return { path, problem: undefined, step: candidate.checkpoint.step };
  });
}

/**
 * The checkpoints of an attempt or a run, each whole or with a sentence that says why it is not; `last` is the last.
 * @param request - Without identities the checkpoint of any run will do.
 */
export function readCandidates(
  files: FileSystem,
  directory: string,
  request: Search["request"],
): readonly { readonly path: string; readonly candidate: Candidate | string }[] {
  const search: Search = { files, request, leftOut: [] };
  return checkpointNames(files, directory).map((name) => {
    const path = join(directory, "checkpoints", checkpointFile(name));
    return { path, candidate: readCandidate(search, { attempt: 0, directory, name }) };
  });
}

/** A sentence where the checkpoint, or a log that belongs to it, cannot be used. */
function readCandidate(
  { files, request }: Search,
  place: Pick<Candidate, "attempt" | "directory" | "name">,
): Candidate | string {
  const path = join(place.directory, "checkpoints", checkpointFile(place.name));
  const damaged = (reason: string): string => `left out a damaged checkpoint: ${path}: ${reason}`;
  try {
    const bytes = files.status(path)?.kind === "file" ? files.read(path) : undefined;
    if (bytes === undefined) return damaged("It is not a file.");
    const checkpoint = readCheckpoint(bytes);
    const { identities } = request;
    const foreign = identities && foreignIdentities(checkpoint, identities);
    if (foreign !== undefined) return `refused a checkpoint of another run: ${path}: ${foreign}`;
    const logs = inheritedLogs(files, place.directory, checkpoint);
    if (typeof logs === "string") return damaged(logs);
    const problem = request.check?.(checkpoint);
    if (problem === undefined) return { ...place, bytes, checkpoint, logs };
    return `left out a checkpoint that this run cannot go on from: ${path}: ${problem}.`;
  } catch (error) {
    if (!isExpError(error)) throw error;
    if (error.code === "environment") throw unreadable(error, path);
    return damaged(error.message);
  }
}

/** A disk that fails for a moment must not cost the work since an older checkpoint, or all of it. */
function unreadable(cause: ExpError, path: string): ExpError {
  return new ExpError("environment", cause.message, {
    hint: `Run the same command again. If it fails again: without ${path}, the run goes on from an older checkpoint.`,
    cause,
  });
}

function inheritedLogs(
  files: FileSystem,
  directory: string,
  { logs }: StoredCheckpoint,
): InheritedLogs | string {
  const read = (
    path: string,
    prefix: { numBytes: number; sha256: string },
  ): { readonly rows: Uint8Array; readonly later: Uint8Array } | string => {
    const bytes = files.read(join(directory, path)) ?? new Uint8Array();
    const rows = bytes.subarray(0, prefix.numBytes);
    const isWhole = rows.length === prefix.numBytes && sha256(rows) === prefix.sha256;
    if (!isWhole) return `the rows of ${path} that belong to it are damaged.`;
    return { rows, later: bytes.subarray(prefix.numBytes) };
  };
  const metrics = read(runFiles.metricsLog, logs.metrics);
  const trace = read(runFiles.traceLog, logs.trace);
  const predictions = logs.predictions && read(runFiles.predictions, logs.predictions);
  if (typeof metrics === "string") return metrics;
  if (typeof trace === "string") return trace;
  if (typeof predictions === "string") return predictions;
  const later = { metrics: metrics.later, trace: trace.later };
  return { metrics: metrics.rows, trace: trace.rows, predictions: predictions?.rows, later };
}

function copyCheckpoints(search: Search, directory: string, newest: Candidate): void {
  const { files } = search;
  const folder = join(directory, "checkpoints");
  const write = (name: string, bytes: Uint8Array): void => {
    files.writeFile(join(folder, checkpointFile(name)), bytes, "bytes");
  };
  const { step, names } = newest.checkpoint;
  const asNew = new Map<string, Uint8Array>();
  for (const name of checkpointNames(files, newest.directory)) {
    if (name === newest.name) continue;
    const other = readCandidate(search, { ...newest, name });
    if (typeof other === "string" || other.checkpoint.step > step) continue;
    if (other.checkpoint.step === step && name !== "best") asNew.set(name, other.bytes);
    else write(name, other.bytes);
  }
  files.syncUp(folder, folder); // whoever finds one of the newest step finds the older ones, also after a loss of power
  for (const [name, bytes] of asNew) write(name, bytes);
  // A kill may have come between two names of one save: all have it now.
  for (const name of names.filter((one) => one !== newest.name)) write(name, newest.bytes);
  write(newest.name, newest.bytes); // until its name is durable, the earlier attempt has it
}

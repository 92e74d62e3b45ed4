/**
 * Going on where an earlier attempt at the same run stopped. What that attempt had logged up to its newest checkpoint, and
 * the checkpoints themselves, are copied: the new attempt is then whole without the old one, and what it comes to equals
 * an uninterrupted run.
 */
import { dirname, join } from "node:path";
import { isExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import type { HostTensors } from "../core/run-events.ts";
import { checkpointFile, readCheckpoint, type StoredCheckpoint } from "./checkpoint-files.ts";
import { attemptNumbers } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import { runFiles } from "./run-layout.ts";

/** Where an attempt goes on. */
export interface ResumePoint {
  readonly step: number;
  readonly state: JsonObject;
  readonly tensors: HostTensors;
  /** Number of the attempt that saved it. */
  readonly attempt: number;
}

/** What was found among the earlier attempts of a run. */
export interface ResumeSearch {
  readonly point: ResumePoint | undefined;
  /** A sentence for each checkpoint that cannot be used: file and reason. */
  readonly damaged: readonly string[];
}

/** Bytes that the logs of the new attempt begin with. */
export interface InheritedLogs {
  readonly metrics: Uint8Array;
  readonly trace: Uint8Array;
  readonly predictions: Uint8Array | undefined;
}

interface Candidate {
  readonly attempt: number;
  readonly directory: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly checkpoint: StoredCheckpoint;
  readonly logs: InheritedLogs;
}

/**
 * Finds the newest whole checkpoint of the attempts beside `directory`, hands its logs over, and copies it with all
 * that are older. The newest is written last: after a kill in between, the earlier attempt is asked again.
 * @param directory - The new attempt, absolute.
 * @param inherit - Begins the logs of the new attempt; called before the first copy, and only where there is something.
 */
export function resumeAttempt(
  files: FileSystem,
  directory: string,
  inherit: (logs: InheritedLogs) => void,
): ResumeSearch {
  const damaged: string[] = [];
  const newest = findNewest(files, directory, damaged);
  if (newest === undefined) return { point: undefined, damaged };
  inherit(newest.logs);
  copyCheckpoints(files, directory, newest);
  const { step, state, tensors } = newest.checkpoint;
  return { point: { step, state, tensors, attempt: newest.attempt }, damaged };
}

function findNewest(
  files: FileSystem,
  directory: string,
  damaged: string[],
): Candidate | undefined {
  const parent = dirname(directory);
  let newest: Candidate | undefined;
  for (const attempt of attemptNumbers(files, parent)) {
    const earlier = join(parent, String(attempt));
    if (earlier === directory) break;
    for (const name of checkpointNames(files, earlier)) {
      const candidate = readCandidate(files, { attempt, directory: earlier, name });
      if (typeof candidate === "string") damaged.push(candidate);
      else if (candidate.checkpoint.step >= (newest?.checkpoint.step ?? 0)) newest = candidate;
    }
  }
  return newest;
}

/** `last` comes after the others, so that of equal steps it is the one. */
function checkpointNames(files: FileSystem, directory: string): readonly string[] {
  const names = files
    .list(join(directory, "checkpoints"))
    .flatMap((file) => /^(best|last|step-[0-9]{1,12})\.safetensors$/.exec(file)?.[1] ?? []);
  return [...names.filter((name) => name !== "last"), ...names.filter((name) => name === "last")];
}

/** A sentence where the checkpoint, or a log that belongs to it, cannot be used. */
function readCandidate(
  files: FileSystem,
  place: Pick<Candidate, "attempt" | "directory" | "name">,
): Candidate | string {
  const path = join(place.directory, "checkpoints", checkpointFile(place.name));
  try {
    const bytes = files.status(path)?.kind === "file" ? files.read(path) : undefined;
    if (bytes === undefined) return `${path} is not a file.`;
    const checkpoint = readCheckpoint(bytes);
    const logs = inheritedLogs(files, place.directory, checkpoint);
    return typeof logs === "string" ? `${path}: ${logs}` : { ...place, bytes, checkpoint, logs };
  } catch (error) {
    if (!isExpError(error)) throw error;
    return `${path}: ${error.message}`;
  }
}

function inheritedLogs(
  files: FileSystem,
  directory: string,
  { logs }: StoredCheckpoint,
): InheritedLogs | string {
  const read = (
    path: string,
    prefix: { numBytes: number; sha256: string },
  ): Uint8Array | string => {
    const bytes = files.read(join(directory, path)) ?? new Uint8Array();
    const beginning = bytes.subarray(0, prefix.numBytes);
    const isWhole = beginning.length === prefix.numBytes && sha256(beginning) === prefix.sha256;
    return isWhole ? beginning : `the rows of ${path} that belong to it are damaged.`;
  };
  const metrics = read(runFiles.metricsLog, logs.metrics);
  const trace = read(runFiles.traceLog, logs.trace);
  const predictions = logs.predictions && read(runFiles.predictions, logs.predictions);
  if (typeof metrics === "string") return metrics;
  if (typeof trace === "string") return trace;
  return typeof predictions === "string" ? predictions : { metrics, trace, predictions };
}

function copyCheckpoints(files: FileSystem, directory: string, newest: Candidate): void {
  const folder = join(directory, "checkpoints");
  const write = (name: string, bytes: Uint8Array): void => {
    files.writeFile(join(folder, checkpointFile(name)), bytes, "bytes");
  };
  for (const name of checkpointNames(files, newest.directory)) {
    const older = readCandidate(files, { ...newest, name });
    if (typeof older !== "string" && older.checkpoint.step <= newest.checkpoint.step) {
      if (name !== newest.name) write(name, older.bytes);
    }
  }
  // A kill may have come between two names of one save: all have it now.
  const others = newest.checkpoint.names.filter((name) => name !== newest.name);
  for (const name of others) write(name, newest.bytes);
  files.syncUp(folder, folder); // whoever finds the newest finds the others, also after a loss of power
  write(newest.name, newest.bytes); // until its name is durable, the earlier attempt has it
}

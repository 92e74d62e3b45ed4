/** The checkpoints of an attempt or a run, each with the rows that belong to it: whole, or with what is wrong with it. */
import { join } from "node:path";
import { ExpError, isExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import {
  checkpointFile,
  foreignIdentities,
  readCheckpoint,
  type StoredCheckpoint,
} from "./checkpoint-files.ts";
import type { FileSystem } from "./file-system.ts";
import type { RunIdentities } from "./manifest.ts";
import { runFiles } from "./run-layout.ts";

/** Says in a few words why a task cannot go on from a whole checkpoint of its run; `undefined` where it can. */
export type CheckpointCheck = (
  checkpoint: Pick<StoredCheckpoint, "step" | "state" | "tensors">,
) => string | undefined;

/** Bytes that the logs of the new attempt begin with. */
export interface InheritedLogs {
  readonly metrics: Uint8Array;
  readonly trace: Uint8Array;
  readonly predictions: Uint8Array | undefined;
  /** What the earlier attempt logged after the checkpoint, which is computed once more. */
  readonly later: { readonly metrics: Uint8Array; readonly trace: Uint8Array };
}

/** A whole checkpoint with the rows that belong to it. */
export interface Candidate {
  /** 0 where it is of no numbered attempt. */
  readonly attempt: number;
  readonly directory: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly checkpoint: StoredCheckpoint;
  readonly logs: InheritedLogs;
}

/** Which checkpoints will do; without identities that of any run. */
export interface CandidateRequest {
  /** Of the run: a checkpoint of others is refused. */
  readonly identities?: RunIdentities;
  readonly check?: CheckpointCheck | undefined;
}

/** `best` comes first, and `last` after the others, so that of equal steps it is the one. */
export function checkpointNames(files: FileSystem, directory: string): readonly string[] {
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
  request: CandidateRequest,
): readonly { readonly path: string; readonly candidate: Candidate | string }[] {
  return checkpointNames(files, directory).map((name) => {
    const path = join(directory, "checkpoints", checkpointFile(name));
    return { path, candidate: readCandidate({ files, request }, { attempt: 0, directory, name }) };
  });
}

/** A sentence where the checkpoint, or a log that belongs to it, cannot be used. */
export function readCandidate(
  { files, request }: { readonly files: FileSystem; readonly request: CandidateRequest },
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

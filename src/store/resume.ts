/**
 * Going on where an earlier attempt at the same run stopped. What that attempt had logged up to its newest checkpoint, and
 * the checkpoints themselves, are copied: the new attempt is then whole without the old one, and what it comes to equals
 * an uninterrupted run.
 */
import { dirname, join } from "node:path";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import type { HostTensors } from "../core/run-events.ts";
import {
  checkpointNames,
  readCandidate,
  type Candidate,
  type CandidateRequest,
  type CheckpointCheck,
  type InheritedLogs,
} from "./checkpoint-candidates.ts";
import { checkpointFile } from "./checkpoint-files.ts";
import { attemptNumbers } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import type { RunIdentities } from "./manifest.ts";

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

/** Which checkpoints count, and who takes over what belongs to the one that is gone on from. */
export interface ResumeRequest {
  /** Of the run: a checkpoint of others is refused. */
  readonly identities: RunIdentities;
  /** Begins the logs of the new attempt; called before the first copy, and only where there is something. */
  readonly inherit: (logs: InheritedLogs) => void;
  readonly check?: CheckpointCheck | undefined;
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
  readonly request: CandidateRequest;
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

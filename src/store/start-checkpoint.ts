/** The checkpoints of a finished run, and how an execution of its own in another store is made to go on from one. */
import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { checkpointFile } from "./checkpoint-files.ts";
import type { FileSystem } from "./file-system.ts";
import type { PublishedRun } from "./published-run.ts";
import { readCandidates, type InheritedLogs } from "./checkpoint-candidates.ts";
import { attemptsOf, runFiles, runFolders } from "./run-layout.ts";

/** A whole checkpoint of a finished run. */
export interface RunCheckpoint {
  /** `last`, `best`, `step-000100`. */
  readonly name: string;
  readonly step: number;
  /** Of its file. */
  readonly sha256: string;
  /** How many rows of the run's logs came before it. */
  readonly numRows: { readonly trace: number; readonly metrics: number };
  /**
   * Makes it what the run goes on from in another store, as if an attempt there had been cut after it.
   * @param store - Absolute; of an execution of its own, since nothing of it is made durable.
   */
  readonly place: (store: string) => void;
}

/** What the checkpoints of a run are worth. */
export interface RunCheckpoints {
  /** By step; of equal steps `last` is the last. */
  readonly whole: readonly RunCheckpoint[];
  /** A sentence for each of the others. */
  readonly problems: readonly string[];
}

/** The checkpoints of a finished run. */
export function runCheckpoints(files: FileSystem, run: PublishedRun): RunCheckpoints {
  const { identities } = run.manifest;
  const whole: RunCheckpoint[] = [];
  const problems: string[] = [];
  for (const { candidate } of readCandidates(files, run.directory, { identities })) {
    if (typeof candidate === "string") {
      problems.push(candidate);
      continue;
    }
    const { name, bytes, checkpoint, logs } = candidate;
    const numRows = { trace: countRows(logs.trace), metrics: countRows(logs.metrics) };
    const place = (store: string): void => {
      placeCheckpoint(files, attemptsOf(store, run.runKey), { name, bytes, logs });
    };
    whole.push({ name, step: checkpoint.step, sha256: sha256(bytes), numRows, place });
  }
  return { whole: whole.toSorted((one, other) => one.step - other.step), problems };
}

function countRows(log: Uint8Array): number {
  return log.reduce((count, byte) => count + (byte === newline ? 1 : 0), 0);
}

const newline = 0x0a;

/** What is left of an attempt that was killed right after the checkpoint, before its record was written. */
function placeCheckpoint(
  files: FileSystem,
  attempts: string,
  {
    name,
    bytes,
    logs,
  }: { readonly name: string; readonly bytes: Uint8Array; readonly logs: InheritedLogs },
): void {
  const directory = join(attempts, "1");
  files.ensureRoot(directory);
  for (const folder of runFolders) files.ensureDirectory(join(directory, folder));
  const write = (path: string, content: Uint8Array): void => {
    files.writeFile(join(directory, path), content, "later");
  };
  write(runFiles.metricsLog, logs.metrics);
  write(runFiles.traceLog, logs.trace);
  if (logs.predictions !== undefined) write(runFiles.predictions, logs.predictions);
  write(`checkpoints/${checkpointFile(name)}`, bytes);
}

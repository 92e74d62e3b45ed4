/** Checkpoints that no attempt will go on from: each attempt copies those that it begins with, and keeps its own. */
import { join } from "node:path";
import type { FileSystem } from "./file-system.ts";
import { inspectCheckpoints, type InspectedCheckpoint } from "./checkpoint-candidates.ts";

/** Where the newest is damaged the one before it is gone on from, so one whole file alone is not relied upon. */
const minWhole = 2;

/**
 * The checkpoints of dead attempts at one run that nobody goes on from, absolute.
 * @param directories - The attempts in the order of their numbers, absolute; none of them running.
 * @param isFinished - The run is published: then nobody goes on from any of them.
 */
export function supersededCheckpoints(
  files: FileSystem,
  directories: readonly string[],
  isFinished: boolean,
): readonly string[] {
  if (isFinished) return directories.flatMap((one) => checkpointPaths(files, one));
  const holders = directories.filter((one) => checkpointPaths(files, one).length > 0);
  if (holders.length < 2) return []; // reading checkpoints takes time
  const inspected = holders.map((one) => inspectCheckpoints(files, one));
  const newest = inspected.map((all) => Math.max(0, ...whole(all).map(({ step }) => step)));
  const last = Math.max(...newest);
  if (last === 0) return []; // none can be read: that is for exp fsck to tell
  const keeper = newest.lastIndexOf(last);
  const earlier = inspected.slice(0, keeper).flat();
  const isEnough = whole(inspected[keeper] ?? []).length >= minWhole;
  const reserve = isEnough ? undefined : newestOf(whole(earlier));
  return earlier.map(({ path }) => path).filter((path) => path !== reserve?.path);
}

function checkpointPaths(files: FileSystem, directory: string): readonly string[] {
  const folder = join(directory, "checkpoints");
  if (files.status(folder)?.kind !== "directory") return [];
  return files
    .list(folder)
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => join(folder, name))
    .filter((path) => files.status(path)?.kind === "file");
}

function whole(all: readonly InspectedCheckpoint[]): readonly InspectedCheckpoint[] {
  return all.filter(({ problem }) => problem === undefined);
}

function newestOf(all: readonly InspectedCheckpoint[]): InspectedCheckpoint | undefined {
  return all.reduce<InspectedCheckpoint | undefined>(
    (best, one) => (best !== undefined && best.step > one.step ? best : one),
    undefined,
  );
}

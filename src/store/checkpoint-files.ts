/** Saving checkpoints: whole files only, each naming the bytes of the logs that belong to it. */
import { join } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError } from "../core/errors.ts";
import type { RunEvent } from "../core/run-events.ts";
import { encodeSafetensors } from "../core/safetensors.ts";
import type { FileSystem } from "./file-system.ts";
import type { LogFile } from "./log-file.ts";

/** The `format` in a checkpoint's metadata. */
const checkpointFormat = "lockstep/checkpoint/1";

type CheckpointEvent = Extract<RunEvent, { kind: "checkpoint" }>;

const namePattern = /^(?:best|last|step-[0-9]{1,12})$/;

/**
 * Saves one checkpoint under each of its names, then removes numbered ones beyond `keep`, oldest first. The logs are
 * made durable before the checkpoint that counts on them.
 * @throws {ExpError} `training` for a name that is neither `best`, `last` nor `step-<digits>`.
 */
export function saveCheckpoint(
  files: FileSystem,
  folder: string,
  { event, logs }: { event: CheckpointEvent; logs: { metrics: LogFile; trace: LogFile } },
): void {
  for (const name of event.names) checkName(name);
  logs.metrics.sync();
  logs.trace.sync();
  const bytes = encodeSafetensors(event.tensors, checkpointMetadata(event, logs));
  for (const name of event.names) {
    files.writeFile(join(folder, `${name}.safetensors`), bytes, "durable");
  }
  if (event.keep !== undefined) removeOldest(files, folder, event.keep);
}

function checkpointMetadata(
  event: CheckpointEvent,
  logs: { metrics: LogFile; trace: LogFile },
): Record<string, string> {
  const [metrics, trace] = [logs.metrics.position(), logs.trace.position()];
  return {
    format: checkpointFormat,
    step: String(event.step),
    state: canonicalJson(event.state),
    "metrics.bytes": String(metrics.numBytes),
    "metrics.sha256": metrics.sha256,
    "trace.bytes": String(trace.numBytes),
    "trace.sha256": trace.sha256,
  };
}

function checkName(name: string): void {
  if (namePattern.test(name)) return;
  throw new ExpError(
    "training",
    `${JSON.stringify(name)} cannot be the name of a checkpoint; expected best, last or step-<digits>.`,
  );
}

function removeOldest(files: FileSystem, folder: string, keep: number): void {
  const numbered = files
    .list(folder)
    .map((name) => ({ name, step: /^step-([0-9]+)\.safetensors$/.exec(name)?.[1] }))
    .filter((entry) => entry.step !== undefined)
    .sort((a, b) => Number(a.step) - Number(b.step));
  for (const { name } of numbered.slice(0, Math.max(0, numbered.length - keep))) {
    files.removeFile(join(folder, name));
  }
}

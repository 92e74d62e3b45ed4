/** Saving checkpoints, and reading them back: whole files only, each naming the bytes of the logs that belong to it. */
import { dirname, join } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError } from "../core/errors.ts";
import { createSha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import type { HostTensors, RunEvent } from "../core/run-events.ts";
import { decodeSafetensors, encodeSafetensors, safetensorsParts } from "../core/safetensors.ts";
import type { FileSystem } from "./file-system.ts";
import { parseObject } from "./json-file.ts";
import type { LogFile } from "./log-file.ts";
import type { RunIdentities } from "./manifest.ts";

/** The `format` in a checkpoint's metadata. */
const checkpointFormat = "lockstep/checkpoint/2";

/** A checkpoint as a task yields it. */
export type CheckpointEvent = Extract<RunEvent, { kind: "checkpoint" }>;

const namePattern = /^(?:best|last|step-[0-9]{1,12})$/;

/** Logs whose rows up to a checkpoint belong to it; predictions only once there are some. */
export interface CheckpointLogs {
  readonly metrics: LogFile;
  readonly trace: LogFile;
  readonly predictions: LogFile | undefined;
}

/** The beginning of a log. */
export interface LogPrefix {
  readonly numBytes: number;
  readonly sha256: string;
}

/** What a checkpoint's file holds. */
export interface StoredCheckpoint {
  readonly step: number;
  readonly state: JsonObject;
  readonly tensors: HostTensors;
  /** The names other than `step-…` under which it was saved. */
  readonly names: readonly string[];
  /** Of the run that saved it; whatever the file says. */
  readonly identities: Readonly<Record<string, unknown>>;
  readonly logs: Readonly<Record<"metrics" | "trace", LogPrefix>> & {
    readonly predictions: LogPrefix | undefined;
  };
}

/** What is saved, and of which run. */
export interface CheckpointSaving extends TakenCheckpoint {
  /** Some of the event's. */
  readonly names: readonly string[];
  readonly logs: CheckpointLogs;
  readonly identities: RunIdentities;
  /** It is to be there after a loss of power. */
  readonly isDurable: boolean;
}

/** A checkpoint with the place in the logs that it was taken at. */
export interface TakenCheckpoint {
  readonly event: CheckpointEvent;
  /** The event's state as JSON. */
  readonly state: string;
  readonly positions: Readonly<Record<string, string>>;
}

/**
 * A checkpoint that is to be saved, now or later.
 * @throws {ExpError} `training` for a name that is neither `best`, `last` nor `step-<digits>`; `config` for a state that is
 *   no JSON.
 */
export function takeCheckpoint(event: CheckpointEvent, logs: CheckpointLogs): TakenCheckpoint {
  for (const name of event.names) checkName(name);
  const positions: Record<string, string> = {};
  for (const [name, log] of Object.entries(logs) as [string, LogFile | undefined][]) {
    if (log === undefined) continue;
    const { numBytes, sha256 } = log.position();
    positions[`${name}.bytes`] = String(numBytes);
    positions[`${name}.sha256`] = sha256;
  }
  return { event, state: canonicalJson(event.state), positions };
}

/**
 * Saves one checkpoint under some of its names, then removes numbered ones beyond `keep`, oldest first. A durable one is on
 * the disk when this returns, and the logs that it counts on before it.
 */
export function saveCheckpoint(files: FileSystem, folder: string, saving: CheckpointSaving): void {
  const { event, names, logs, isDurable } = saving;
  if (isDurable) syncLogs(files, logs);
  const parts = fileParts(event, checkpointMetadata(saving));
  for (const name of names) {
    files.writeFile(join(folder, checkpointFile(name)), parts, isDurable ? "bytes" : "later");
  }
  if (isDurable) files.syncUp(folder, folder);
  if (event.keep !== undefined) removeOldest(files, folder, event.keep);
}

/**
 * The bytes of a checkpoint's file. Nobody changes the tensors of one that may wait; those of others are copied, since the
 * bytes are remembered until the end of the run.
 */
function fileParts(
  { tensors, mayWait }: CheckpointEvent,
  metadata: Record<string, string>,
): readonly Uint8Array[] {
  if (mayWait === true) return safetensorsParts(tensors, metadata);
  return [encodeSafetensors(tensors, metadata)];
}

/** Makes the rows durable that a checkpoint is about to count on. */
export function syncLogs(files: FileSystem, { metrics, trace, predictions }: CheckpointLogs): void {
  metrics.sync();
  trace.sync();
  if (predictions === undefined) return;
  predictions.sync();
  const folder = dirname(predictions.path);
  files.syncUp(folder, folder); // the file was made with its first row
}

/** The file of a checkpoint in the folder of checkpoints. */
export function checkpointFile(name: string): string {
  return `${name}.safetensors`;
}

/**
 * The checkpoint in the bytes of a file.
 * @throws {ExpError} `store` where the file is cut off, changed, or none of ours.
 */
export function readCheckpoint(bytes: Uint8Array): StoredCheckpoint {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { sha256, ...facts } = metadata;
  if (facts["format"] !== checkpointFormat) throw broken("it is no checkpoint of this format");
  if (sha256 !== checkpointDigest(tensors, facts)) throw broken("its digest is another one");
  const step = count(facts["step"]);
  const state = parseObject(facts["state"] ?? "");
  const identities = parseObject(facts["identities"] ?? "");
  const [metrics, trace] = [logPrefix(facts, "metrics"), logPrefix(facts, "trace")];
  if (step === undefined || !state || !identities || !metrics || !trace)
    throw broken("its facts are incomplete");
  const names = (facts["names"] ?? "").split(" ").filter((name) => name !== "");
  const logs = { metrics, trace, predictions: logPrefix(facts, "predictions") };
  return { step, state: state as JsonObject, tensors, names, identities, logs }; // state: parsed JSON
}

/** What a checkpoint must share with the run that goes on from it. */
const sharedIdentities = [
  "configHash",
  "codeHash",
  "dataHash",
  "environmentClass",
  "runKey",
] as const;

/** What tells that a checkpoint is of another run: each identity that differs; `undefined` for one of this run. */
export function foreignIdentities(
  { identities }: StoredCheckpoint,
  run: RunIdentities,
): string | undefined {
  const different = sharedIdentities.filter((name) => identities[name] !== run[name]);
  if (different.length === 0) return undefined;
  const found = different.map((name) => {
    const value = identities[name];
    return `its ${name} is ${typeof value === "string" ? value : "missing"}, and this run's is ${run[name]}`;
  });
  return `${found.join("; ")}.`;
}

function checkpointMetadata({
  event,
  state,
  positions,
  identities,
}: CheckpointSaving): Record<string, string> {
  const facts: Record<string, string> = {
    format: checkpointFormat,
    step: String(event.step),
    state,
    identities: canonicalJson(
      Object.fromEntries(sharedIdentities.map((name) => [name, identities[name]])),
    ),
    // Numbered names depend on an operation setting, and the bytes of `best` and `last` must not.
    names: event.names
      .filter((name) => !name.startsWith("step-"))
      .toSorted()
      .join(" "),
    ...positions,
  };
  return { ...facts, sha256: checkpointDigest(event.tensors, facts) };
}

/** Over everything that the file says: a bit that flipped on the disk must not be trained on. */
function checkpointDigest(tensors: HostTensors, facts: Readonly<Record<string, string>>): string {
  const digest = createSha256();
  digest.update(canonicalJson(facts));
  const sorted = [...tensors].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  for (const [name, { dtype, shape, values }] of sorted) {
    digest.update(canonicalJson([name, dtype, [...shape]]));
    digest.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return digest.digest();
}

function logPrefix(facts: Readonly<Record<string, string>>, name: string): LogPrefix | undefined {
  const numBytes = count(facts[`${name}.bytes`]);
  const sha256 = facts[`${name}.sha256`];
  return numBytes === undefined || sha256 === undefined ? undefined : { numBytes, sha256 };
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

function broken(reason: string): ExpError {
  return new ExpError("store", `The checkpoint cannot be used: ${reason}.`);
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

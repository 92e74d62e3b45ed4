/** Beginning an attempt: the claimed directory, and all that is written into it before the first step. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { ExpError, InternalError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { scrubBytes, scrubValue } from "../core/secrets.ts";
import type { JsonObject } from "../core/json.ts";
import {
  attemptStatus,
  readAttemptRecord,
  type AttemptRecord,
  type AttemptStatus,
  type RunSnapshot,
} from "./attempt-record.ts";
import { createAttempt, type Attempt } from "./attempt.ts";
import { attemptNumbers, claimAttempt, discard } from "./claim.ts";
import type { FileSystem } from "./file-system.ts";
import { prettyJson } from "./json-file.ts";
import type { Manifest, RunIdentities } from "./manifest.ts";
import type { ProcessFacts } from "./process-facts.ts";
import { readPublished, type PublishedRun } from "./published-run.ts";
import { redactArguments } from "./redact-arguments.ts";
import { requireRealFolders } from "./real-folders.ts";
import { attemptsOf, isSha256, runFiles } from "./run-layout.ts";

/** All that is known about a run before its first step. */
export interface AttemptOptions {
  /** Name of the experiment. */
  readonly experiment: string;
  readonly task: Manifest["task"];
  readonly identities: RunIdentities;
  /** Bytes of `identity.json`: its SHA-256 is the config hash. */
  readonly identityText: string;
  readonly config: JsonObject;
  readonly provenance: JsonObject;
  /** From `captureEnvironment`. */
  readonly environment: { readonly facts: JsonObject; readonly uncommittedDiff: Uint8Array };
  /** The command line; secrets are taken out before it is written. */
  readonly argv: readonly string[];
  /** Optimizer steps between two lines of progress in `logs/train.log`; at least 1. */
  readonly logInterval: number;
  /** From `saveCode`. */
  readonly sources?: string;
  /** What the run can be executed again from; absent where its code lies in no module of its own. */
  readonly snapshot?: RunSnapshot;
  /** Start although the run is published, to see whether it repeats. Default: false. */
  readonly isRepeat?: boolean;
}

/** What came of beginning an attempt. */
export type BeginResult =
  | { readonly kind: "started"; readonly attempt: Attempt }
  /** Somebody published the run in the meantime; there is nothing to do. */
  | { readonly kind: "published"; readonly run: PublishedRun };

/** An attempt as it lies on disk. */
export interface AttemptInfo {
  /** Absolute. */
  readonly directory: string;
  readonly number: number;
  /** `undefined` where `attempt.json` is damaged. */
  readonly record: AttemptRecord | undefined;
  readonly status: AttemptStatus;
}

/** What a store works with. */
export interface StoreContext {
  /** Absolute. */
  readonly store: string;
  readonly files: FileSystem;
  readonly clock: () => Date;
  readonly here: ProcessFacts;
  readonly pause?: (milliseconds: number) => void;
}

/** All attempts of a key that are not published, by number. */
export function listAttempts(context: StoreContext, runKey: string): readonly AttemptInfo[] {
  const { files, store, here } = context;
  const folder = attemptsOf(store, runKey);
  requireRealFolders(files, store, folder);
  const view = { here, nowMs: context.clock().getTime() };
  return attemptNumbers(files, folder)
    .map((number) => ({ number, directory: join(folder, String(number)) }))
    .filter(({ directory }) => files.status(directory)?.kind === "directory")
    .map(({ number, directory }) => ({
      directory,
      number,
      record: readAttemptRecord(files, directory),
      status: attemptStatus(files, directory, view),
    }));
}

/**
 * Claims a run, and begins an attempt at it.
 * @throws {ExpError} `run-active` while another process is at it; `config` and bugs of ours for options that cannot be.
 */
export function beginAttempt(context: StoreContext, options: AttemptOptions): BeginResult {
  const { store, files, clock } = context;
  checkOptions(options);
  const record = newRecord(context, options);
  const { directory, number, unseen } = claimAttempt(files, { ...context, record });
  try {
    // Only now: a rival that was alive a moment ago is either still seen as such, or has published by now.
    const run = options.isRepeat === true ? undefined : readPublished(files, store, record.runKey);
    if (run !== undefined) {
      discard(files, store, directory);
      return { kind: "published", run };
    }
    writeGivenFiles(files, directory, options);
    const { task, identities, logInterval, isRepeat = false } = options;
    const facts = {
      store,
      directory,
      number,
      record,
      task,
      identities,
      logInterval,
      isRepeat,
      unseen,
    };
    return { kind: "started", attempt: createAttempt(files, { ...facts, clock }) };
  } catch (error) {
    discardQuietly(files, store, directory);
    throw error;
  }
}

/** Nothing has been computed yet, so nothing is lost; left behind, the claim would look like a run that is going on. */
function discardQuietly(files: FileSystem, store: string, directory: string): void {
  try {
    discard(files, store, directory);
  } catch {
    return; // the first error is the one that matters
  }
}

function newRecord(context: StoreContext, options: AttemptOptions): AttemptRecord {
  const sources = options.sources === undefined ? {} : { sources: options.sources };
  const snapshot = options.snapshot === undefined ? {} : { snapshot: options.snapshot };
  return {
    format: "lockstep/attempt/1",
    id: randomUUID(),
    runKey: options.identities.runKey,
    identities: { ...options.identities },
    experiment: options.experiment,
    ...context.here,
    startTime: context.clock().toISOString(),
    argv: scrubValue(redactArguments(options.argv)),
    ...sources,
    ...snapshot,
  };
}

function checkOptions({ identities, identityText, logInterval }: AttemptOptions): void {
  const { configHash, groupHash, codeHash, dataHash, runKey } = identities;
  if (![configHash, groupHash, codeHash, dataHash, runKey].every(isSha256)) {
    throw new InternalError("an identity of the run is not a SHA-256 in hex");
  }
  if (sha256(identityText) !== configHash) {
    throw new InternalError("the config hash is not the SHA-256 of the identity");
  }
  if (!Number.isSafeInteger(logInterval) || logInterval < 1) {
    throw new ExpError("config", `The logging interval is ${logInterval}; expected 1 or more.`);
  }
}

function writeGivenFiles(files: FileSystem, directory: string, options: AttemptOptions): void {
  const contents: readonly [string, string | Uint8Array][] = [
    [runFiles.identity, options.identityText],
    [runFiles.config, prettyJson(options.config)],
    [runFiles.provenance, prettyJson(scrubValue(options.provenance))],
    [runFiles.environment, prettyJson(scrubValue(options.environment.facts))],
    [runFiles.uncommittedDiff, scrubBytes(options.environment.uncommittedDiff)],
  ];
  for (const [name, text] of contents) files.writeFile(join(directory, name), text, "later");
}

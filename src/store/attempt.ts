/** One try at a run: from the claim to a published run, or to an exit record that says why not. */
import { dirname, join } from "node:path";
import { ExpError, InternalError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { isPlainObject } from "../core/json.ts";
import { scrub, scrubValue } from "../core/secrets.ts";
import type { RunEvent } from "../core/run-events.ts";
import {
  describeFailure,
  noteEnded,
  sealRecord,
  type AttemptRecord,
  type ResumedFrom,
} from "./attempt-record.ts";
import { checkpointFile } from "./checkpoint-files.ts";
import type { FileSystem } from "./file-system.ts";
import { startHeartbeat, type Heartbeat } from "./heartbeat.ts";
import { prettyJson } from "./json-file.ts";
import { checkTree } from "./check-tree.ts";
import {
  buildManifest,
  formatManifest,
  otherFiles,
  type Manifest,
  type RunIdentities,
} from "./manifest.ts";
import { publishAttempt } from "./publish.ts";
import type { PublishedRun } from "./published-run.ts";
import { redacted, redactText } from "./redact.ts";
import type { ReadyEvent, ResultEvent } from "./record-event.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { type CheckpointCheck, type InheritedLogs } from "./checkpoint-candidates.ts";
import { resumeAttempt, type ResumeSearch } from "./resume.ts";
import { givenFiles, runFiles } from "./run-layout.ts";
import { refuseSecretFiles, removeSecretFiles } from "./secret-files.ts";
import { rememberWrites, type WrittenFiles } from "./written-files.ts";

/** What an attempt came to, for the documents that are written before it is published. */
export interface FinishedAttempt {
  readonly manifest: Manifest;
  readonly ready: ReadyEvent | undefined;
  readonly result: ResultEvent;
}

/** The documents of a run, as Markdown. */
export interface RunDocuments {
  readonly modelCard: string;
  readonly reproduce: string;
}

/** Calls come in this order: `record` for each event, then `finish`, `publish`; or `fail` at any time. */
export interface Attempt {
  /** Absolute; the run moves away from here when it is published, and results that did not repeat to `.conflicts/`. */
  readonly directory: string;
  readonly number: number;
  /** A sentence for each earlier attempt that was taken for dead without being seen, for whoever executes this one. */
  readonly unseen: readonly string[];
  /**
   * Writes one event down.
   * @throws {ExpError} when it cannot be written (`environment`: disk full and the like); the attempt is dead then, and
   * all that is left is `fail`.
   */
  record(event: RunEvent): void;
  /**
   * Goes on where an earlier attempt at the run stopped: its rows and checkpoints become part of this one. A repetition
   * of a published run finds nothing, since it is to see whether the whole run repeats.
   * @param check - Of the task: what it finds wrong with a checkpoint leaves that one out.
   * @throws {ExpError} `training` when rows or a checkpoint were recorded before.
   */
  resume(check?: CheckpointCheck): ResumeSearch;
  /**
   * Where a row that an earlier attempt had computed after the checkpoint came out another way, by log, step and fields;
   * `undefined` where none did so far.
   */
  firstDifference(): string | undefined;
  /** Says which values of the config were never read, for the record of a run that began at the beginning. */
  noteUnread(paths: readonly string[]): void;
  /**
   * Closes the logs, sees that all that was written lies there as it was written, and puts the manifest together.
   * @throws {ExpError} `training` when no result event was recorded, when somebody changed a file of ours, or when the
   *   directory holds what cannot be published, a secret among it.
   */
  finish(): FinishedAttempt;
  /**
   * Publishes the finished attempt, or proves that it equals the one that is published already; a `duplicate` is recorded
   * beside that one. Durable when it returns.
   * @throws {ExpError} `store` when that one has other results, or is damaged; call `fail` with the error.
   */
  publish(documents: RunDocuments): {
    readonly kind: "published" | "duplicate";
    readonly run: PublishedRun;
  };
  /**
   * Ends the attempt with an exit record and keeps its directory. Never throws: what cannot be written (on a full disk,
   * say) leaves an attempt that counts as lost. After `publish` it does nothing.
   */
  fail(error: unknown): void;
}

/** What `createAttempt` is handed: the claimed directory and all that is known before the first step. */
export interface AttemptSetting {
  readonly store: string;
  readonly directory: string;
  readonly number: number;
  readonly unseen: readonly string[];
  readonly record: AttemptRecord;
  readonly task: Manifest["task"];
  readonly identities: RunIdentities;
  readonly logInterval: number;
  readonly clock: () => Date;
  /** It repeats a published run, so it starts from the beginning. */
  readonly isRepeat: boolean;
}

type Phase = "recording" | "finished" | "dead" | "closed";

/** The attempt in a claimed directory; it beats until it ends. */
export function createAttempt(fileSystem: FileSystem, setting: AttemptSetting): Attempt {
  const { directory, number, unseen, clock } = setting;
  const written = rememberWrites(fileSystem, directory);
  for (const path of givenFiles) written.take(path);
  const { files } = written;
  const recorder = createRecorder(files, {
    ...setting,
    settle: (): void => {
      settle(life);
    },
  });
  const heartbeat = startHeartbeat(files, setting);
  const life: Life = {
    files,
    written,
    setting,
    recorder,
    heartbeat,
    phase: "recording",
    finished: undefined,
    directory,
    isSettled: false,
    others: {},
    resumed: undefined,
    numRedacted: 0,
    unread: [],
  };
  recorder.note("started", { number, pid: setting.record.pid, host: setting.record.host });
  return {
    get directory(): string {
      return life.directory;
    },
    number,
    unseen,
    record: (event): void => {
      step(life, "recording", () => {
        recorder.record(withoutTokens(life, scrubValue(event)));
      });
      heartbeat.beatIfDue(clock());
    },
    resume: (check) => step(life, "recording", () => resume(life, check)),
    firstDifference: () => recorder.repeated().firstDifference,
    noteUnread: (paths): void => {
      life.unread = paths;
    },
    finish: () => step(life, "recording", () => finish(life)),
    publish: (documents) => step(life, "finished", () => publish(life, documents)),
    fail: (error): void => {
      fail(life, error);
    },
  };
}

interface Life {
  readonly files: FileSystem;
  readonly written: WrittenFiles;
  readonly setting: AttemptSetting;
  readonly recorder: Recorder;
  readonly heartbeat: Heartbeat;
  phase: Phase;
  finished: FinishedAttempt | undefined;
  /** Absolute. */
  directory: string;
  /** What was known before the first step is durable, with all folders on the way to it. */
  isSettled: boolean;
  /** What the record says of the manifest and of the files beside those of it, once all are written. */
  others: Pick<AttemptRecord, "others" | "manifest">;
  resumed: Omit<ResumedFrom, "numRepeatedRows" | "firstDifference"> | undefined;
  /** Tokens that were taken out of lines of the log. */
  numRedacted: number;
  /** Values of the config that were never read. */
  unread: readonly string[];
}

/** A line of the log without what looks like a token, whoever's it is. */
function withoutTokens(life: Life, event: RunEvent): RunEvent {
  const isEvent = isPlainObject(event); // nobody has checked yet what the task yields
  if (!isEvent || event.kind !== "log" || typeof event.text !== "string") return event;
  const { text, numRedacted } = redactText(event.text);
  life.numRedacted += numRedacted;
  return numRedacted === 0 ? event : { ...event, text };
}

/** Runs one call in its phase. After any error the attempt is dead: what it wrote may not be what it thinks. */
function step<Result>(life: Life, expected: Phase, body: () => Result): Result {
  if (life.phase !== expected) {
    throw new InternalError(`an attempt that is ${life.phase} was used as if it were ${expected}`);
  }
  try {
    return body();
  } catch (error) {
    life.phase = "dead";
    throw error;
  }
}

/** Before anything counts on the attempt: a checkpoint in a directory that went with the power would be no checkpoint. */
function settle(life: Life): void {
  if (life.isSettled) return;
  const { files, directory, setting } = life;
  for (const path of [runFiles.attempt, ...givenFiles]) files.syncFile(join(directory, path));
  const logs = dirname(join(directory, runFiles.eventsLog));
  files.syncUp(logs, logs);
  files.syncUp(directory, setting.store);
  life.isSettled = true;
}

function resume(life: Life, check?: CheckpointCheck): ResumeSearch {
  const { files, recorder, setting } = life;
  if (setting.isRepeat) return { point: undefined, leftOut: [] };
  const { identities } = setting;
  const inherit = (logs: InheritedLogs): void => {
    settle(life);
    recorder.inherit(logs);
  };
  const search = resumeAttempt(files, setting.directory, { identities, inherit, check });
  const { point, leftOut } = search;
  if (point === undefined) return search;
  const { attempt, step: resumedStep, name, sha256 } = point;
  const checkpoint = `checkpoints/${checkpointFile(name)}`;
  life.resumed = { attempt, step: resumedStep, checkpoint, sha256, isIntact: true };
  recorder.note("resumed", { ...life.resumed, leftOut: [...leftOut] });
  const record: AttemptRecord = { ...setting.record, ...resumedFacts(life) };
  files.writeFile(join(setting.directory, runFiles.attempt), prettyJson(record), "bytes");
  return search;
}

/** Where the attempt went on, for its record. */
function resumedFacts({ resumed, recorder }: Life): Pick<AttemptRecord, "resumed"> {
  if (resumed === undefined) return {};
  const { numEqual, firstDifference = null } = recorder.repeated();
  return { resumed: { ...resumed, numRepeatedRows: numEqual, firstDifference } };
}

function finish(life: Life): FinishedAttempt {
  const { files, written, recorder, setting } = life;
  const result = recorder.result();
  if (result === undefined) {
    throw new ExpError("training", "The task ended without a result event.", {
      hint: "The last event that a task's run yields must be of kind result.",
    });
  }
  if (life.resumed !== undefined) {
    const { numEqual, firstDifference = null } = recorder.repeated();
    recorder.note("repeated", { numRepeatedRows: numEqual, firstDifference });
  }
  recorder.note("finished", { step: result.step });
  written.check(recorder.close());
  checkTree(files, setting.directory);
  refuseSecretFiles(files, setting.directory, life.written);
  const { task, identities } = setting;
  const facts = { task, identities, weightsDigest: result.weightsDigest };
  const manifest = buildManifest(files, setting.directory, facts);
  life.finished = { manifest, ready: recorder.ready(), result };
  life.phase = "finished";
  return life.finished;
}

function publish(life: Life, documents: RunDocuments): ReturnType<Attempt["publish"]> {
  const { files, setting, finished } = life;
  if (finished === undefined) throw new InternalError("an attempt was published before its end");
  const { store, directory } = setting;
  files.writeFile(join(directory, runFiles.modelCard), scrub(documents.modelCard), "later");
  files.writeFile(join(directory, runFiles.reproduce), scrub(documents.reproduce), "later");
  const { manifest } = finished;
  const others = otherFiles(files, directory, manifest);
  life.others = { others, manifest: sha256(formatManifest(manifest)) };
  const record = closeRecord(life);
  life.heartbeat.stop();
  const outcome = publishAttempt(files, { store, directory, record, manifest });
  if (outcome.kind === "conflict") {
    life.directory = outcome.directory;
    life.isSettled = true;
    throw outcome.error;
  }
  life.phase = "closed";
  return outcome;
}

function closeRecord(life: Life): AttemptRecord {
  const { files, setting, directory, isSettled, others } = life;
  const { record, number, clock } = setting;
  const endTime = clock().toISOString();
  const closed = sealRecord({
    ...record,
    number,
    endTime,
    ...resumedFacts(life),
    ...others,
    ...redactions(life),
    // What went on may have read them before.
    ...(life.unread.length > 0 && life.resumed === undefined ? { unread: life.unread } : {}),
  });
  // Where something counts on the attempt, a name without its bytes would hide whose it was.
  const durability = isSettled ? "bytes" : "later";
  files.writeFile(join(directory, runFiles.attempt), prettyJson(closed), durability);
  return closed;
}

/** How many secrets are masked in what is written beside the results; nothing where none is. */
function redactions({ setting, numRedacted }: Life): Pick<AttemptRecord, "numRedacted"> {
  const arguments_ = setting.record.argv.filter((text) => text.includes(redacted)).length;
  if (arguments_ + numRedacted === 0) return {};
  return { numRedacted: { arguments: arguments_, log: numRedacted } };
}

function fail(life: Life, error: unknown): void {
  if (life.phase === "closed") return;
  const { files, setting, recorder, written, directory } = life;
  life.phase = "closed";
  life.heartbeat.stop();
  noteEnded(setting.record);
  const failure = describeFailure(error, recorder.step(), setting.clock().toISOString());
  const quietly = (body: () => void): void => {
    try {
      body();
    } catch {
      return; // the caller has the error that matters; without an exit record the attempt counts as lost
    }
  };
  quietly(() => {
    const removed = removeSecretFiles(files, directory, written);
    const { code, step } = failure;
    recorder.note("failed", { code, step, ...(removed.length > 0 ? { removed } : {}) });
  });
  recorder.abandon();
  quietly(() => {
    closeRecord(life);
  });
  quietly(() => {
    files.writeFile(join(directory, runFiles.failure), prettyJson(failure), "bytes");
  });
  quietly(() => {
    settle(life);
  });
  quietly(() => {
    files.syncUp(directory, directory);
  });
  quietly(() => {
    files.removeFile(join(directory, runFiles.heartbeat));
  });
}

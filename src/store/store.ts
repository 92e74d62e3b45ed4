/** The `runs/` directory: files are the truth, and everything said about a run is read from them. */
import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { ExpError, InternalError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { scrubBytes, scrubValue } from "../core/secrets.ts";
import type { JsonObject } from "../core/json.ts";
import {
  addAnnotation,
  listAnnotations,
  nextTime,
  type Annotation,
  type AnnotationList,
} from "./annotations.ts";
import {
  attemptStatus,
  readAttemptRecord,
  type AttemptRecord,
  type AttemptStatus,
  type RunSnapshot,
} from "./attempt-record.ts";
import { createAttempt, type Attempt } from "./attempt.ts";
import { attemptNumbers, claimAttempt, discard } from "./claim.ts";
import {
  readCode,
  readDiff,
  saveCode,
  saveDiff,
  type SavedCode,
  type StoredCode,
} from "./code-store.ts";
import { readDataList, saveDataList, type DataList } from "./data-lists.ts";
import { readDataRows, saveDataRows } from "./data-rows.ts";
import { createFileSystem, type FileSystem } from "./file-system.ts";
import { checkStore, findingsOf, type StoreReport } from "./fsck.ts";
import type { Finding } from "./fsck-findings.ts";
import { collectGarbage } from "./garbage.ts";
import type { GarbageOptions, GarbageReport } from "./garbage-items.ts";
import { prettyJson } from "./json-file.ts";
import {
  numPackBytes,
  packSnapshot,
  readSnapshot,
  saveSnapshot,
  type SnapshotContent,
  type SnapshotName,
  type StoredSnapshot,
} from "./snapshot-store.ts";
import type { Manifest, RunIdentities } from "./manifest.ts";
import { currentProcess, systemClock, type ProcessFacts } from "./process-facts.ts";
import { findByPrefix, listPublished, type PublishedList } from "./published-list.ts";
import { readPublished, readResults, type PublishedRun, type RunResults } from "./published-run.ts";
import { removeRun, restoreRun, type Removal } from "./removed-run.ts";
import { redactArguments } from "./redact-arguments.ts";
import { requireRealFolders } from "./real-folders.ts";
import { attemptsOf, isSha256, runFiles } from "./run-layout.ts";
import { runCheckpoints, type RunCheckpoints } from "./start-checkpoint.ts";
import { listTrash, putBack, type TrashEntry } from "./trash.ts";

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

/** All functions throw `ExpError`: `environment` for a full disk and the like, `store` for a damaged directory. */
export interface Store {
  /** Absolute; it need not exist yet. */
  readonly directory: string;
  /** The finished run of a key. Throws `store` where something else lies in its place. */
  findPublished(runKey: string): PublishedRun | undefined;
  /**
   * The finished run that a name means: 8 to 64 digits that begin its run key.
   * Throws `usage` where none or several begin so.
   */
  findByPrefix(prefix: string): PublishedRun;
  /** All finished runs, and the directories among them that cannot be read. */
  listPublished(): PublishedList;
  /** Metrics and details of a finished run. */
  readResults(run: PublishedRun): RunResults;
  /** The attempt that is running now. */
  liveAttempt(runKey: string): AttemptInfo | undefined;
  /** All attempts of a key that are not published, by number. */
  listAttempts(runKey: string): readonly AttemptInfo[];
  /** Claims a run. Throws `run-active` while another process is at it. */
  beginAttempt(options: AttemptOptions): BeginResult;
  /** Stores the code of a run, once. */
  saveCode(codeHash: string, code: StoredCode): SavedCode;
  /** The code of a hash as far as it is stored, for comparing: its files and packages. */
  readCode(codeHash: string): Pick<StoredCode, "files" | "packages"> | undefined;
  /** Keeps name and SHA-256 of the files of a data hash, once. */
  saveDataList(list: DataList): void;
  readDataList(dataHash: string): DataList | undefined;
  /** Keeps short digests of the rows of a data file under its SHA-256, once; `rows` is called where that is to be done. */
  saveDataRows(digest: string, rows: () => Uint8Array | undefined): void;
  readDataRows(digest: string): Uint8Array | undefined;
  /** The checkpoints of a finished run, to execute it from one of them. */
  checkpoints(run: PublishedRun): RunCheckpoints;
  /** The text of a finished run's `identity.json`; empty where it is gone. */
  readIdentity(run: PublishedRun): string;
  /** Stores what a plan runs from, once; its code must have been saved. */
  saveSnapshot(codeHash: string, content: SnapshotContent): SnapshotName;
  /** The same as one file, of which `readSnapshot` makes the folder when it is first wanted. */
  packSnapshot(codeHash: string, content: SnapshotContent): SnapshotName;
  /** How many bytes `packSnapshot` would write; 0 where the snapshot is stored already. */
  numSnapshotBytes(codeHash: string, content: SnapshotContent): number;
  /** A snapshot whose every byte is as it was stored. Throws `store` where it is not. */
  readSnapshot(name: SnapshotName): StoredSnapshot;
  /** Looks at every file, and repairs what can be repaired where that is asked for. */
  check(options: { readonly isRepairing: boolean }): StoreReport;
  /** What `check` would tell of one run and of its code; other runs are not read. */
  checkRun(run: PublishedRun): readonly Finding[];
  /** Says something about a published run, durably, beside it: the run itself never changes. Gives back the new file. */
  annotate(annotation: Omit<Annotation, "time">): string;
  /**
   * Moves a run with its attempts, conflicts and annotations to the trash. Throws `run-active` while a process executes it,
   * `usage` where there is nothing of it.
   */
  removeRun(removal: Removal): TrashEntry;
  /** What lies in the trash, the oldest first. */
  trash(): readonly TrashEntry[];
  /** Puts something back where it lay. Throws `usage` where something lies there by now. */
  restore(entry: TrashEntry): void;
  /** Finds what nobody needs any more, and removes it where that is asked for. */
  collectGarbage(options: GarbageOptions): GarbageReport;
  /** What was said about a run, the oldest first. */
  annotations(runKey: string): AnnotationList;
  /** Keeps what was not committed when a plan was made, and gives back its SHA-256. */
  saveDiff(codeHash: string, diff: Uint8Array): string;
  /** The kept diff of this SHA-256, `undefined` where it is gone. */
  readDiff(codeHash: string, digest: string): Uint8Array | undefined;
}

/** What tests put in place of the machine. */
export interface StoreParts {
  readonly files?: FileSystem;
  readonly clock?: () => Date;
  readonly process?: ProcessFacts;
  /** In place of waiting for another process. */
  readonly pause?: (milliseconds: number) => void;
}

/**
 * The store in a directory. Nothing is read or made before it is needed.
 * @param directory - Relative to the working directory, or absolute.
 */
export function openStore(directory: string, parts: StoreParts = {}): Store {
  const context: Context = {
    store: resolve(directory),
    files: parts.files ?? createFileSystem(),
    clock: parts.clock ?? systemClock,
    here: parts.process ?? currentProcess(),
    ...(parts.pause && { pause: parts.pause }),
  };
  const { store, files } = context;
  return {
    directory: store,
    findPublished: (runKey) => readPublished(files, store, runKey),
    findByPrefix: (prefix) => findByPrefix(files, store, prefix),
    listPublished: () => listPublished(files, store),
    readResults: (run) => readResults(files, run),
    liveAttempt: (runKey) =>
      listAttempts(context, runKey).find((attempt) => attempt.status.kind === "running"),
    listAttempts: (runKey) => listAttempts(context, runKey),
    beginAttempt: (options) => beginAttempt(context, options),
    saveCode: (codeHash, code) => saveCode(files, store, { codeHash, code }),
    readCode: (codeHash) => readCode(files, store, codeHash),
    saveDataList: (list) => saveDataList(files, store, list),
    saveDataRows: (digest, rows) => saveDataRows(files, store, { digest, rows }),
    readDataRows: (digest) => readDataRows(files, store, digest),
    readDataList: (dataHash) => readDataList(files, store, dataHash),
    checkpoints: (run) => runCheckpoints(files, run),
    readIdentity: ({ directory }) => files.readText(join(directory, runFiles.identity)) ?? "",
    saveSnapshot: (codeHash, content) => saveSnapshot(files, store, { codeHash, content }),
    packSnapshot: (codeHash, content) => packSnapshot(files, store, { codeHash, content }),
    numSnapshotBytes: (codeHash, content) => numPackBytes(files, store, { codeHash, content }),
    readSnapshot: (name) => readSnapshot(files, store, name),
    check: (options) => checkStore({ ...context, ...options }),
    checkRun: (run) => findingsOf(context, run),
    annotate: (annotation) => {
      const time = nextTime(files, store, { ...annotation, now: context.clock() });
      return addAnnotation(files, store, { ...annotation, time });
    },
    removeRun: (removal) => removeRun(context, removal),
    trash: () => listTrash(files, store),
    restore: (entry) => {
      const { run } = entry;
      if (run === undefined) putBack(files, store, entry);
      else restoreRun(context, { ...entry, run });
    },
    collectGarbage: (options) => collectGarbage(context, options),
    annotations: (runKey) => listAnnotations(files, store, runKey),
    saveDiff: (codeHash, diff) => saveDiff(files, store, { codeHash, diff }),
    readDiff: (codeHash, digest) => readDiff(files, store, { codeHash, digest }),
  };
}

interface Context {
  readonly store: string;
  readonly files: FileSystem;
  readonly clock: () => Date;
  readonly here: ProcessFacts;
  readonly pause?: (milliseconds: number) => void;
}

function listAttempts(context: Context, runKey: string): readonly AttemptInfo[] {
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

function beginAttempt(context: Context, options: AttemptOptions): BeginResult {
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

function newRecord(context: Context, options: AttemptOptions): AttemptRecord {
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

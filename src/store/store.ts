/** The `runs/` directory: files are the truth, and everything said about a run is read from them. */
import { join, resolve } from "node:path";
import {
  addAnnotation,
  listAnnotations,
  nextTime,
  type Annotation,
  type AnnotationList,
} from "./annotations.ts";
import {
  beginAttempt,
  listAttempts,
  type AttemptInfo,
  type AttemptOptions,
  type BeginResult,
  type StoreContext,
} from "./begin-attempt.ts";
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
import {
  numPackBytes,
  packSnapshot,
  readSnapshot,
  saveSnapshot,
  type SnapshotContent,
  type SnapshotName,
  type StoredSnapshot,
} from "./snapshot-store.ts";
import { currentProcess, systemClock, type ProcessFacts } from "./process-facts.ts";
import { findByPrefix, listPublished, type PublishedList } from "./published-list.ts";
import { readPublished, readResults, type PublishedRun, type RunResults } from "./published-run.ts";
import { removeRun, restoreRun, type Removal } from "./removed-run.ts";
import { runFiles } from "./run-layout.ts";
import { runCheckpoints, type RunCheckpoints } from "./start-checkpoint.ts";
import { listTrash, putBack, type TrashEntry } from "./trash.ts";

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
  const context: StoreContext = {
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

/** A finished run as a plan of one run that can be executed from the store: its config, its code, its place. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { deepFreeze } from "../../core/freeze.ts";
import { ExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import type { PlannedRun } from "../../resolve/plan.ts";
import { readAttemptRecord, type AttemptRecord } from "../../store/attempt-record.ts";
import type { CapturedGit } from "../../store/environment-git.ts";
import { createFileSystem } from "../../store/file-system.ts";
import type { PublishedRun } from "../../store/published-run.ts";
import { runFiles } from "../../store/run-layout.ts";
import { openStore, type Store } from "../../store/store.ts";
import { relocate, relocationsOf } from "../archive/locations.ts";
import type { FrozenCode, FrozenPlan } from "../frozen-plan.ts";
import { fileStatus, objectIn, readFileBytes, readRunObject, readRunText } from "../run-files.ts";
import { runNameOfPath, runsFolderOf } from "../runs-folder.ts";
import { registerSecrets } from "../secrets.ts";

/** Which run, and where runs are. */
export interface StoredRunRequest {
  /** 8 to 64 digits that begin the run's key, or its folder. */
  readonly name: string;
  /** As typed; by default as `runsFolderOf` finds it. */
  readonly runsDirectory?: string;
  /** Absolute. */
  readonly workingDirectory: string;
}

/** A finished run with what is needed to execute it again. */
export interface StoredRun {
  readonly store: Store;
  readonly published: PublishedRun;
  readonly run: PlannedRun;
  readonly provenance: JsonObject;
  /** Absolute: what locations of its config are relative to. */
  readonly projectDirectory: string;
  /** Its code, or a sentence that says why it cannot be executed from the store. */
  readonly code: FrozenCode | string;
}

/**
 * Finds a finished run.
 * @throws {ExpError} `usage` for a name that no run or several have; `store` where files of the run are damaged.
 */
export function findStoredRun(request: StoredRunRequest): StoredRun {
  const { name, runsDirectory, workingDirectory } = request;
  const store = openStore(runsFolderOf(name, runsDirectory, workingDirectory));
  const path = runNameOfPath(store.directory, name, workingDirectory);
  const published = store.findByPrefix(path ?? name);
  const record = recordOf(published);
  const run = plannedRun(store, published, record);
  registerSecrets(run);
  return {
    store,
    published,
    run,
    provenance: optionalObject(published, runFiles.provenance),
    projectDirectory:
      projectAbove(workingDirectory) ?? projectAbove(store.directory) ?? workingDirectory,
    code: storedCode(store, published, record),
  };
}

/** The plan of one run that a stored run is, with its code. */
export function frozenRun(stored: StoredRun, code: FrozenCode): FrozenPlan {
  const { store, published, run, provenance, projectDirectory } = stored;
  const { task } = published.manifest;
  const diffFile = join(published.directory, runFiles.uncommittedDiff);
  const diff = fileStatus(diffFile) === undefined ? new Uint8Array() : readFileBytes(diffFile);
  const { git } = optionalObject(published, runFiles.environment);
  const captured = isPlainObject(git) ? git : { kind: "none", reason: "the run does not say" };
  return {
    plan: { format: "lockstep/plan/1", experiment: run.name, task, runs: [run] },
    file: "",
    overrides: [],
    code,
    inputs: [],
    git: { git: captured as CapturedGit["git"], uncommittedDiff: diff },
    diff: sha256(diff),
    store,
    runsDirectory: store.directory,
    projectDirectory,
    notes: [],
    provenanceOf: () => Promise.resolve(provenance),
    directoryOf: (one) => join(store.directory, one.runKey.slice(0, 16)),
  };
}

/**
 * The same, for whoever executes it as an attempt.
 * @throws {ExpError} `store` where it kept no code that can be executed.
 */
export function replayPlan(stored: StoredRun): FrozenPlan {
  const { code, run } = stored;
  if (typeof code !== "string") return frozenRun(stored, code);
  throw new ExpError(
    "store",
    `The code of ${run.runKey.slice(0, 16)} cannot be executed: ${code}.`,
  );
}

function plannedRun(store: Store, published: PublishedRun, record: AttemptRecord): PlannedRun {
  const { identities } = published.manifest;
  const identityText = store.readIdentity(published);
  if (sha256(identityText) !== identities.configHash) {
    throw changed(join(published.directory, runFiles.identity), "was changed");
  }
  const { configHash, groupHash, codeHash, dataHash, environmentClass, runKey } = identities;
  const { backend } = optionalObject(published, runFiles.environment);
  const named = isPlainObject(backend) ? backend["name"] : undefined;
  const relocations = relocationsOf(store, runKey);
  const here = { relocations, store: store.directory };
  return deepFreeze({
    index: 0,
    name: record.experiment,
    axisValues: {},
    config: relocate(configOf(published, record), identityText, here),
    identityText,
    backend: typeof named === "string" ? named : (environmentClass.split("/")[0] ?? ""),
    configHash,
    groupHash,
    codeHash,
    dataHash,
    environmentClass,
    runKey,
  });
}

function storedCode(
  store: Store,
  { manifest }: PublishedRun,
  { snapshot, sources }: AttemptRecord,
): FrozenCode | string {
  const { codeHash } = manifest.identities;
  if (snapshot === undefined || sources === undefined) {
    return "the run kept no code that can be executed: a script handed its definition over, or an earlier Lockstep made it";
  }
  const packages = store.readCode(codeHash)?.packages;
  if (packages === undefined)
    return `its code ${codeHash.slice(0, 16)} is not in the store any more`;
  const { digest, lockstep } = snapshot;
  return { codeHash, snapshot: digest, sources, packages, lockstep };
}

/** Who made the run; what is to be executed is looked up in it, so it must be sound. */
function recordOf({ directory, runKey }: PublishedRun): AttemptRecord {
  const record = readAttemptRecord(createFileSystem(), directory);
  if (record?.runKey === runKey) return record;
  throw changed(join(directory, runFiles.attempt), "is damaged, or of another run");
}

/** The config as it was published: identity and config name the same run, and the code is not handed anything else. */
function configOf({ directory }: PublishedRun, { others = [] }: AttemptRecord): JsonObject {
  const text = readRunText(directory, runFiles.config);
  const file = join(directory, runFiles.config);
  const published = others.find(({ path }) => path === runFiles.config);
  if (published !== undefined && published.sha256 !== sha256(text)) {
    throw changed(file, "was changed after the run was published");
  }
  return objectIn(text, file);
}

function changed(file: string, what: string): ExpError {
  return new ExpError("store", `${file} ${what}.`, {
    hint: "Take an intact copy of the run, or run it again.",
  });
}

/** A file of the run as an object; empty where there is none. */
function optionalObject({ directory }: PublishedRun, name: string): JsonObject {
  return fileStatus(join(directory, name)) === undefined ? {} : readRunObject(directory, name);
}

function projectAbove(start: string): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

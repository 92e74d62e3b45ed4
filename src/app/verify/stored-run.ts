/** A finished run as a plan of one run that can be executed from the store: its config, its code, its place. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { deepFreeze } from "../../core/freeze.ts";
import { ExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { isPlainObject, parseJson, type JsonObject } from "../../core/json.ts";
import type { PlannedRun } from "../../resolve/plan.ts";
import type { CapturedGit } from "../../store/environment-git.ts";
import type { PublishedRun } from "../../store/published-run.ts";
import { runFiles } from "../../store/run-layout.ts";
import { openStore, type Store } from "../../store/store.ts";
import { relocate, relocationsOf } from "../archive/locations.ts";
import type { FrozenCode, FrozenPlan } from "../frozen-plan.ts";
import { readConfig } from "../run-store.ts";
import { runsFolder } from "../runs-folder.ts";
import { registerSecrets } from "../secrets.ts";

/** Which run, and where runs are. */
export interface StoredRunRequest {
  /** 8 to 64 digits that begin the run's key. */
  readonly name: string;
  /** As typed; by default as `runsFolder` finds it. */
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
  const store = openStore(runsFolder(runsDirectory, workingDirectory));
  const published = store.findByPrefix(name);
  const record = objectIn(published, runFiles.attempt);
  const run = plannedRun(store, published, record);
  registerSecrets(run);
  return {
    store,
    published,
    run,
    provenance: objectIn(published, runFiles.provenance),
    projectDirectory:
      projectAbove(workingDirectory) ?? projectAbove(store.directory) ?? workingDirectory,
    code: storedCode(store, published, record),
  };
}

/** The plan of one run that a stored run is, with its code. */
export function frozenRun(stored: StoredRun, code: FrozenCode): FrozenPlan {
  const { store, published, run, provenance, projectDirectory } = stored;
  const { task } = published.manifest;
  const diff = readBytes(published, runFiles.uncommittedDiff);
  const { git } = objectIn(published, runFiles.environment);
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

function plannedRun(store: Store, published: PublishedRun, record: JsonObject): PlannedRun {
  const { identities } = published.manifest;
  const identityText = store.readIdentity(published);
  if (sha256(identityText) !== identities.configHash) {
    throw new ExpError("store", `${join(published.directory, runFiles.identity)} was changed.`, {
      hint: "Take an intact copy of the run, or run it again.",
    });
  }
  const { configHash, groupHash, codeHash, dataHash, environmentClass, runKey } = identities;
  const { backend } = objectIn(published, runFiles.environment);
  const named = isPlainObject(backend) ? backend["name"] : undefined;
  const { experiment } = record;
  const relocations = relocationsOf(store, runKey);
  const here = { relocations, store: store.directory };
  return deepFreeze({
    index: 0,
    name: typeof experiment === "string" ? experiment : published.runKey.slice(0, 16),
    axisValues: {},
    config: relocate(readConfig(published), identityText, here),
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
  record: JsonObject,
): FrozenCode | string {
  const { codeHash } = manifest.identities;
  const { snapshot, sources } = record;
  const digest = isPlainObject(snapshot) ? snapshot["digest"] : undefined;
  if (
    typeof digest !== "string" ||
    typeof sources !== "string" ||
    !isPlainObject(snapshot) ||
    !isPlainObject(snapshot["lockstep"])
  ) {
    return "the run kept no code that can be executed: a script handed its definition over, or an earlier Lockstep made it";
  }
  const packages = store.readCode(codeHash)?.packages;
  if (packages === undefined)
    return `its code ${codeHash.slice(0, 16)} is not in the store any more`;
  return {
    codeHash,
    snapshot: digest,
    sources,
    packages,
    lockstep: snapshot["lockstep"] as FrozenCode["lockstep"],
  };
}

/** A file of the run as an object; empty where it is none. */
function objectIn(run: PublishedRun, name: string): JsonObject {
  const value = parseJson(Buffer.from(readBytes(run, name)).toString("utf8"));
  return isPlainObject(value) ? (value as JsonObject) : {};
}

function readBytes({ directory }: PublishedRun, name: string): Uint8Array {
  try {
    return readFileSync(join(directory, name));
  } catch {
    return new Uint8Array();
  }
}

function projectAbove(start: string): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

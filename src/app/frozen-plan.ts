/**
 * A plan that needs nothing of the working tree any more but data and installed packages: its configs are fixed, and its
 * code lies in the store.
 */
import { relative, sep } from "node:path";
import type { JsonObject } from "../core/json.ts";
import { isExpError } from "../core/errors.ts";
import { scrubBytes } from "../core/secrets.ts";
import { codeFiles } from "../resolve/code-files.ts";
import { installedFacts, isLinked, type PackageFacts } from "../resolve/packages.ts";
import type { Plan, PlannedRun } from "../resolve/plan.ts";
import { lockstepRoot, snapshotFiles } from "../resolve/snapshot-files.ts";
import { captureGit, type CapturedGit } from "../store/environment-git.ts";
import type { RunSnapshot } from "../store/attempt-record.ts";
import type { SnapshotContent } from "../store/snapshot-store.ts";
import type { Store } from "../store/store.ts";
import type { ExecutablePlan, KnownInput, PreparedPlan } from "./plan-experiment.ts";
import { lockstepVersion, ownRoot } from "./version.ts";

/** The code of a frozen plan, as the store knows it. */
export interface FrozenCode {
  readonly codeHash: string;
  /** SHA-256 of the snapshot's list of files. */
  readonly snapshot: string;
  /** Name of the set of sources, for the records of runs. */
  readonly sources: string;
  /** Every package that the task reaches. */
  readonly packages: readonly PackageFacts[];
  /** The Lockstep that executes it; the integrity is `null` where its sources are in the snapshot. */
  readonly lockstep: { readonly version: string; readonly integrity: string | null };
}

export interface FrozenPlan {
  readonly plan: Plan;
  /** The experiment's module, relative to the project, with forward slashes. */
  readonly file: string;
  readonly overrides: readonly string[];
  readonly code: FrozenCode;
  readonly inputs: readonly KnownInput[];
  readonly git: CapturedGit;
  /** SHA-256 of the uncommitted diff in the store. */
  readonly diff: string;
  readonly store: Store;
  /** Absolute. */
  readonly runsDirectory: string;
  /** Absolute: data lie where they lay, relative to it. */
  readonly projectDirectory: string;
  readonly notes: readonly string[];
  readonly provenanceOf: (run: PlannedRun) => Promise<JsonObject>;
  readonly directoryOf: (run: PlannedRun) => string;
  /** As `ExecutablePlan` has it. */
  readonly reused?: ExecutablePlan["reused"];
}

/**
 * Freezes a plan that was just made: stores its code, with all that is needed to run it.
 * @throws {ExpError} `module` where a module changed in the meantime or cannot be stored.
 */
export async function freezePlan(prepared: PreparedPlan): Promise<FrozenPlan> {
  const { plan, resolution, store, runsDirectory, overrides, notes } = prepared;
  const { projectDirectory, file } = resolution;
  const { directoryOf, provenanceOf } = prepared;
  const { git, uncommittedDiff } = await captureGit(projectDirectory);
  const code = storeCode(prepared);
  const safe = scrubBytes(uncommittedDiff);
  return {
    plan,
    file: relative(projectDirectory, file).split(sep).join("/"),
    overrides,
    code,
    inputs: resolution.inputs.map(({ name, from, value }) => ({
      name,
      from,
      ...(value !== undefined && { value }),
    })),
    git: { git, uncommittedDiff: safe },
    diff: store.saveDiff(code.codeHash, safe),
    store,
    runsDirectory,
    projectDirectory,
    notes,
    provenanceOf,
    directoryOf,
  };
}

function storeCode(prepared: PreparedPlan): FrozenCode {
  const { code, resolution, store } = prepared;
  const { codeHash, packages } = code;
  const { files, layout } = snapshotFiles(resolution, code, ownRoot());
  const sources = storeSources(prepared);
  const { digest } = store.saveSnapshot(codeHash, { facts: layout, files });
  const lockstep = lockstepFacts(lockstepRoot(resolution.file, ownRoot()));
  return { codeHash, snapshot: digest, sources, packages, lockstep };
}

/** Stores the code of a plan for comparing, and gives back the name of its set of sources. */
export function storeSources({ code, resolution, store }: PreparedPlan): string {
  const { codeHash, bundle, packages } = code;
  const { sources, projectDirectory } = resolution;
  const files = codeFiles(code.files, projectDirectory);
  return store.saveCode(codeHash, { bundle, packages, sources, files }).sources;
}

/**
 * What the runs of a plan can be executed again from, read and not stored yet.
 * @returns A sentence where that cannot be: of a definition that a script handed over, there is no module that holds it
 *   alone.
 * @throws {ExpError} `environment` for a file that cannot be read.
 */
export function codeToPack({ code, resolution, isGiven }: PreparedPlan): SnapshotContent | string {
  if (isGiven) return "its definition was handed over by a script";
  return orSentence(() => {
    const { files, layout } = snapshotFiles(resolution, code, ownRoot());
    return { facts: layout, files };
  });
}

/** Stores, as one file, what `codeToPack` read, or says why not. The code of the plan must have been stored. */
export function packCode(
  { code, resolution, store }: PreparedPlan,
  content: SnapshotContent | string,
): RunSnapshot | string {
  if (typeof content === "string") return content;
  return orSentence(() => {
    const { digest } = store.packSnapshot(code.codeHash, content);
    return { digest, lockstep: lockstepFacts(lockstepRoot(resolution.file, ownRoot())) };
  });
}

function orSentence<Result>(body: () => Result): Result | string {
  try {
    return body();
  } catch (error) {
    if (isExpError(error) && error.code === "module") return error.message;
    throw error;
  }
}

/** What tells one Lockstep from another, for the plan that it will execute. */
export function lockstepFacts(root: string): FrozenCode["lockstep"] {
  const { version, integrity } = isLinked(root)
    ? { version: lockstepVersion(root), integrity: null }
    : installedFacts(root);
  return { version, integrity };
}

/**
 * A plan that needs nothing of the working tree any more but data and installed packages: its configs are fixed, and its
 * code lies in the store.
 */
import { relative, sep } from "node:path";
import type { JsonObject } from "../core/json.ts";
import { scrubBytes } from "../core/secrets.ts";
import { codeFiles } from "../resolve/code-files.ts";
import { installedFacts, isLinked, type PackageFacts } from "../resolve/packages.ts";
import type { Plan, PlannedRun } from "../resolve/plan.ts";
import { lockstepRoot, snapshotFiles } from "../resolve/snapshot-files.ts";
import { captureGit, type CapturedGit } from "../store/environment-git.ts";
import type { Store } from "../store/store.ts";
import type { KnownInput, PreparedPlan } from "./plan-experiment.ts";
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

function storeCode({ code, resolution, store }: PreparedPlan): FrozenCode {
  const { codeHash, bundle, packages } = code;
  const { sources, projectDirectory, file } = resolution;
  const { files, layout } = snapshotFiles(resolution, code, ownRoot());
  const listed = codeFiles(code.files, projectDirectory);
  const saved = store.saveCode(codeHash, { bundle, packages, sources, files: listed });
  const { digest } = store.saveSnapshot(codeHash, { facts: layout, files });
  const root = lockstepRoot(file, ownRoot());
  const lockstep = lockstepFacts(root);
  return { codeHash, snapshot: digest, sources: saved.sources, packages, lockstep };
}

/** What tells one Lockstep from another, for the plan that it will execute. */
export function lockstepFacts(root: string): FrozenCode["lockstep"] {
  const { version, integrity } = isLinked(root)
    ? { version: lockstepVersion(root), integrity: null }
    : installedFacts(root);
  return { version, integrity };
}

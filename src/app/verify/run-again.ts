/**
 * A finished run with other values: by today's code (`exp rerun`) or by its own stored code (`exp replay`). Its config is
 * pinned first, so that of a sweep one run is left; what the experiment derives is derived again.
 */
import { posix, resolve } from "node:path";
import { join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { sealAmbient } from "../../random/seal.ts";
import { provenance } from "../../resolve/provenance.ts";
import { resolveExperiment } from "../../resolve/resolve.ts";
import type { SnapshotLayout } from "../../resolve/snapshot-files.ts";
import { createDataHasher } from "../data-hash.ts";
import type { FrozenPlan } from "../frozen-plan.ts";
import { knownRun } from "../known-runs.ts";
import { openSnapshot } from "../open-snapshot.ts";
import {
  planExperiment,
  planRuns,
  type PlanRequest,
  type PreparedPlan,
} from "../plan-experiment.ts";
import { createComparison, type Comparison } from "../run-reasons.ts";
import { refuseChangedCode } from "./check-files.ts";
import { pinnedOverrides } from "./pinned-overrides.ts";
import { replayPlan, type StoredRun } from "./stored-run.ts";

/** What the user gave beside the run. */
export interface AgainRequest {
  /** Arguments such as `seed=7`, which win over the run's values; locations are relative to the project. */
  readonly overrides: readonly string[];
  readonly environment: PlanRequest["environment"];
}

/** A plan by today's code, and how its runs differ from the stored one. */
export interface Rerun {
  readonly prepared: PreparedPlan;
  readonly comparisons: readonly Comparison[];
}

/**
 * Plans a finished run by today's code.
 * @throws {ExpError} `store` for a run whose experiment is not known; whatever planning throws, such as `module` where the
 *   experiment's file is gone.
 */
export async function planRerun(stored: StoredRun, request: AgainRequest): Promise<Rerun> {
  const { store, published, projectDirectory } = stored;
  const prepared = await planExperiment({
    file: join(projectDirectory, experimentFile(stored)),
    ...givenAgain(stored, request),
    workingDirectory: projectDirectory,
    runsDirectory: store.directory,
    environment: request.environment,
  });
  const compare = createComparison(prepared, [knownRun(published, store)]);
  const all = await Promise.all(prepared.plan.runs.map(compare));
  return { prepared, comparisons: all.filter((one) => one !== undefined) };
}

/** What was typed, behind the values of the run. */
function givenAgain(
  { run, provenance: histories }: StoredRun,
  { overrides }: AgainRequest,
): Pick<PlanRequest, "overrides" | "numPinned"> {
  const pinned = pinnedOverrides(run.config, histories);
  return { overrides: [...pinned, ...overrides], numPinned: pinned.length };
}

/**
 * The module of a finished run's experiment, relative to the project.
 * @throws {ExpError} `store` for a run that did not keep its code.
 */
export function experimentFile({ store, code, run }: StoredRun): string {
  if (typeof code === "string") {
    throw new ExpError(
      "store",
      `Which experiment ${run.runKey.slice(0, 16)} is of is not known: ${code}.`,
      { hint: "Name the experiment: exp FILE overrides…" },
    );
  }
  const { facts } = store.readSnapshot({ codeHash: code.codeHash, digest: code.snapshot });
  const { project, file } = facts as SnapshotLayout; // its digest holds, so it is what we wrote
  return posix.relative(project, file);
}

/**
 * A finished run by its stored code, as it was or with other values.
 * @throws {ExpError} `store` or `module` where its code cannot be executed; `usage` or `config` for wrong overrides.
 */
export async function planReplay(stored: StoredRun, request: AgainRequest): Promise<FrozenPlan> {
  const frozen = replayPlan(stored);
  refuseChangedCode(stored);
  if (request.overrides.length === 0) return frozen;
  const { tree, layout } = await openSnapshot(frozen);
  const resolution = await resolveExperiment({
    file: join(tree, layout.file),
    ...givenAgain(stored, request),
    workingDirectory: resolve(tree, layout.project),
    environment: request.environment,
    seal: sealAmbient,
  });
  const { projectDirectory, store, runsDirectory, code } = frozen;
  const { task } = resolution;
  const data = createDataHasher(
    { task, projectDirectory, store },
    join(runsDirectory, ".cache", "data-digests.json"),
  );
  const { runs, resolved, notes } = await planRuns(resolution, { code, data });
  const { inputs } = resolution;
  return {
    ...frozen,
    plan: { ...frozen.plan, runs },
    overrides: request.overrides,
    inputs: inputs.map(({ name, from, value }) => ({
      name,
      from,
      ...(value !== undefined && { value }),
    })),
    notes,
    provenanceOf: async (run) => {
      const found = resolved.get(run.runKey);
      return found === undefined ? {} : provenance(found, resolution);
    },
  };
}

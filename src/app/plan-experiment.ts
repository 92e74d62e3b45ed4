/** Plans an experiment: resolved configs, the identities of code, data and environment, and which runs are finished. */
import { join, resolve } from "node:path";
import { chooseBackend } from "../backend/choose.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import { InternalError } from "../core/errors.ts";
import type { ListDataFiles } from "../core/task.ts";
import { sealAmbient } from "../random/seal.ts";
import { codeIdentity, type CodeIdentity } from "../resolve/code-identity.ts";
import { dataIdentity } from "../resolve/data-identity.ts";
import { runKey, type Plan, type PlannedRun } from "../resolve/plan.ts";
import { resolveExperiment, type Resolution, type ResolvedRun } from "../resolve/resolve.ts";
import { openStore, type Store } from "../store/store.ts";
import type { OnEvent } from "./hooks.ts";

export interface PlanRequest {
  /** The experiment's module, absolute or relative to the working directory. */
  readonly file: string;
  /** Arguments such as `seed=7`. */
  readonly overrides: readonly string[];
  /** Absolute. */
  readonly workingDirectory: string;
  /** Folder of the runs from the command line; wins over `LOCKSTEP_RUNS`, the config, and `runs/` of the project. */
  readonly runsDirectory?: string;
  /** Environment variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A plan with all that executing it needs. */
export interface PreparedPlan {
  readonly plan: Plan;
  readonly resolution: Resolution;
  readonly code: CodeIdentity;
  readonly store: Store;
  /** Absolute. */
  readonly runsDirectory: string;
  /** The overrides as they were given. */
  readonly overrides: readonly string[];
  /** Sentences about what was done without being asked. */
  readonly notes: readonly string[];
  readonly onEvent: OnEvent | undefined;
  isFinished(run: PlannedRun): boolean;
  /** Absolute folder that a run has once it is published. */
  directoryOf(run: PlannedRun): string;
}

/**
 * Plans an experiment without running anything and without loading TensorFlow.js.
 * @throws {ExpError} `usage`, `module`, `config` or `data` for wrong input; `environment` for an unknown backend.
 */
export async function planExperiment(request: PlanRequest): Promise<PreparedPlan> {
  const { file, overrides, workingDirectory } = request;
  const seal = sealAmbient;
  const resolution = await resolveExperiment({ file, overrides, workingDirectory, seal });
  const runsDirectory = chooseRunsDirectory(request, resolution);
  const code = await codeIdentity(resolution.task, resolution.projectDirectory);
  const dataHashOf = createDataHash(resolution, join(runsDirectory, ".cache", "data-digests.json"));
  const runs: PlannedRun[] = [];
  for (const [index, run] of resolution.runs.entries()) {
    const dataHash = await dataHashOf(run.config);
    runs.push(plannedRun(run, { index, name: resolution.experiment, code, dataHash }));
  }
  const { task, experiment, notes } = resolution;
  const { name, version } = task;
  const plan: Plan = { format: "lockstep/plan/1", experiment, task: { name, version }, runs };
  const store = openStore(runsDirectory);
  return {
    plan,
    resolution,
    code,
    store,
    runsDirectory,
    overrides,
    notes,
    onEvent: resolution.onEvent as OnEvent | undefined,
    isFinished: (run) => store.findPublished(run.runKey) !== undefined,
    directoryOf: (run) => join(runsDirectory, run.runKey.slice(0, 16)),
  };
}

interface RunParts {
  readonly index: number;
  readonly name: string;
  readonly code: CodeIdentity;
  readonly dataHash: string;
}

function plannedRun(run: ResolvedRun, { index, name, code, dataHash }: RunParts): PlannedRun {
  const requested = run.config["backend"];
  const choice = chooseBackend(typeof requested === "string" ? requested : "auto");
  const { backend, environmentClass } = choice;
  const { configHash } = run;
  const { codeHash } = code;
  const key = runKey({ configHash, codeHash, dataHash, environmentClass });
  const { axisValues, config, identityText, groupHash } = run;
  const identities = { configHash, groupHash, codeHash, dataHash, environmentClass, runKey: key };
  return { index, name, axisValues, config, identityText, backend, ...identities };
}

/** Runs that read the same files share one digest: 10,000 runs over one data set look at it once. */
function createDataHash(
  { task, projectDirectory }: Resolution,
  cacheFile: string,
): (config: JsonObject) => Promise<string> {
  const listDataFiles = task.listDataFiles as ListDataFiles<JsonObject> | undefined;
  const known = new Map<string, Promise<string>>();
  return (config) => {
    const key = JSON.stringify([config["data"], config["tokenizer"]]);
    const earlier = known.get(listDataFiles === undefined ? "" : key);
    if (earlier !== undefined) return earlier;
    const hash = computeDataHash();
    known.set(listDataFiles === undefined ? "" : key, hash);
    return hash;

    async function computeDataHash(): Promise<string> {
      const files = (await listDataFiles?.(config, projectDirectory)) ?? [];
      return (await dataIdentity(files, cacheFile)).dataHash;
    }
  };
}

function chooseRunsDirectory(request: PlanRequest, resolution: Resolution): string {
  const { runsDirectory, environment, workingDirectory } = request;
  const { projectDirectory, runs } = resolution;
  if (runsDirectory !== undefined) return resolve(workingDirectory, runsDirectory);
  const fromEnvironment = environment["LOCKSTEP_RUNS"];
  if (fromEnvironment !== undefined && fromEnvironment !== "") {
    return resolve(workingDirectory, fromEnvironment);
  }
  const [first] = runs;
  if (first === undefined) throw new InternalError("an experiment resolved to no run");
  const fromConfig = isPlainObject(first.config) ? first.config["runsDirectory"] : undefined;
  return resolve(projectDirectory, typeof fromConfig === "string" ? fromConfig : "runs");
}

/** Plans an experiment: resolved configs, the identities of code, data and environment, and which runs are finished. */
import { join, resolve } from "node:path";
import { chooseBackend } from "../backend/choose.ts";
import { isCompiled } from "../backend/native/place.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import { ExpError, InternalError } from "../core/errors.ts";
import type { NamedHook } from "../core/hooks.ts";
import { runKey } from "../core/run-key.ts";
import type { DefinitionData, TaskData } from "../config/definition.ts";
import { sealAmbient } from "../random/seal.ts";
import { codeIdentity, type CodeIdentity } from "../resolve/code-identity.ts";
import type { Plan, PlannedRun } from "../resolve/plan.ts";
import type { RecordedInput } from "../resolve/inputs.ts";
import { provenance } from "../resolve/provenance.ts";
import { resolveExperiment, type Resolution, type ResolvedRun } from "../resolve/resolve.ts";
import { openStore, type Store } from "../store/store.ts";
import { leftOutNotes, type EqualRun } from "./equal-runs.ts";
import { createDataHasher, type DataHasher } from "./data-hash.ts";
import { runThreads } from "./run-threads.ts";
import type { ReusedRun } from "./settled-runs.ts";

export interface PlanRequest {
  /** The experiment's module, absolute or relative to the working directory. */
  readonly file: string;
  /** A definition that code handed over; then `file` is not looked at. */
  readonly definition?: DefinitionData;
  /** Name of the experiment for a definition that was handed over. */
  readonly name?: string;
  /** Arguments such as `seed=7`. */
  readonly overrides: readonly string[];
  /** So many of them, the first, nobody typed. */
  readonly numPinned?: number;
  /** Where given, the plan keeps the run alone whose key begins with these digits. */
  readonly only?: string;
  /** Absolute. */
  readonly workingDirectory: string;
  /** Folder of the runs from the command line; wins over `LOCKSTEP_RUNS`, the config, and `runs/` of the project. */
  readonly runsDirectory?: string;
  /** Environment variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What the environment or the lock file gave a config; a type, so that it is plain data. */
export type KnownInput = Pick<RecordedInput, "name" | "from" | "value">;

/** What executing runs needs to know: of an experiment that was just planned, or of a plan that was frozen earlier. */
export interface ExecutablePlan {
  readonly plan: Pick<Plan, "experiment">;
  readonly resolution: {
    readonly task: TaskData;
    /** Absolute; what locations in configs are relative to. */
    readonly projectDirectory: string;
    /** The experiment's module, absolute. */
    readonly file: string;
    /** What its config was made from beside its modules. */
    readonly inputs: readonly KnownInput[];
  };
  readonly store: Store;
  /** Absolute. */
  readonly runsDirectory: string;
  /** The overrides as they were given. */
  readonly overrides: readonly string[];
  readonly hooks: readonly NamedHook[];
  readonly data: DataHasher;
  /** Who set each value of a run: content of its `provenance.json`. */
  readonly provenanceOf: (run: PlannedRun) => Promise<JsonObject>;
  /** Absolute folder that a run has once it is published. */
  readonly directoryOf: (run: PlannedRun) => string;
  /** Finished runs that stand for planned ones, by the run keys of these. Default: none. */
  readonly reused?: ReadonlyMap<string, ReusedRun> | undefined;
}

/** A plan that was just made, with all that it was made from. */
export interface PreparedPlan extends ExecutablePlan {
  readonly plan: Plan;
  readonly resolution: Resolution;
  readonly code: CodeIdentity;
  /** A script handed the definition over; it is in no module of its own. */
  readonly isGiven: boolean;
  /** Sentences about what was done without being asked. */
  readonly notes: readonly string[];
}

/**
 * Plans an experiment without running anything and without loading TensorFlow.js.
 * @throws {ExpError} `usage`, `module`, `config` or `data` for wrong input, `usage` also where `only` names no run;
 *   `environment` for an unknown backend.
 */
export async function planExperiment(request: PlanRequest): Promise<PreparedPlan> {
  const { overrides } = request;
  const resolution = await resolveExperiment({ ...request, seal: sealAmbient });
  const runsDirectory = chooseRunsDirectory(request, resolution);
  const code = await codeIdentity(resolution.task, resolution.projectDirectory);
  const store = openStore(runsDirectory);
  const data = createDataHasher(
    { ...resolution, store },
    join(runsDirectory, ".cache", "data-digests.json"),
  );
  const { runs: all, resolved, notes } = await planRuns(resolution, { code, data });
  const { task, experiment } = resolution;
  const runs = chosenRuns(all, request.only, experiment);
  const { name, version } = task;
  const resolvedRun = (run: PlannedRun): ResolvedRun => {
    const found = resolved.get(run.runKey);
    if (found === undefined) throw new InternalError("a run is not of this plan");
    return found;
  };
  return {
    plan: { format: "lockstep/plan/1", experiment, task: { name, version }, runs },
    resolution,
    code,
    data,
    store,
    runsDirectory,
    overrides,
    isGiven: request.definition !== undefined,
    notes: [...resolution.notes, ...notes],
    hooks: resolution.hooks,
    provenanceOf: (run) => provenance(resolvedRun(run), resolution),
    directoryOf: (run) => join(runsDirectory, run.runKey.slice(0, 16)),
  };
}

function chosenRuns(
  runs: readonly PlannedRun[],
  only: string | undefined,
  experiment: string,
): readonly PlannedRun[] {
  if (only === undefined) return runs;
  const chosen = runs.filter((run) => run.runKey.startsWith(only));
  if (chosen.length > 0) return chosen.map((run, index) => ({ ...run, index }));
  const all = runs.length === 1 ? "the run" : `none of the ${runs.length} runs`;
  const found = runs.length === 1 ? "has another key than" : "has the key";
  const keys = runs.slice(0, maxKeys).map((run) => run.runKey.slice(0, 16));
  const rest = runs.length > maxKeys ? ` and ${runs.length - maxKeys} more` : "";
  throw new ExpError("usage", `${experiment}: ${all} ${found} ${only}.`, {
    hint: `Config, code, data and environment class make the key; here: ${keys.join(", ")}${rest}.`,
  });
}

const maxKeys = 8;

/** Runs with their identities, and what they were made from. */
export interface PlannedRuns {
  readonly runs: readonly PlannedRun[];
  readonly resolved: ReadonlyMap<string, ResolvedRun>;
  readonly notes: readonly string[];
}

/**
 * The runs of an experiment with their identities.
 * Runs of equal run key are one run: what they differ in (a label, the log's cadence) does not change the result.
 */
export async function planRuns(
  resolution: Resolution,
  { code, data }: { readonly code: Pick<CodeIdentity, "codeHash">; readonly data: DataHasher },
): Promise<PlannedRuns> {
  const runs: PlannedRun[] = [];
  const resolved = new Map<string, ResolvedRun>();
  const byKey = new Map<string, EqualRun["first"]>();
  const equal: EqualRun[] = [];
  for (const run of resolution.runs) {
    const { config } = run;
    const dataHash = await data.plannedHash(config);
    const { experiment: name, task } = resolution;
    const parts = { index: runs.length, name, code, dataHash, environment: task.environment };
    const planned = plannedRun(run, parts);
    const first = byKey.get(planned.runKey);
    if (first !== undefined) {
      equal.push({ config, first });
      continue;
    }
    resolved.set(planned.runKey, run);
    runs.push(planned);
    byKey.set(planned.runKey, { number: runs.length, config });
  }
  return { runs, resolved, notes: leftOutNotes(equal, resolution.runs.length) };
}

interface RunParts {
  readonly index: number;
  readonly name: string;
  readonly code: Pick<CodeIdentity, "codeHash">;
  readonly dataHash: string;
  readonly environment: TaskData["environment"];
}

/**
 * Where a run of a config is executed on this machine: as its task says, else by its `backend`.
 * @throws {ExpError} `environment` for an unknown backend.
 */
export function environmentFor(
  config: JsonObject,
  ofTask: TaskData["environment"],
): { readonly backend: string; readonly environmentClass: string } {
  const requested = typeof config["backend"] === "string" ? config["backend"] : "auto";
  const ofMachine = (): ReturnType<typeof chooseBackend> =>
    chooseBackend(requested, {
      nodeVersion: process.versions.node,
      arch: process.arch,
      threads: isCompiled(requested) ? runThreads({ backend: requested, config }) : undefined,
    });
  return ofTask?.() ?? ofMachine();
}

function plannedRun(run: ResolvedRun, parts: RunParts): PlannedRun {
  const { index, name, code, dataHash, environment } = parts;
  const { backend, environmentClass } = environmentFor(run.config, environment);
  const { configHash } = run;
  const { codeHash } = code;
  const key = runKey({ configHash, codeHash, dataHash, environmentClass });
  const { axisValues, config, identityText, groupHash } = run;
  const identities = { configHash, groupHash, codeHash, dataHash, environmentClass, runKey: key };
  return { index, name, axisValues, config, identityText, backend, ...identities };
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

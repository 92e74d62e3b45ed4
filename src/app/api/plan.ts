/** `plan()`: what `exp plan` does, for scripts and tests. */
import type { Definition } from "../../config/task-types.ts";
import type { JsonObject } from "../../core/json.ts";
import type { StoredStatus } from "../run-status.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
import { loadUseCase } from "./load-use-case.ts";
import { sourceOptionNames, sourceRequest, type SourceOptions } from "./source.ts";

/** What a plan is made with. */
export interface PlanOptions extends SourceOptions {
  /** As on the command line: `["seed=7", "lr=1e-4,3e-4"]`. */
  readonly overrides?: readonly string[];
  /** Folder of the runs; wins over `LOCKSTEP_RUNS`, the config, and `runs/` of the project. */
  readonly runsDirectory?: string;
}

/** All of `PlanOptions`. */
export const planOptionNames: OptionNames<PlanOptions> = {
  ...sourceOptionNames,
  overrides: true,
  runsDirectory: true,
};

/** One run of a plan with all of its identities. */
export interface ExperimentPlanRun<C> {
  /** Position in the plan, from 0. */
  readonly index: number;
  /** Complete, checked and frozen plain data. */
  readonly config: C;
  /** The value of each axis by its path; empty without a sweep. */
  readonly axisValues: JsonObject;
  readonly configHash: string;
  readonly groupHash: string;
  readonly codeHash: string;
  readonly dataHash: string;
  /** Inside one class, equal inputs give equal bits: `wasm/2`. */
  readonly environmentClass: string;
  /** The backend that `auto` stands for. */
  readonly backend: string;
  readonly runKey: string;
  /** How the run stood when the plan was made. */
  readonly status: StoredStatus;
  /** Absolute folder that the run has once it is finished. */
  readonly directory: string;
}

/** What `plan` gives back, and `run` takes. */
export interface ExperimentPlan<C> {
  readonly experiment: string;
  /** Absolute. */
  readonly runsDirectory: string;
  /** In the order in which they would run. */
  readonly runs: readonly ExperimentPlanRun<C>[];
  /** Sentences about what was done without being asked. */
  readonly notes: readonly string[];
}

/**
 * Plans an experiment: resolves it, and says which runs there would be, under which keys, and which are finished. Nothing
 * runs, and TensorFlow.js is not loaded.
 * @param source - As in `resolve`; or the path of a plan that `exp plan --save` wrote, which takes no overrides.
 * @throws {ExpError} as `resolve` does; `data` where files are missing, `module` where code cannot be bundled.
 * @example
 * const { runs } = await plan("experiments/bert-lr.ts", { overrides: ["seed=range(1,4)"] });
 * const isDone = runs.every(({ status }) => status === "finished");
 */
export function plan<C, I>(
  source: Definition<C, I>,
  options?: PlanOptions,
): Promise<ExperimentPlan<C>>;
export function plan<C = JsonObject>(
  source: string | URL,
  options?: PlanOptions,
): Promise<ExperimentPlan<C>>;
export async function plan<C>(
  source: unknown,
  options: PlanOptions = {},
): Promise<ExperimentPlan<C>> {
  checkOptions("plan()", options, planOptionNames);
  return planOf(source, options);
}

/**
 * What `plan` does, without a look at the names of the options.
 * @throws {ExpError} as `plan` does.
 */
export async function planOf<C>(source: unknown, options: PlanOptions): Promise<ExperimentPlan<C>> {
  const { overrides = [], runsDirectory } = options;
  const request = sourceRequest(source, overrides, options);
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  const { planForCode } = await loadUseCase("run-for-code");
  return (await planForCode({ ...request, ...folder })) as ExperimentPlan<C>; // validated by the task's own schema
}

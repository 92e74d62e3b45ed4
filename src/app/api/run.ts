/** `run()`: what `exp FILE` does, for scripts and tests. */
import type { Definition } from "../../config/task-types.ts";
import type { ExpError } from "../../core/errors.ts";
import type { OnEvent } from "../../core/hooks.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Metrics } from "../../core/run-events.ts";
import type { ReusedFrom, RunStatus } from "../outcome.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
import { loadUseCase } from "./load-use-case.ts";
import {
  planOf,
  planOptionNames,
  type ExperimentPlan,
  type ExperimentPlanRun,
  type PlanOptions,
} from "./plan.ts";

/** How runs are executed. */
export interface ExecutionSettings {
  /** Whether a failed run stops the ones after it. Default: `continue`. */
  readonly onError?: "stop" | "continue";
  /** Aborting it ends the current run at the end of a step, with a checkpoint; the ones after it do not start. */
  readonly signal?: AbortSignal;
  /**
   * How many runs at once, each in a process of its own: their results and their order do not depend on it. Default: one
   * after the other, in this process. Needs an experiment's file or a saved plan, not a definition.
   */
  readonly jobs?: number;
  /**
   * Which finished runs stand for planned ones: those of the same run key, or also those of the same config whose code, data
   * or environment may be others; `notes` and `reusedFrom` tell. Default: `exact`.
   */
  readonly reuse?: "exact" | "config";
  /**
   * Told every event of every run, after the hooks of the experiment, its task and its project; with `jobs`, only progress,
   * lines of the log and how runs began and ended come over from the workers. What it throws becomes a warning.
   */
  readonly onEvent?: OnEvent;
}

const settingNames: OptionNames<ExecutionSettings> = {
  onError: true,
  signal: true,
  jobs: true,
  reuse: true,
  onEvent: true,
};

/** What `run` takes beside an experiment. */
export interface RunOptions extends PlanOptions, ExecutionSettings {}

/** What became of a run. */
export interface ExperimentOutcome<C> extends Omit<ExperimentPlanRun<C>, "status"> {
  /**
   * `finished`, `failed`, `paused` (stopped by the signal), `running` (in another process), `planned` (not started, because an
   * earlier run failed or was stopped).
   */
  readonly status: RunStatus;
  /** Absolute folder of the run, or of the attempt that is kept. */
  readonly directory: string;
  /** Empty unless finished. */
  readonly metrics: Metrics;
  /** It had been finished before, and was not executed now. */
  readonly isReused: boolean;
  /** With `reuse: "config"`: the run whose results these are, of when, and what is other than planned. */
  readonly reusedFrom?: ReusedFrom;
  readonly durationMs?: number;
  /** Why it failed, or was stopped. */
  readonly error?: ExpError;
}

/** What `run` gives back. */
export interface Execution<C> {
  readonly experiment: string;
  /** Absolute. */
  readonly runsDirectory: string;
  /** In the order of the plan. */
  readonly runs: readonly ExperimentOutcome<C>[];
  readonly notes: readonly string[];
}

/**
 * Runs what is not finished yet of an experiment, exactly as the command line does. A run that fails is an outcome and
 * nothing that is thrown.
 * @param source - As in `plan`; or a plan from `plan`, which is run as it was made.
 * @throws {ExpError} as `plan` does, also for options that plan anew where a plan was given; whatever the check before the first run finds; `run-active` where another process
 *   executes one of the runs; `module` where the code has changed since it was planned.
 * @example
 * const { runs } = await run("experiments/bert-lr.ts", { overrides: ["lr=3e-4"] });
 * console.log(runs[0]?.status, runs[0]?.metrics["test.accuracy"], runs[0]?.directory);
 */
export function run<C>(
  plan: ExperimentPlan<C>,
  settings?: ExecutionSettings,
): Promise<Execution<C>>;
export function run<C, I>(source: Definition<C, I>, options?: RunOptions): Promise<Execution<C>>;
export function run<C = JsonObject>(
  source: string | URL,
  options?: RunOptions,
): Promise<Execution<C>>;
export async function run<C>(
  source: ExperimentPlan<C> | Definition<C, unknown> | string | URL,
  options: RunOptions = {},
): Promise<Execution<C>> {
  const isMade = isPlan(source);
  if (isMade) checkOptions("run() of a plan", options, settingNames);
  else checkOptions("run()", options, { ...planOptionNames, ...settingNames });
  const made = isMade ? source : await planOf<C>(source, options);
  const { executeForCode } = await loadUseCase("run-for-code");
  return (await executeForCode(made, options)) as Execution<C>; // the configs of the plan
}

function isPlan<C>(source: object | string): source is ExperimentPlan<C> {
  return typeof source === "object" && !(source instanceof URL) && "runs" in source;
}

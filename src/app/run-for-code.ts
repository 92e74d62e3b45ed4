/** Planning and executing for scripts and tests. */
import { ExpError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { ExperimentPlan, ExperimentPlanRun } from "./api/plan.ts";
import type { Execution, ExecutionSettings, ExperimentOutcome } from "./api/run.ts";
import { executePlan } from "./execute-plan.ts";
import type { OnEvent } from "./hooks.ts";
import type { ExecutionEvent, PlannedRun, RunOutcome } from "./outcome.ts";
import { planExperiment, type PlanRequest, type PreparedPlan } from "./plan-experiment.ts";
import { storedStatus } from "./run-status.ts";

/** What a plan was made from hangs on it: two copies of this module in one process know each other's plans. */
const preparedMark = Symbol.for("lockstep.prepared-plan/1");

/**
 * Plans an experiment.
 * @throws {ExpError} as `planExperiment` does.
 */
export async function planForCode(request: PlanRequest): Promise<ExperimentPlan<JsonObject>> {
  const prepared = await planExperiment(request);
  const { plan, runsDirectory, notes, store } = prepared;
  const runs = plan.runs.map((run): ExperimentPlanRun<JsonObject> => ({
    ...factsOf(run),
    status: storedStatus(store, run.runKey),
    directory: prepared.directoryOf(run),
  }));
  const made = { experiment: plan.experiment, runsDirectory, runs, notes };
  return Object.freeze(Object.defineProperty(made, preparedMark, { value: prepared }));
}

/**
 * Executes a plan of `planForCode`.
 * @throws {ExpError} `usage` for a plan that was not made by it; else as `executePlan` does.
 */
export async function executeForCode(
  plan: ExperimentPlan<unknown>,
  { onError = "continue", signal = new AbortController().signal, onEvent }: ExecutionSettings,
): Promise<Execution<JsonObject>> {
  const prepared = preparedOf(plan);
  const hooked = { ...prepared, onEvent: both(prepared.onEvent, onEvent) };
  const outcomes = await executePlan(hooked, { onError, signal, observe: warnOfHooks });
  const { experiment, runsDirectory, notes } = plan;
  return { experiment, runsDirectory, notes, runs: outcomes.map(outcomeOf) };
}

function preparedOf(plan: object): PreparedPlan {
  const prepared: unknown = Object.getOwnPropertyDescriptor(plan, preparedMark)?.value;
  if (prepared !== undefined) return prepared as PreparedPlan; // put there by `planForCode`
  throw new ExpError("usage", "This is a copy of a plan; run() takes the plan itself.", {
    hint: "Hand over what plan() gave back, or the experiment.",
  });
}

/** Nobody shows warnings here: those about hooks would be lost, and with them what a caller's own code did wrong. */
function warnOfHooks(event: ExecutionEvent): void {
  if (event.kind !== "run-event" || event.event.kind !== "log") return;
  const { level, text } = event.event;
  if (level === "warning" && text.startsWith("onEvent threw")) process.emitWarning(text);
}

/** The experiment's own hook comes first. */
function both(own: OnEvent | undefined, given: OnEvent | undefined): OnEvent | undefined {
  if (own === undefined || given === undefined) return own ?? given;
  return (event, run) => Promise.all([own, given].map(async (hook) => hook(event, run)));
}

function factsOf(run: PlannedRun): Omit<ExperimentPlanRun<JsonObject>, "status" | "directory"> {
  const { index, config, axisValues, configHash, groupHash, codeHash, dataHash } = run;
  const { environmentClass, backend, runKey } = run;
  const hashes = { configHash, groupHash, codeHash, dataHash };
  return { index, config, axisValues, ...hashes, environmentClass, backend, runKey };
}

function outcomeOf(outcome: RunOutcome): ExperimentOutcome<JsonObject> {
  const { run, status, directory, metrics, isReused, durationMs, error } = outcome;
  return {
    ...factsOf(run),
    status,
    directory,
    metrics,
    isReused,
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(error === undefined ? {} : { error }),
  };
}

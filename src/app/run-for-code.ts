/** Planning and executing for scripts and tests. */
import { ExpError } from "../core/errors.ts";
import type { NamedHook, OnEvent } from "../core/hooks.ts";
import type { JsonObject } from "../core/json.ts";
import type { RunEvent } from "../core/run-events.ts";
import type { Store } from "../store/store.ts";
import type { ExperimentPlan, ExperimentPlanRun } from "./api/plan.ts";
import type { Execution, ExecutionSettings, ExperimentOutcome } from "./api/run.ts";
import { needOwnProcess } from "./backends/run-variables.ts";
import { emitWarnings } from "./emit-warnings.ts";
import { executeFrozenPlan } from "./execute-frozen.ts";
import { executePlan } from "./execute-plan.ts";
import { freezePlan, type FrozenPlan } from "./frozen-plan.ts";
import { loadPlan } from "./load-plan.ts";
import type { ExecutionEvent, Plan, PlannedRun, RunOutcome } from "./outcome.ts";
import { planExperiment, type PlanRequest, type PreparedPlan } from "./plan-experiment.ts";
import { createRunHooks, type RunHooks } from "./run-hooks.ts";
import { recordReuse, reuseByConfig } from "./reuse.ts";
import { storedStatus } from "./run-status.ts";

/** A plan with the way to execute it. */
interface Executable {
  readonly plan: Plan;
  readonly store: Store;
  readonly runsDirectory: string;
  readonly notes: readonly string[];
  readonly directoryOf: (run: PlannedRun) => string;
  readonly execute: (settings: FullSettings) => Promise<Executed>;
}

/** What became of the runs, and what was done without being asked. */
interface Executed {
  readonly outcomes: readonly RunOutcome[];
  readonly notes: readonly string[];
}

type FullSettings = ExecutionSettings &
  Required<Pick<ExecutionSettings, "onError" | "signal" | "reuse">>;

/** What executes a plan hangs on it: two copies of this module in one process know each other's plans. */
const executableMark = Symbol.for("lockstep.executable-plan/1");

/**
 * Plans an experiment, or reads a saved plan.
 * @throws {ExpError} as `planExperiment` and `loadPlan` do; `usage` for overrides of a saved plan.
 */
export async function planForCode(request: PlanRequest): Promise<ExperimentPlan<JsonObject>> {
  const executable = await executableOf(request);
  const { plan, runsDirectory, notes, store, directoryOf } = executable;
  const runs = plan.runs.map((run): ExperimentPlanRun<JsonObject> => ({
    ...factsOf(run),
    status: storedStatus(store, run.runKey),
    directory: directoryOf(run),
  }));
  const made = { experiment: plan.experiment, runsDirectory, runs, notes };
  return Object.freeze(Object.defineProperty(made, executableMark, { value: executable }));
}

/**
 * Executes a plan of `planForCode`.
 * @throws {ExpError} `usage` for a plan that was not made by it, and for wrong settings; else as `executePlan` does.
 */
export async function executeForCode(
  plan: ExperimentPlan<unknown>,
  settings: ExecutionSettings,
): Promise<Execution<JsonObject>> {
  const {
    onError = "continue",
    signal = new AbortController().signal,
    jobs,
    reuse = "exact",
  } = settings;
  if (onError !== "continue" && onError !== "stop") {
    const found = JSON.stringify(onError) ?? typeof onError;
    throw new ExpError("usage", `onError is "continue" or "stop", found ${found}.`);
  }
  if (jobs !== undefined && !(Number.isSafeInteger(jobs) && jobs >= 1 && jobs <= 1_000)) {
    throw new ExpError("usage", `jobs is a whole number from 1 to 1000, found ${String(jobs)}.`);
  }
  if (reuse !== "exact" && reuse !== "config") {
    const found = JSON.stringify(reuse) ?? typeof reuse;
    throw new ExpError("usage", `reuse is "exact" or "config", found ${found}.`);
  }
  const full = { ...settings, onError, signal, reuse };
  const { outcomes, notes } = await executableOn(plan).execute(full);
  const { experiment, runsDirectory } = plan;
  return { experiment, runsDirectory, notes, runs: outcomes.map(outcomeOf) };
}

async function executableOf(request: PlanRequest): Promise<Executable> {
  const { environment, definition } = request;
  if (definition === undefined && request.file.endsWith(".json")) {
    if (request.overrides.length > 0) {
      throw new ExpError("usage", "A saved plan is run as it is; overrides cannot change it.");
    }
    return frozenExecutable(loadPlan(request), environment);
  }
  const prepared = await planExperiment(request);
  const execute = async (settings: FullSettings): Promise<Executed> => {
    const isHere = settings.jobs === undefined && !needOwnProcess(prepared.plan.runs);
    if (isHere) return executeHere(prepared, settings);
    if (definition !== undefined) throw unknownToWorkers(settings);
    return frozenExecutable(await freezePlan(prepared), environment).execute(settings);
  };
  return { ...prepared, execute };
}

/** A worker loads the module that made the definition: that is a script, which would run once more in each of them. */
function unknownToWorkers({ jobs }: FullSettings): ExpError {
  const what = jobs === undefined ? "a compiled backend" : "jobs";
  return new ExpError(
    "usage",
    `${what} needs an experiment's file: workers cannot load a definition.`,
    {
      hint: "Give the path of the module that exports it as default.",
    },
  );
}

async function executeHere(
  prepared: PreparedPlan,
  { onError, signal, onEvent, reuse }: FullSettings,
): Promise<Executed> {
  const planned = await reusing(prepared, reuse);
  const hooked = { ...planned, hooks: [...prepared.hooks, ...givenHook(onEvent)] };
  const outcomes = await executePlan(hooked, { onError, signal, observe: emitWarnings });
  return { outcomes, notes: planned.notes };
}

/** With `config`, the plan with the finished runs that it takes over, which is written down beside them. */
async function reusing<Planned extends PreparedPlan | FrozenPlan>(
  planned: Planned,
  reuse: FullSettings["reuse"],
): Promise<Planned> {
  if (reuse === "exact") return planned;
  const reused = await reuseByConfig(planned);
  recordReuse(reused);
  return reused;
}

function frozenExecutable(frozen: FrozenPlan, environment: PlanRequest["environment"]): Executable {
  const execute = async (settings: FullSettings): Promise<Executed> => {
    const { jobs = 1, onEvent, onError, signal, reuse } = settings;
    const planned = await reusing(frozen, reuse);
    const watched = watchWorkers(frozen.plan.experiment, givenHook(onEvent));
    const { observe } = watched;
    const options = { onError, signal, observe, numWorkers: jobs, environment } as const;
    const outcomes = await executeFrozenPlan(planned, options);
    await watched.settle();
    return { outcomes, notes: planned.notes };
  };
  return { ...frozen, execute };
}

/** Tells hooks of this process what comes over from workers, in which the others are told all. */
function watchWorkers(
  experiment: string,
  hooks: readonly NamedHook[],
): { readonly observe: (event: ExecutionEvent) => void; readonly settle: () => Promise<unknown> } {
  const byRun = new Map<string, RunHooks>();
  const ends: Promise<void>[] = [];
  const observe = (event: ExecutionEvent): void => {
    emitWarnings(event);
    if (event.kind === "run-started") {
      const { run, directory } = event;
      const warn = (told: RunEvent): void => emitWarnings({ kind: "run-event", run, event: told });
      const begun = createRunHooks({ run, experiment, hooks, warn });
      byRun.set(run.runKey, begun);
      begun.begin(directory);
    }
    if (event.kind === "run-event") byRun.get(event.run.runKey)?.tell(event.event);
    if (event.kind !== "run-ended") return;
    const begun = byRun.get(event.outcome.run.runKey);
    if (begun !== undefined) ends.push(begun.end(event.outcome));
  };
  return { observe, settle: () => Promise.all(ends) };
}

function executableOn(plan: object): Executable {
  const executable: unknown = Object.getOwnPropertyDescriptor(plan, executableMark)?.value;
  if (executable !== undefined) return executable as Executable; // put there by `planForCode`
  throw new ExpError("usage", "This is a copy of a plan; run() takes the plan itself.", {
    hint: "Hand over what plan() gave back, or the experiment.",
  });
}

/** The caller's own is called last; that another one throws is no matter of its. */
function givenHook(onEvent: OnEvent | undefined): readonly NamedHook[] {
  return onEvent === undefined ? [] : [{ from: "the call of run()", onEvent }];
}

function factsOf(run: PlannedRun): Omit<ExperimentPlanRun<JsonObject>, "status" | "directory"> {
  const { index, config, axisValues, configHash, groupHash, codeHash, dataHash } = run;
  const { environmentClass, backend, runKey } = run;
  const hashes = { configHash, groupHash, codeHash, dataHash };
  return { index, config, axisValues, ...hashes, environmentClass, backend, runKey };
}

function outcomeOf(outcome: RunOutcome): ExperimentOutcome<JsonObject> {
  const { run, status, directory, metrics, isReused, reusedFrom, durationMs, error } = outcome;
  return {
    ...factsOf(run),
    status,
    directory,
    metrics,
    isReused,
    ...(reusedFrom === undefined ? {} : { reusedFrom }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(error === undefined ? {} : { error }),
  };
}

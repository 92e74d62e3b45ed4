/** Calls a task's `run`, whichever of its two shapes it has, and hands on every event as it comes. */
import type { TaskData } from "../config/definition.ts";
import { ExpError, isExpError } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import type { Metrics, RunEvent } from "../core/run-events.ts";
import { createEventGate, type EventGate } from "./event-gate.ts";
import { sealedCall, sealedEvents, sealOf } from "./sealed-run.ts";
import { createTaskContext, interruption, type TaskParts } from "./task-context.ts";
import { createTellingPace } from "./telling-pace.ts";

/** One execution of a task. */
export interface TaskRun extends Omit<TaskParts, "taskName" | "sealsItself"> {
  readonly task: Pick<TaskData, "name" | "run" | "sealsItself">;
  /** Writes an event down and shows it; throws where it cannot be written. */
  readonly record: (event: RunEvent) => void;
  /** Somebody counts on the progress of each step, not on that of the last one alone. Default: false. */
  readonly isEachStepTold?: boolean;
  /** Throws when the code on disk is not the planned code; asked once the modules of the task are loaded. */
  readonly checkCode: () => Promise<void>;
}

/**
 * Runs a task to its end. A result event has been recorded when it comes back.
 * @throws {ExpError} `interrupted` after a signal, `training` for a `run` that gives back neither metrics nor events;
 *   and whatever the task throws.
 */
export async function runTask(run: TaskRun): Promise<void> {
  const gate = createEventGate(run.record);
  try {
    await callTask(run, gate);
    gate.rethrow(); // the task may have caught it
  } catch (error) {
    gate.rethrow();
    throw asInterruption(error, run.inputs.signal);
  } finally {
    gate.close();
  }
}

async function callTask(run: TaskRun, gate: EventGate): Promise<void> {
  const { task, isEachStepTold = false } = run;
  const isOurs = task.sealsItself === true;
  const pace = isOurs && !isEachStepTold ? { mayTellLater: createTellingPace() } : {};
  const inputs = { ...run.inputs, ...pace };
  const context = createTaskContext(
    { ...run, inputs, taskName: task.name, sealsItself: task.sealsItself },
    gate,
  );
  const seal = isOurs ? undefined : sealOf(inputs.config, task.name);
  const { value, state } = await sealedCall<Returned>(seal, () => {
    const returned: unknown = task.run(context as never); // validated by the task's own schema
    if (isEvents(returned)) return { events: returned };
    if (!isPromise(returned)) throw wrongReturn(task.name, describe(returned));
    // Its modules are loaded by now, or are being loaded.
    return Promise.all([returned, run.checkCode()]).then(([metrics]) => ({ metrics }));
  });
  if (value.events !== undefined)
    return forwardEvents(sealedEvents(value.events, seal, state), run, gate);
  const metrics = checkedMetrics(value.metrics, task.name);
  gate.send({ kind: "result", step: gate.lastStep(), metrics, details: {} });
}

interface Returned {
  readonly events?: AsyncIterable<RunEvent>;
  /** What the promise came to. */
  readonly metrics?: unknown;
}

async function forwardEvents(
  events: AsyncIterable<RunEvent>,
  run: TaskRun,
  gate: EventGate,
): Promise<void> {
  for await (const event of events) {
    if (isPlainObject(event) && event["kind"] === "ready") await run.checkCode();
    gate.send(event);
  }
}

function isEvents(value: unknown): value is AsyncIterable<RunEvent> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}

/** What a task's promise may come to: nothing, or figures by name. Each figure is checked where events are. */
function checkedMetrics(value: unknown, name: string): Metrics {
  if (value === undefined) return {};
  if (isPlainObject(value)) return { ...value } as Metrics;
  throw wrongReturn(name, `a promise of ${describe(value)}`);
}

function wrongReturn(name: string, found: string): ExpError {
  return new ExpError(
    "training",
    `The run function of the task ${name} gave back ${found}; expected metrics, such as { "test.accuracy": 0.9 }, or nothing.`,
    {
      hint: "Write `run: async ({ config, log }) => { …; return { accuracy }; }`, or yield events from `run: async function* …`.",
    },
  );
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (isEvents(value)) return "a stream of events";
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 60))}`;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "undefined") return "nothing at once, not a promise";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** `signal.throwIfAborted()`, and what waits with the signal, end a run as it was asked. */
function asInterruption(error: unknown, signal: AbortSignal): unknown {
  if (!signal.aborted || isExpError(error)) return error;
  const isAbort =
    error === signal.reason || (error instanceof Error && error.name === "AbortError");
  return isAbort ? interruption("Stopped, as asked.") : error;
}

/** What a task's `run` is given, beside plain facts: its log, its checkpoints, its random streams and its folder. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ExpError } from "../core/errors.ts";
import { deepFreeze } from "../core/freeze.ts";
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { HostTensors, Metrics } from "../core/run-events.ts";
import { scrub } from "../core/secrets.ts";
import type { RunContext, RunInputs } from "../core/task.ts";
import type {
  CheckpointContent,
  SavedCheckpoint,
  TaskCheckpoints,
  TaskLog,
} from "../core/task-services.ts";
import { ambientState, restoreAmbientState, type AmbientState } from "../random/seal.ts";
import type { CheckpointCheck } from "../store/checkpoint-candidates.ts";
import type { ResumeSearch } from "../store/resume.ts";
import type { EventGate } from "./event-gate.ts";
import { createTaskRandom } from "./task-random.ts";

/** What a context is made of. */
export interface TaskParts {
  readonly taskName: string;
  readonly inputs: RunInputs<JsonObject>;
  /** Absolute; the attempt. */
  readonly runDirectory: string;
  /** The folders of the earlier attempts at the run, by number. */
  readonly earlierAttempts: () => readonly string[];
  /** Looks for a checkpoint of the earlier attempts, and takes over what belongs to it. */
  readonly resume: (check?: CheckpointCheck) => ResumeSearch;
  /** The task restores the generator behind `Math.random` by itself. */
  readonly sealsItself?: boolean | undefined;
}

/** Where the state of the generator behind a seeded `Math.random` stands in the state of a checkpoint. */
const ambientKey = "ambientState";

/** The context of one run; what is said through it goes to the gate. */
export function createTaskContext(parts: TaskParts, gate: EventGate): RunContext<JsonObject> {
  const { inputs, runDirectory, taskName } = parts;
  return {
    ...inputs,
    rng: createTaskRandom(inputs.config, taskName),
    log: createTaskLog(gate),
    checkpoint: createTaskCheckpoints(parts, gate),
    get runDirectory(): string {
      mkdirSync(join(runDirectory, "files"), { recursive: true }); // only where somebody means to use it
      return runDirectory;
    },
    get previousDirectory(): string | undefined {
      return parts.earlierAttempts().at(-1);
    },
  };
}

function createTaskLog(gate: EventGate): TaskLog {
  const say = (level: "info" | "warning", text: unknown): void => {
    // A secret may have several lines: it is looked for before they are told apart.
    const lines = typeof text === "string" ? scrub(text).replace(/\n$/, "").split(/\r?\n/) : [text];
    // What is no text is refused where events are checked.
    for (const line of lines) gate.send({ kind: "log", level, text: line as string });
  };
  const copied = (values: Metrics): Metrics => (isPlainObject(values) ? { ...values } : values);
  return Object.assign((text: string) => say("info", text), {
    warning: (text: string) => say("warning", text),
    metrics: (step: number, values: Metrics, { epoch = 0 }: { epoch?: number } = {}) => {
      gate.send({ kind: "metrics", step, epoch, values: copied(values) });
    },
    progress: (step: number, numSteps: number, at: { loss?: number; epoch?: number } = {}) => {
      gate.send({ kind: "progress", phase: "training", step, numSteps, epoch: 0, ...at });
    },
  });
}

/** The error that ends a run after a signal, to be gone on with. */
export function interruption(text: string): ExpError {
  return new ExpError("interrupted", text, {
    hint: "Start the same command again to finish the run.",
  });
}

function createTaskCheckpoints(parts: TaskParts, gate: EventGate): TaskCheckpoints {
  let found: { readonly saved: SavedCheckpoint<JsonObject> | undefined } | undefined;
  let hasSaved = false;
  const { signal } = parts.inputs;
  return {
    latest: async <State>({ check }: LatestOptions = {}) => {
      if (hasSaved && found === undefined) throw tooLate();
      found ??= { saved: goOn(parts, gate, check) };
      // The state is what this very code saved: another one would be another run.
      return found.saved as SavedCheckpoint<State> | undefined;
    },
    save: async (content) => {
      hasSaved = true;
      gate.send(checkpointEvent(content));
      await setImmediate(); // a signal gets its turn
      if (signal.aborted) throw interruption(`Stopped after step ${content.step}, as asked.`);
    },
  };
}

type LatestOptions = NonNullable<Parameters<TaskCheckpoints["latest"]>[0]>;

function tooLate(): ExpError {
  return new ExpError("training", "checkpoint.latest() was called after checkpoint.save().", {
    hint: "Ask first whether there is something to go on from.",
  });
}

function goOn(
  { resume, sealsItself = false }: TaskParts,
  gate: EventGate,
  check: LatestOptions["check"],
): SavedCheckpoint<JsonObject> | undefined {
  const { point, leftOut } = resume(
    check === undefined
      ? undefined
      : ({ step, state, tensors }) =>
          check({ step, state: deepFreeze(ownState(state, sealsItself)), tensors }),
  );
  for (const text of leftOut) gate.send({ kind: "log", level: "warning", text });
  if (point === undefined) return undefined;
  const { [ambientKey]: ambient } = point.state;
  if (!sealsItself && isPlainObject(ambient)) restoreAmbientState(asAmbientState(ambient));
  gate.reach(point.step);
  const { step, tensors, attempt, name } = point;
  const text = `goes on after step ${step}, from a checkpoint of attempt ${attempt}: ${name}, whole and with all rows before it`;
  gate.send({ kind: "log", level: "info", text });
  return { step, state: deepFreeze(ownState(point.state, sealsItself)), tensors };
}

/** What the task itself put into the state. */
function ownState(state: JsonObject, sealsItself: boolean): JsonObject {
  if (sealsItself) return state;
  const { [ambientKey]: _, ...own } = state;
  return own;
}

function asAmbientState({ i, j, S }: Record<string, unknown>): AmbientState {
  return { i, j, S: Array.isArray(S) ? S : [] } as AmbientState; // its parts are checked where it is used
}

function checkpointEvent(content: CheckpointContent): Parameters<EventGate["send"]>[0] {
  const { step, state = {}, tensors = new Map(), names = ["last"], keep } = content;
  if (isPlainObject(state) && ambientKey in state) {
    throw new ExpError("training", `The state of a checkpoint cannot have the key ${ambientKey}.`, {
      hint: "Lockstep keeps the generator behind Math.random there.",
    });
  }
  const ambient = ambientState();
  return {
    kind: "checkpoint",
    step,
    names: [...names],
    state: isPlainObject(state) ? { ...state, ...ambientEntry(ambient) } : state,
    tensors: copyTensors(tensors),
    ...(keep === undefined ? {} : { keep }),
  };
}

function ambientEntry(ambient: AmbientState | undefined): Record<string, JsonValue> {
  if (ambient === undefined) return {};
  return { [ambientKey]: { i: ambient.i, j: ambient.j, S: [...ambient.S] } };
}

/** Whoever keeps an event must not see what the task does to its arrays later. */
function copyTensors(tensors: HostTensors): HostTensors {
  if (!(tensors instanceof Map)) return tensors; // refused where events are checked
  const copies = [...(tensors as HostTensors)].map(
    ([name, tensor]) => [name, { ...tensor, values: tensor.values.slice() }] as const,
  );
  return new Map(copies);
}

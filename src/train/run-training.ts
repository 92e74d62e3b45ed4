/**
 * The training run as a stream of events. It knows neither the store nor the screen, and it computes only inside the
 * seal: between two events, where the consumer's code runs, `Math.random` is the consumer's own.
 */
import { setImmediate } from "node:timers/promises";
import type { TrainingConfig } from "../../schemas/training.ts";
import { placeTensors } from "../backend/host-tensors.ts";
import { peakMemory, resetPeakMemory } from "../backend/peak-memory.ts";
import { InternalError } from "../core/errors.ts";
import type { RunEvent } from "../core/run-events.ts";
import type { RunInputs } from "../core/task.ts";
import type { TaskCheckpoints } from "../core/task-services.ts";
import { trainedParameters } from "../model/model.ts";
import { createAmbientSeal, type AmbientSeal } from "./ambient-seal.ts";
import { initialAverage } from "./average.ts";
import { wholeBatch } from "./batches.ts";
import { slotName } from "./checkpoints.ts";
import type { Evaluation } from "./evaluate.ts";
import { openingLines, peakMemoryLine, testLine } from "./log-lines.ts";
import type { TrainingMembers } from "./members.ts";
import { measureWith } from "./measure-run.ts";
import { artifactEvent } from "./model-artifact.ts";
import { holdOwnBackend } from "./own-backend.ts";
import { predictionRows, resultEvent, sampleEvents, weightsDigest } from "./results.ts";
import { writeSamples } from "./sample.ts";
import { checkpointProblem, restoreCheckpoint } from "./restore.ts";
import type { Session } from "./session.ts";
import { countParameters, initialParameters, prepareTraining } from "./setup.ts";
import { initialState, measuredParameters, namedParameters, type BestState } from "./state.ts";
import { traceHeader } from "./trace.ts";
import { createTrainingParts } from "./training-parts.ts";
import { evaluate, interrupt, trainSteps } from "./training-steps.ts";

/** What a training run is started with. */
export interface TrainingInputs extends RunInputs<TrainingConfig> {
  /** Where it goes on; without it, it begins at the beginning. */
  readonly checkpoint?: Pick<TaskCheckpoints, "latest">;
}

/** Runs the built-in training task; see `trainWith`. */
export function runTraining(context: TrainingInputs): AsyncGenerator<RunEvent, void, undefined> {
  return trainWith({}, context);
}

/**
 * Trains, evaluates and tests as `context.config` says; with another mode than `train`, uses a model that is trained.
 * @param members - Users' models, data sources and optimizers beside the built-in ones.
 * @throws {ExpError} `config`, `data` or `environment` before the first step, `usage` while another run of the process is
 *   under way on another backend; `diverged` when a loss, gradient or
 *   weight stops being a finite number; `interrupted` when `context.signal` is aborted. Checkpoints hold finite states only:
 *   where the state before the step that failed, or in which the run was stopped, is one, it is yielded as `last` first;
 *   else the checkpoints that were saved before stay.
 */
export async function* trainWith(
  members: TrainingMembers,
  context: TrainingInputs,
): AsyncGenerator<RunEvent, void, undefined> {
  if (context.config.mode !== "train") return yield* measureWith(members, context);
  const own = holdOwnBackend(context.backend, await createAmbientSeal(context.config));
  try {
    yield* trainSealed(members, context, own.seal);
  } finally {
    own.release();
  }
}

async function* trainSealed(
  members: TrainingMembers,
  context: TrainingInputs,
  seal: AmbientSeal,
): AsyncGenerator<RunEvent, void, undefined> {
  const { session, release } = await openSession(members, context, seal);
  try {
    yield* opening(session);
    if (!(await goOn(session, context))) yield tracedNames(session);
    const stoppedEarly = yield* trainSteps(session);
    yield* finish(session, stoppedEarly);
  } finally {
    release();
  }
}

async function openSession(
  members: TrainingMembers,
  context: RunInputs<TrainingConfig>,
  seal: AmbientSeal,
): Promise<{ readonly session: Session; readonly release: () => void }> {
  const { signal, mayTellLater = () => false } = context;
  const setup = await prepareTraining(context, createTrainingParts(members), seal);
  resetPeakMemory();
  const { parameters, average, slots } = seal.run(() => {
    const initial = initialParameters(setup);
    const mean = initialAverage(setup.config.training, initial);
    return {
      parameters: placeTensors(initial),
      average: mean && placeTensors(mean),
      slots: placeTensors(setup.optimizer.init(initial)),
    };
  });
  const state = initialState(parameters.tensors, slots.tensors, average?.tensors);
  const session = { setup, state, seal, signal, mayTellLater, untold: [], saved: undefined };
  const release = (): void => {
    for (const placed of [parameters, average, slots]) placed?.release();
  };
  return { session, release };
}

function* opening({ setup }: Session): Generator<RunEvent, void, undefined> {
  const { dataset, model, plan } = setup;
  const numParameters = countParameters(model);
  yield { kind: "ready", numSteps: plan.numSteps, numParameters, facts: dataset.facts };
  yield artifactEvent(setup);
  for (const text of openingLines(setup)) yield { kind: "log", level: "info", text };
}

/** Goes on from a checkpoint of an earlier attempt; tells whether there was one, and so the rows that belong to it. */
async function goOn(session: Session, { checkpoint }: TrainingInputs): Promise<boolean> {
  const saved = await checkpoint?.latest({
    check: (candidate) => checkpointProblem(session, candidate),
  });
  if (saved === undefined) return false;
  restoreCheckpoint(session, saved);
  return true;
}

/** The first row of the trace. */
function tracedNames({ setup: { model }, state }: Session): RunEvent {
  const slotNames = Array.from(state.slots.keys(), slotName);
  const trainedNames = trainedParameters(model).map(({ name }) => name);
  return { kind: "trace", row: traceHeader(namedParameters(state), trainedNames, slotNames) };
}

/** Tests the best parameters, once, and reports. */
async function* finish(
  session: Session,
  stoppedEarly: boolean,
): AsyncGenerator<RunEvent, void, undefined> {
  const { setup, state } = session;
  const { best } = state;
  if (best === undefined) throw new InternalError("a run ended without an evaluation");
  const test = yield* testBest(session, best);
  if (test !== undefined) {
    yield { kind: "log", level: "info", text: testLine(best.step, test.values) };
    const { labels, parts } = setup.dataset;
    if (test.kind === "classes") {
      yield { kind: "predictions", rows: predictionRows(labels, parts.test, test) };
    }
  }
  yield* sampleBest(session, best);
  yield { kind: "log", level: "info", text: peakMemoryLine(peakMemory()) };
  const digest = weightsDigest(measuredParameters(state));
  const run = { step: state.step, stoppedEarly, best, test, weightsDigest: digest };
  yield resultEvent(setup.dataset, run);
}

/** The test part measured with the best parameters; `undefined` for an empty one. */
async function* testBest(
  session: Session,
  { step, parameters }: BestState,
): AsyncGenerator<RunEvent, Evaluation | undefined, undefined> {
  if (session.setup.dataset.parts.test.size === 0) return undefined;
  return yield* evaluate(session, { part: "test", parameters, step });
}

/** What the best parameters write, where the config asks for it. */
async function* sampleBest(
  session: Session,
  { step, parameters }: BestState,
): AsyncGenerator<RunEvent, void, undefined> {
  const { setup, seal, signal } = session;
  const { config, dataset, model, plan, streams } = setup;
  const { input } = dataset;
  if (config.sampling === undefined || input.kind !== "language") return;
  const writer = { model, parameters, input };
  const pieces = writeSamples(writer, config.sampling, streams.stream("sampling"));
  const { numSteps } = plan;
  const epoch = wholeBatch(plan, step).epochIndex + 1;
  try {
    for (;;) {
      const piece = seal.run(() => pieces.next());
      if (piece.done === true) return yield* sampleEvents(piece.value);
      yield { kind: "progress", phase: "evaluation", step: numSteps, numSteps, epoch };
      await setImmediate();
      if (signal.aborted) yield* interrupt(session);
    }
  } finally {
    pieces.return([]);
  }
}

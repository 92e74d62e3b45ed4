/** The steps of a run as events: training, evaluation at its cadence, checkpoints, early stopping, interruption. */
import { setImmediate } from "node:timers/promises";
import { countTensors } from "../backend/tensor-count.ts";
import { ExpError, InternalError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { RunEvent } from "../core/run-events.ts";
import { wholeBatch } from "./batches.ts";
import { divergedAt } from "./divergence.ts";
import { isBetter, observeEvaluation, shouldStop } from "./early-stopping.ts";
import { evaluatePart, type Evaluation, type EvaluationRequest } from "./evaluate.ts";
import { createLeakWatch, type LeakWatch } from "./leaks.ts";
import { earlyStopLine, evaluationLine } from "./log-lines.ts";
import type { DonePasses } from "./gradients.ts";
import { figuresOf } from "./figures.ts";
import {
  isFiniteState,
  isFiniteTensor,
  isSaved,
  positionOf,
  saveState,
  type Session,
} from "./session.ts";
import { copyTensors, measuredParameters, noLoss } from "./state.ts";
import { trainStep, type StepOutcome } from "./step.ts";
import { isTold, numberedName, tellSteps } from "./tell-steps.ts";

/** All steps up to the last one or an early stop; tells whether it stopped early. */
export async function* trainSteps(session: Session): AsyncGenerator<RunEvent, boolean, undefined> {
  const { setup, state, signal } = session;
  const { earlyStopping } = setup.config.training;
  const leaks = createLeakWatch();
  for (;;) {
    await setImmediate(); // loading may have taken long; and signals and displays get their turn
    if (signal.aborted) yield* interrupt(session);
    if (state.isEvaluationDue) {
      yield* evaluateStep(session);
    } else if (state.step === setup.plan.numSteps) {
      return false;
    } else if (earlyStopping !== null && shouldStop(state.earlyStopping, earlyStopping.patience)) {
      const text = earlyStopLine(earlyStopping.patience, state.best);
      yield { kind: "log", level: "info", text };
      return true;
    } else yield* oneStep(session, leaks);
  }
}

async function* oneStep(
  session: Session,
  leaks: LeakWatch,
): AsyncGenerator<RunEvent, void, undefined> {
  const { state } = session;
  const tensorsBefore = countTensors();
  const [ambientBefore, passesBefore] = [session.seal.state(), state.donePasses];
  const outcome = yield* stepOrRows(session);
  if (outcome.kind === "abandoned") {
    const isAsBefore = state.donePasses === passesBefore;
    return yield* interrupt(session, isAsBefore ? ambientBefore : session.seal.state());
  }
  if (outcome.kind === "diverged") {
    yield* tellSteps(session);
    // The state is as before the step; what the last update has spoiled is not saved.
    if (isFiniteState(state)) yield saveState(session, ["last"], ambientBefore);
    throw divergedAt(outcome.step, outcome.what, session.saved?.step);
  }
  const leak = leaks.after(tensorsBefore, countTensors());
  if (isTold(session, outcome) || leak !== undefined) yield* tellSteps(session);
  if (leak !== undefined) yield { kind: "log", level: "warning", text: leak };
  const names = numberedName(session);
  if (!state.isEvaluationDue && names.length > 0) yield saveState(session, names);
}

/** Does a step; where it throws, those before it are told first. */
async function* stepOrRows(session: Session): AsyncGenerator<RunEvent, StepOutcome, undefined> {
  try {
    return await stepInPieces(session);
  } catch (error) {
    yield* tellSteps(session);
    throw error;
  }
}

/** Does a step, and gives it up when the run is aborted between two of its passes, which the state then holds. */
async function stepInPieces({ setup, state, seal, signal }: Session): Promise<StepOutcome> {
  const pieces = trainStep(setup, state);
  for (;;) {
    const piece = seal.run(() => pieces.next());
    if (piece.done === true) return piece.value;
    await setImmediate();
    if (!signal.aborted) continue;
    state.donePasses = keptPasses(piece.value) ?? state.donePasses;
    const abandoned = { kind: "abandoned" } as const;
    pieces.return(abandoned);
    return abandoned;
  }
}

/** Copies of what is done; `undefined` where it is not finite, and therefore in no checkpoint. */
function keptPasses(done: DonePasses): DonePasses | undefined {
  const { loss, gradients, observations } = done;
  const observed = observations.flatMap((each) => [...each.values()]);
  const isFinite =
    Number.isFinite(loss) &&
    [...gradients.values()].every(isFiniteTensor) &&
    observed.every((values) => values.every(Number.isFinite));
  if (!isFinite) return undefined;
  return { ...done, gradients: copyTensors(gradients), observations: [...observations] };
}

/** Measures the validation part, keeps the best, and saves. */
async function* evaluateStep(session: Session): AsyncGenerator<RunEvent, void, undefined> {
  const { setup, state } = session;
  const { step } = state;
  const parameters = measuredParameters(state);
  const { metric, direction } = setup.config.selection;
  const evaluation = yield* evaluate(session, { part: "validation", parameters, step });
  const { total, numExamples } = state.lossSums;
  const values = { "train.loss": total / numExamples, ...evaluation.values };
  const value = evaluation.values[metric];
  if (value === undefined) throw new InternalError(`the metric ${metric} was not measured`);
  const isBest = state.best === undefined || isBetter(value, state.best.value, { direction });
  if (isBest) {
    const figures = figuresOf(evaluation);
    const copies = copyTensors(parameters, state.best?.parameters);
    state.best = { step, value, figures, parameters: copies };
  }
  const minDelta = setup.config.training.earlyStopping?.minDelta ?? 0;
  state.earlyStopping = observeEvaluation(state.earlyStopping, value, { direction, minDelta });
  state.lossSums = noLoss;
  state.isEvaluationDue = false;
  const names = ["last", ...(isBest ? ["best"] : []), ...numberedName(session)];
  const checkpoint = saveState(session, names);
  yield { kind: "metrics", step, epoch: epochOf(session), values };
  yield { kind: "log", level: "info", text: evaluationLine(step, values, metric) };
  yield checkpoint;
}

/**
 * Measures a part; its chunks are computed inside the seal, its progress is told outside. An abort ends the run with the
 * state from before: what goes on from there measures the part from its beginning.
 */
export async function* evaluate(
  session: Session,
  request: Omit<EvaluationRequest, "failure"> & { readonly step: number },
): AsyncGenerator<RunEvent, Evaluation, undefined> {
  const { step } = request;
  const { numSteps } = session.setup.plan;
  const failure = (what: string): ExpError =>
    divergedAt(step, `after it, ${what}`, session.saved?.step);
  const ambientBefore = session.seal.state();
  const chunks = evaluatePart(session.setup, { ...request, failure });
  for (;;) {
    const chunk = session.seal.run(() => chunks.next());
    if (chunk.done === true) return chunk.value;
    const [epoch, loss] = [epochOf(session), chunk.value];
    yield { kind: "progress", phase: "evaluation", step, numSteps, epoch, loss };
    await setImmediate();
    if (session.signal.aborted) yield* interrupt(session, ambientBefore);
  }
}

/**
 * Ends the run with a checkpoint of where it is, unless there is one.
 * @param ambientState - As in `saveState`.
 * @throws {ExpError} `interrupted`, always.
 */
export async function* interrupt(
  session: Session,
  ambientState?: JsonObject | null,
): AsyncGenerator<RunEvent, never, undefined> {
  const { state, setup } = session;
  yield* tellSteps(session);
  // One of the same place may have other names too, and the bytes of `last` must not tell that the run was stopped.
  if (!isSaved(session)) yield saveState(session, ["last"], ambientState);
  const { step, microStep } = positionOf(state);
  const passes = microStep === 0 ? "" : ` and ${microStep} of the passes of the next`;
  throw new ExpError(
    "interrupted",
    `Stopped after step ${step} of ${setup.plan.numSteps}${passes}, as asked.`,
    { hint: "Start the same command again to finish the run." },
  );
}

/** The epoch of the last step, from 1. */
function epochOf({ setup, state }: Session): number {
  return wholeBatch(setup.plan, state.step).epochIndex + 1;
}

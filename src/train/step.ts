/**
 * One optimizer step: its examples, the loss and gradients of its micro-batches, clipping, and the update.
 * It pauses between micro-batches, so that a long step can be broken off; each piece is synchronous, so that the seal on
 * `Math.random` is left before anybody else's code can run.
 */
import { clipGradients, globalNorm, isClipped } from "../optim/clip.ts";
import { moveAverage } from "./average.ts";
import { isEvaluationStep, wholeBatch } from "./batches.ts";
import { batchExamples } from "./data-order.ts";
import { wholeBatchGradients, type BatchGradients, type DonePasses } from "./gradients.ts";
import { moveRunning } from "./running.ts";
import type { TrainingSetup } from "./setup.ts";
import { namedParameters, type TrainingState } from "./state.ts";
import { isDenseStep, tensorChecksums } from "./trace.ts";

/** What a step computed. */
export interface StepFacts {
  readonly step: number;
  /** From 1. */
  readonly epoch: number;
  /** Mean over the whole batch, in nats. */
  readonly loss: number;
  readonly learningRate: number;
  /** Global L2 norm before clipping. */
  readonly gradientNorm: number;
}

/** A step that is done, with all that its row of the trace follows from; see `traceText`. */
export interface DoneStep {
  readonly kind: "done";
  readonly facts: StepFacts;
  /** Indices in the training part of its examples, in the order in which it saw them. */
  readonly examples: readonly number[];
  /** Of a dense row: those of all tensors, in the order of the header's `tensors`. */
  readonly checksums: readonly string[] | undefined;
}

/** What a step did, or why it was not done: then the state is as it was before. */
export type StepOutcome =
  | DoneStep
  | { readonly kind: "diverged"; readonly step: number; readonly what: string }
  | { readonly kind: "abandoned" };

/** A step in pieces, each telling which passes are done; `return({ kind: "abandoned" })` gives it up in a pause. */
export type StepPieces = Generator<DonePasses, StepOutcome, undefined>;

/**
 * Does the next step, or the passes of it that the state does not hold: overwrites parameters and slots, and counts the
 * step and its loss in the state.
 */
export function* trainStep(setup: TrainingSetup, state: TrainingState): StepPieces {
  const step = state.step + 1;
  const whole = wholeBatch(setup.plan, step);
  const examples = batchExamples(setup.streams, setup.plan, whole);
  const batchGradients = yield* wholeBatchGradients(setup, state.parameters, {
    step,
    examples,
    done: state.donePasses,
  });
  try {
    return finishStep(setup, state, { step, examples, batchGradients });
  } finally {
    batchGradients.release();
  }
}

interface ComputedStep {
  readonly step: number;
  readonly examples: readonly number[];
  readonly batchGradients: BatchGradients;
}

/** The update, from the gradients of the whole batch. */
function finishStep(
  setup: TrainingSetup,
  state: TrainingState,
  { step, examples, batchGradients }: ComputedStep,
): StepOutcome {
  const whole = wholeBatch(setup.plan, step);
  const { loss, gradients } = batchGradients;
  const gradientNorm = globalNorm(gradients);
  if (!Number.isFinite(loss)) return { kind: "diverged", step, what: `the loss is ${loss}` };
  if (!Number.isFinite(gradientNorm)) {
    return { kind: "diverged", step, what: `the gradient norm is ${gradientNorm}` };
  }
  const learningRate = setup.learningRateAt(step);
  const facts = { step, epoch: whole.epochIndex + 1, loss, learningRate, gradientNorm };
  const checksums = update(setup, state, { ...batchGradients, facts });
  state.step = step;
  state.donePasses = undefined;
  state.isEvaluationDue = isEvaluationStep(
    setup.plan,
    step,
    setup.config.training.evaluationInterval,
  );
  const { total, numExamples } = state.lossSums;
  state.lossSums = { total: total + loss * whole.size, numExamples: numExamples + whole.size };
  return { kind: "done", facts, examples, checksums };
}

/** Clips and updates in place; gives the checksums of a dense row, gradients as they were before clipping. */
function update(
  setup: TrainingSetup,
  state: TrainingState,
  { gradients, observations, facts }: BatchGradients & { readonly facts: StepFacts },
): readonly string[] | undefined {
  const { step, learningRate, gradientNorm } = facts;
  const { parameters, slots } = state;
  const isDense = setup.isTraceDense === true || isDenseStep(step);
  const stay = gradientsStay(setup, gradientNorm);
  const gradientChecksums = isDense && !stay ? tensorChecksums(gradients) : [];
  const { maxGradNorm } = setup.config.training;
  if (maxGradNorm !== null) clipGradients(gradients, { norm: gradientNorm, maxGradNorm });
  setup.optimizer.update({ parameters, gradients, state: slots }, { step, learningRate });
  moveRunning(setup.model, parameters, observations);
  moveAverage(setup, state, step);
  if (!isDense) return undefined;
  const named = namedParameters(state);
  // Together: so there are as many for the threads to share out, and each computes two at a time.
  if (stay) return tensorChecksums(named, gradients, slots);
  const all = tensorChecksums(named, slots);
  return [...all.slice(0, named.size), ...gradientChecksums, ...all.slice(named.size)];
}

/** Whether the gradients are the same after the update: neither clipped nor overwritten. */
function gradientsStay(
  { config, optimizer }: Pick<TrainingSetup, "config" | "optimizer">,
  norm: number,
): boolean {
  const { maxGradNorm } = config.training;
  const isLong = maxGradNorm !== null && isClipped({ norm, maxGradNorm });
  return optimizer.keepsGradients === true && !isLong;
}

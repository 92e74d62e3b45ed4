/**
 * Which examples an optimizer step sees. Everything follows from the number of the step, so that a run can be entered
 * at any step: an epoch is one pass over a permutation of the training part, cut into whole batches of
 * batchSize × gradientAccumulationSteps examples, and a whole batch into micro-batches of batchSize.
 * A whole batch never spans two epochs; the last one of an epoch is short, or left out with `dropLastBatch`.
 */
import { ExpError } from "../core/errors.ts";

/** The fields of `config.training` that decide about batches. */
export interface BatchSettings {
  readonly numSteps?: number | undefined;
  readonly numEpochs?: number | undefined;
  readonly batchSize: number;
  readonly gradientAccumulationSteps: number;
  readonly dropLastBatch: boolean;
}

export interface BatchPlan {
  readonly numExamples: number;
  readonly numSteps: number;
  readonly stepsPerEpoch: number;
  /** Examples of a full optimizer step. */
  readonly wholeBatchSize: number;
  readonly batchSize: number;
}

/** Where the whole batch of a step lies. */
export interface WholeBatch {
  /** From 0. */
  readonly epochIndex: number;
  /** Position in the epoch's order of the first example. */
  readonly start: number;
  readonly size: number;
}

/** A part of a whole batch that goes through the model at once. */
export interface MicroBatch {
  /** Position in the whole batch of the first example. */
  readonly position: number;
  readonly size: number;
}

/**
 * The batches of a run.
 * @param settings - Exactly one of `numSteps` and `numEpochs` is set.
 * @param numExamples - Size of the training part.
 * @throws {ExpError} `config` when `dropLastBatch` would leave no batch at all.
 */
export function planBatches(settings: BatchSettings, numExamples: number): BatchPlan {
  const { batchSize, gradientAccumulationSteps, dropLastBatch, numSteps, numEpochs } = settings;
  const wholeBatchSize = batchSize * gradientAccumulationSteps;
  const numBatches = numExamples / wholeBatchSize;
  const stepsPerEpoch = dropLastBatch ? Math.floor(numBatches) : Math.ceil(numBatches);
  if (stepsPerEpoch === 0) {
    throw new ExpError(
      "config",
      `training.dropLastBatch leaves nothing to train on: the training part has ${numExamples} examples, ` +
        `one step needs ${wholeBatchSize} (batchSize × gradientAccumulationSteps).`,
      { hint: "Use a smaller training.batchSize, or training.dropLastBatch=false." },
    );
  }
  return {
    numExamples,
    numSteps: numSteps ?? (numEpochs ?? 1) * stepsPerEpoch,
    stepsPerEpoch,
    wholeBatchSize,
    batchSize,
  };
}

/** The whole batch of a step; steps count from 1. */
export function wholeBatch(plan: BatchPlan, step: number): WholeBatch {
  const epochIndex = Math.floor((step - 1) / plan.stepsPerEpoch);
  const start = ((step - 1) % plan.stepsPerEpoch) * plan.wholeBatchSize;
  return { epochIndex, start, size: Math.min(plan.wholeBatchSize, plan.numExamples - start) };
}

/** The micro-batches of a whole batch, in order; only the last may hold fewer than `batchSize` examples. */
export function microBatches(wholeSize: number, batchSize: number): readonly MicroBatch[] {
  const parts: MicroBatch[] = [];
  for (let position = 0; position < wholeSize; position += batchSize) {
    parts.push({ position, size: Math.min(batchSize, wholeSize - position) });
  }
  return parts;
}

/** Whether the model is measured after a step: at the interval (after each epoch when `null`) and at the end. */
export function isEvaluationStep(
  plan: BatchPlan,
  step: number,
  evaluationInterval: number | null,
): boolean {
  return step === plan.numSteps || step % (evaluationInterval ?? plan.stepsPerEpoch) === 0;
}

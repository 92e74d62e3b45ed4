/** Measures a part of the data set: every example once, in the part's own order, without dropout. */
import type { ExpError } from "../core/errors.ts";
import type { HostTensors, Metrics } from "../core/run-events.ts";
import type { Examples } from "../data/dataset.ts";
import { microBatches } from "./batches.ts";
import { classify } from "./classify.ts";
import { collate } from "./collate.ts";
import { evaluateLogits } from "./gradients.ts";
import {
  classificationMetrics,
  confusionMatrix,
  flatMetrics,
  type ClassificationMetrics,
  type ConfusionMatrix,
} from "./metrics.ts";
import type { TrainingSetup } from "./setup.ts";

/** The parts that are measured. */
export type MeasuredPart = "validation" | "test";

export interface Evaluation {
  readonly part: MeasuredPart;
  /** Mean cross-entropy without label smoothing, in nats. */
  readonly loss: number;
  readonly matrix: ConfusionMatrix;
  readonly metrics: ClassificationMetrics;
  /** The same under flat names. */
  readonly values: Metrics;
  /** Predicted class of each example, [size]. */
  readonly predicted: Int32Array;
  /** [size × numClasses] */
  readonly probabilities: Float32Array;
}

/** What is to be measured. */
export interface EvaluationRequest {
  readonly part: MeasuredPart;
  readonly parameters: HostTensors;
  /**
   * The error to throw where the loss is no number.
   * @param what - `the test loss is NaN`.
   */
  readonly failure: (what: string) => ExpError;
}

/** What measuring needs of a run: its data, its model, and how many examples go through that at once. */
export type MeasuringSetup = Pick<
  TrainingSetup,
  "dataset" | "model" | "numClasses" | "labelNames"
> & { readonly plan: Pick<TrainingSetup["plan"], "batchSize"> };

/**
 * Evaluates chunk by chunk; yields after each with the mean loss so far, so that displays and signals get their turn.
 * No tensor outlives its chunk, so that the caller may stop anywhere.
 * @throws {ExpError} the request's failure when a logit is not a finite number.
 */
export function* evaluatePart(
  setup: MeasuringSetup,
  { part, parameters, failure }: EvaluationRequest,
): Generator<number, Evaluation, undefined> {
  const { dataset, numClasses } = setup;
  const examples = dataset.parts[part];
  const predicted = new Int32Array(examples.size);
  const probabilities = new Float32Array(examples.size * numClasses);
  let lossSum = 0;
  for (const { position, size } of microBatches(examples.size, setup.plan.batchSize)) {
    const indices = Array.from({ length: size }, (_, offset) => position + offset);
    const { batch, labels } = collate(examples, dataset.input, indices);
    const classified = classify(evaluateLogits(setup, parameters, batch), labels);
    lossSum += classified.lossSum;
    if (!Number.isFinite(lossSum)) throw failure(`the ${part} loss is ${lossSum}`);
    predicted.set(classified.predicted, position);
    probabilities.set(classified.probabilities, position * numClasses);
    yield lossSum / (position + size);
  }
  return summarise(setup, { part, examples, predicted, probabilities, lossSum });
}

interface Predictions {
  readonly part: MeasuredPart;
  readonly examples: Examples;
  readonly predicted: Int32Array;
  readonly probabilities: Float32Array;
  readonly lossSum: number;
}

function summarise(setup: MeasuringSetup, predictions: Predictions): Evaluation {
  const { part, examples, predicted, probabilities, lossSum } = predictions;
  const matrix = confusionMatrix(examples.labels, predicted, setup.numClasses);
  const metrics = classificationMetrics(matrix);
  const loss = lossSum / examples.size;
  const values = flatMetrics(part, { loss, metrics }, setup.labelNames);
  return { part, loss, matrix, metrics, values, predicted, probabilities };
}

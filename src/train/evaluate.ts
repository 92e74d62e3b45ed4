/** Measures a part of the data set: every example once, in the part's own order, without dropout. */
import type { ExpError } from "../core/errors.ts";
import type { HostTensors, Metrics } from "../core/run-events.ts";
import type { Examples } from "../data/dataset.ts";
import { microBatches } from "./batches.ts";
import { classify, nothingScored, score } from "./classify.ts";
import { collate } from "./collate.ts";
import { evaluateLogits } from "./gradients.ts";
import {
  classificationMetrics,
  confusionMatrix,
  flatMetrics,
  textMetrics,
  type ClassificationMetrics,
  type ConfusionMatrix,
} from "./metrics.ts";
import type { TrainingSetup } from "./setup.ts";

/** The parts that are measured. */
export type MeasuredPart = "validation" | "test";

/** What measuring came to: how examples were classified, or how well a text was told. */
export type Evaluation = ClassEvaluation | TextEvaluation;

/** How the examples of a part were classified. */
export interface ClassEvaluation extends PartFigures {
  readonly kind: "classes";
  readonly matrix: ConfusionMatrix;
  readonly metrics: ClassificationMetrics;
  /** Predicted class of each example, [size]. */
  readonly predicted: Int32Array;
  /** [size × numClasses] */
  readonly probabilities: Float32Array;
}

/** How well the tokens of a part were told from those before them. */
export interface TextEvaluation extends PartFigures {
  readonly kind: "text";
  /** Tokens that were predicted: all but the first. */
  readonly numTokens: number;
}

interface PartFigures {
  readonly part: MeasuredPart;
  /** Mean cross-entropy of an example, or of a token, without label smoothing, in nats. */
  readonly loss: number;
  /** Under flat names. */
  readonly values: Metrics;
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
  request: EvaluationRequest,
): Generator<number, Evaluation, undefined> {
  const isText = setup.dataset.input.kind === "language";
  return yield* isText ? evaluateText(setup, request) : evaluateClasses(setup, request);
}

function* evaluateClasses(
  setup: MeasuringSetup,
  { part, parameters, failure }: EvaluationRequest,
): Generator<number, ClassEvaluation, undefined> {
  const { dataset, numClasses } = setup;
  const examples = dataset.parts[part];
  const predicted = new Int32Array(examples.size);
  const probabilities = new Float32Array(examples.size * numClasses);
  let lossSum = 0;
  for (const { position, size } of microBatches(examples.size, setup.plan.batchSize)) {
    const labelled = collate(examples, dataset.input, range(position, size));
    const classified = classify(evaluateLogits(setup, parameters, labelled), labelled.targets);
    lossSum += classified.lossSum;
    if (!Number.isFinite(lossSum)) throw failure(`the ${part} loss is ${lossSum}`);
    predicted.set(classified.predicted, position);
    probabilities.set(classified.probabilities, position * numClasses);
    yield lossSum / (position + size);
  }
  return summarise(setup, { part, examples, predicted, probabilities, lossSum });
}

function* evaluateText(
  setup: MeasuringSetup,
  { part, parameters, failure }: EvaluationRequest,
): Generator<number, TextEvaluation, undefined> {
  const { dataset } = setup;
  const examples = dataset.parts[part];
  let scored = nothingScored;
  for (const { position, size } of microBatches(examples.size, setup.plan.batchSize)) {
    const labelled = collate(examples, dataset.input, range(position, size));
    scored = score(evaluateLogits(setup, parameters, labelled), labelled.targets, scored);
    const { lossSum, numRows } = scored;
    if (!Number.isFinite(lossSum)) throw failure(`the ${part} loss is ${lossSum}`);
    yield lossSum / numRows;
  }
  const { lossSum, numRows: numTokens, numCorrect } = scored;
  const loss = lossSum / numTokens;
  const values = textMetrics(part, { loss, accuracy: numCorrect / numTokens });
  return { kind: "text", part, loss, values, numTokens };
}

function range(start: number, size: number): readonly number[] {
  return Array.from({ length: size }, (_, offset) => start + offset);
}

interface Predictions {
  readonly part: MeasuredPart;
  readonly examples: Examples;
  readonly predicted: Int32Array;
  readonly probabilities: Float32Array;
  readonly lossSum: number;
}

function summarise(setup: MeasuringSetup, predictions: Predictions): ClassEvaluation {
  const { part, examples, predicted, probabilities, lossSum } = predictions;
  const matrix = confusionMatrix(examples.labels, predicted, setup.numClasses);
  const metrics = classificationMetrics(matrix);
  const loss = lossSum / examples.size;
  const values = flatMetrics(part, { loss, metrics }, setup.labelNames);
  return { kind: "classes", part, loss, matrix, metrics, values, predicted, probabilities };
}

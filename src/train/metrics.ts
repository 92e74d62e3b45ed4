/**
 * Classification metrics from a confusion matrix of counts, in float64.
 * Precision of a class is tp/(tp+fp), recall tp/(tp+fn), F1 2·tp/(2·tp+fp+fn); each is 0 where its denominator is 0.
 * `precision`, `recall` and `f1` without a class are macro averages: the plain mean over all classes of the data set,
 * also over those that a part happens not to contain, so that the mean of two runs is over the same classes.
 * @see scikit-learn, `precision_recall_fscore_support(labels=all, average="macro", zero_division=0)`: equal values.
 */
import { InternalError } from "../core/errors.ts";
import type { Metrics } from "../core/run-events.ts";
import type { Dataset } from "../data/dataset.ts";
import { exp } from "../random/math.ts";

/** Counts; row = true class, column = predicted class. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** The figures of one class. */
export interface ClassMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Examples of this class. */
  readonly support: number;
}

export interface ClassificationMetrics {
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** In the order of the labels. */
  readonly classes: readonly ClassMetrics[];
}

/**
 * The confusion matrix of predictions.
 * @param labels - True classes, each 0 … numClasses − 1.
 * @param predicted - Predicted classes, as many as labels.
 * @param numClasses - Rows and columns of the matrix.
 * @throws {InternalError} for a class outside the range, or lists of different lengths.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predicted: ArrayLike<number>,
  numClasses: number,
): ConfusionMatrix {
  if (labels.length !== predicted.length) {
    throw new InternalError(`${labels.length} labels for ${predicted.length} predictions`);
  }
  const counts = Array.from({ length: numClasses }, () =>
    Array.from({ length: numClasses }, () => 0),
  );
  for (let index = 0; index < labels.length; index++) {
    const row = counts[labels[index] ?? -1];
    const column = predicted[index] ?? -1;
    const count = row?.[column];
    if (row === undefined || count === undefined) {
      throw new InternalError(`class ${labels[index]} or ${column} of ${numClasses} classes`);
    }
    row[column] = count + 1;
  }
  return counts;
}

/** The metrics of a confusion matrix; all 0 for one without examples. */
export function classificationMetrics(matrix: ConfusionMatrix): ClassificationMetrics {
  const classes = matrix.map((_, classIndex) => classMetrics(matrix, classIndex));
  const numExamples = sum(matrix.map((row) => sum(row)));
  const numCorrect = sum(matrix.map((row, index) => row[index] ?? 0));
  const mean = (key: "precision" | "recall" | "f1"): number =>
    ratio(sum(classes.map((each) => each[key])), classes.length);
  return {
    accuracy: ratio(numCorrect, numExamples),
    precision: mean("precision"),
    recall: mean("recall"),
    f1: mean("f1"),
    classes,
  };
}

function classMetrics(matrix: ConfusionMatrix, classIndex: number): ClassMetrics {
  const truePositives = matrix[classIndex]?.[classIndex] ?? 0;
  const support = sum(matrix[classIndex] ?? []);
  const numPredicted = sum(matrix.map((row) => row[classIndex] ?? 0));
  return {
    precision: ratio(truePositives, numPredicted),
    recall: ratio(truePositives, support),
    f1: ratio(2 * truePositives, support + numPredicted), // 2·tp + fp + fn
    support,
  };
}

/**
 * Metrics under flat names: `validation.accuracy`, `validation.loss`, `validation.f1`, `validation.f1.<label>`, ….
 * @param part - First word of each name: `validation` or `test`.
 * @param loss - Mean cross-entropy over the part, in nats.
 * @param labelNames - One word a class, from `metricLabels`.
 */
export function flatMetrics(
  part: string,
  { loss, metrics }: { readonly loss: number; readonly metrics: ClassificationMetrics },
  labelNames: readonly string[],
): Metrics {
  const flat: Record<string, number> = { [`${part}.accuracy`]: metrics.accuracy };
  flat[`${part}.loss`] = loss;
  for (const key of ["precision", "recall", "f1"] as const) {
    flat[`${part}.${key}`] = metrics[key];
    labelNames.forEach((label, index) => {
      flat[`${part}.${key}.${label}`] = metrics.classes[index]?.[key] ?? 0;
    });
  }
  return flat;
}

/**
 * Metrics of a text under flat names: `validation.loss`, `.perplexity` (e to the power of the loss), `.bitsPerCharacter`,
 * and `.accuracy`, the share of the tokens that were the likeliest.
 * @param part - First word of each name: `validation` or `test`.
 * @param loss - Mean cross-entropy of a token, in nats.
 */
export function textMetrics(
  part: string,
  { loss, accuracy }: { readonly loss: number; readonly accuracy: number },
): Metrics {
  return {
    [`${part}.loss`]: loss,
    [`${part}.perplexity`]: exp(loss),
    [`${part}.bitsPerCharacter`]: loss / Math.LN2,
    [`${part}.accuracy`]: accuracy,
  };
}

/** The names that measuring a data set will give, known before anything is trained. */
export function metricNames(
  part: string,
  { input, labels }: Pick<Dataset, "input" | "labels">,
): readonly string[] {
  return input.kind === "language"
    ? Object.keys(textMetrics(part, { loss: 0, accuracy: 0 }))
    : flatMetricNames(part, metricLabels(labels));
}

/** The names that `flatMetrics` will give. */
export function flatMetricNames(part: string, labelNames: readonly string[]): readonly string[] {
  const metrics = { accuracy: 0, precision: 0, recall: 0, f1: 0, classes: [] };
  return Object.keys(flatMetrics(part, { loss: 0, metrics }, labelNames));
}

/**
 * Each label as a word of a metric name: everything but ASCII letters, digits and `_` becomes `_`, and a word that is
 * taken gets `_2`, `_3`, …, in the order of the labels.
 */
export function metricLabels(labels: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return labels.map((label) => {
    const word = label.replace(/[^a-zA-Z0-9_]/g, "_") || "_";
    let name = word;
    for (let number = 2; taken.has(name); number++) name = `${word}_${number}`;
    taken.add(name);
    return name;
  });
}

function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * From logits to classes, probabilities and loss, on the host in float64. The exponentials come from
 * `src/random/math.ts`, so that equal logits give equal metrics with every backend and Node version.
 */
import { exp, log } from "../random/math.ts";

/** What the logits of some examples say. */
export interface Classified {
  /** The class of the largest logit, the first of equal ones, [numExamples]. */
  readonly predicted: Int32Array;
  /** [numExamples × numClasses], float32. */
  readonly probabilities: Float32Array;
  /** Sum over the examples of −log p(true class), in nats; not finite when a logit is not. */
  readonly lossSum: number;
}

/**
 * Softmax and cross-entropy of each row of logits.
 * @param logits - [numExamples × numClasses], row-major.
 * @param labels - True classes, [numExamples].
 */
export function classify(logits: Float32Array, labels: Int32Array): Classified {
  const numClasses = logits.length / labels.length;
  const predicted = new Int32Array(labels.length);
  const probabilities = new Float32Array(logits.length);
  let lossSum = 0;
  labels.forEach((label, example) => {
    const row = logits.subarray(example * numClasses, (example + 1) * numClasses);
    const largest = largestIndex(row);
    predicted[example] = largest;
    const top = row[largest] ?? NaN;
    const weights = Array.from(row, (logit) => exp(logit - top)); // none over 1, so nothing overflows
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, index) => {
      probabilities[example * numClasses + index] = weight / total;
    });
    lossSum += log(total) - ((row[label] ?? NaN) - top);
  });
  return { predicted, probabilities, lossSum };
}

function largestIndex(row: Float32Array): number {
  let largest = 0;
  row.forEach((value, index) => {
    if (value > (row[largest] ?? NaN)) largest = index;
  });
  return largest;
}

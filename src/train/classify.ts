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

/** How well rows of logits told their targets. */
export interface Scored {
  /** Rows that have a target. */
  readonly numRows: number;
  /** Of them, those whose largest logit, the first of equal ones, is the target's. */
  readonly numCorrect: number;
  /** Sum of −log p(target), in nats; not finite when a logit is not. */
  readonly lossSum: number;
}

/** Before the first row. */
export const nothingScored: Scored = { numRows: 0, numCorrect: 0, lossSum: 0 };

/**
 * Cross-entropy of each row of logits, without keeping what each row says.
 * @param logits - [targets.length × numClasses], row-major.
 * @param targets - The class of each row; below 0 where it has none.
 * @param before - What earlier rows came to. Row is added to row, so that the sum does not depend on how they are cut.
 */
export function score(logits: Float32Array, targets: Int32Array, before: Scored): Scored {
  const numClasses = logits.length / targets.length;
  let { numRows, numCorrect, lossSum } = before;
  targets.forEach((target, index) => {
    if (target < 0) return;
    const row = logits.subarray(index * numClasses, (index + 1) * numClasses);
    const largest = largestIndex(row);
    const top = row[largest] ?? NaN;
    let total = 0;
    for (const logit of row) total += exp(logit - top);
    lossSum += log(total) - ((row[target] ?? NaN) - top);
    numRows += 1;
    numCorrect += largest === target ? 1 : 0;
  });
  return { numRows, numCorrect, lossSum };
}

function largestIndex(row: Float32Array): number {
  let largest = 0;
  row.forEach((value, index) => {
    if (value > (row[largest] ?? NaN)) largest = index;
  });
  return largest;
}

/** What a model says about examples: probabilities of the classes, chunk by chunk, without looking at any label. */
import { ExpError } from "../core/errors.ts";
import type { HostTensors } from "../core/run-events.ts";
import type { DatasetInput, Examples } from "../data/dataset.ts";
import type { Model } from "../model/model.ts";
import { microBatches } from "./batches.ts";
import { classify } from "./classify.ts";
import { collate } from "./collate.ts";
import { evaluateLogits } from "./gradients.ts";

/** The model and how many examples go through it at once. */
export interface Predictor {
  readonly model: Model;
  readonly parameters: HostTensors;
  readonly numClasses: number;
  readonly input: DatasetInput;
  /** At least 1. What it is does not change a prediction. */
  readonly batchSize: number;
}

export interface Predictions {
  /** The likeliest class of each example, [size]. */
  readonly predicted: Int32Array;
  /** [size × numClasses] */
  readonly probabilities: Float32Array;
}

/**
 * Predicts chunk by chunk; yields after each how many examples are done. No tensor outlives its chunk.
 * @throws {ExpError} `data` where the model gives what is no number.
 */
export function* predictExamples(
  predictor: Predictor,
  examples: Examples,
): Generator<number, Predictions, undefined> {
  const { numClasses, input, parameters, batchSize } = predictor;
  const predicted = new Int32Array(examples.size);
  const probabilities = new Float32Array(examples.size * numClasses);
  for (const { position, size } of microBatches(examples.size, batchSize)) {
    const indices = Array.from({ length: size }, (_, offset) => position + offset);
    const labelled = collate(examples, input, indices);
    const logits = evaluateLogits(predictor, parameters, labelled);
    const classified = classify(logits, labelled.targets);
    const wrong = classified.probabilities.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      const index = position + Math.floor(wrong / numClasses);
      throw new ExpError("data", `The model gives no number for example ${index + 1}.`, {
        hint: "A value of the example is not a finite number, or too large for the model.",
      });
    }
    predicted.set(classified.predicted, position);
    probabilities.set(classified.probabilities, position * numClasses);
    yield position + size;
  }
  return { predicted, probabilities };
}

/** What a finished run hands over: metrics of the best checkpoint, details, predictions, the digest of the weights. */
import { sha256 } from "../core/hash.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { HostTensors, RunEvent } from "../core/run-events.ts";
import { encodeSafetensors } from "../core/safetensors.ts";
import type { Dataset, Examples } from "../data/dataset.ts";
import type { BestSoFar } from "./early-stopping.ts";
import type { Evaluation } from "./evaluate.ts";
import type { Figures } from "./figures.ts";
import type { Predictions } from "./predict.ts";
import type { WrittenText } from "./sample.ts";

/** SHA-256 of the parameters as safetensors without metadata. */
export function weightsDigest(parameters: HostTensors): string {
  return sha256(encodeSafetensors(parameters));
}

/**
 * One row an example, in the order of the part; probabilities are float32 and stand in the order of the labels. An example
 * without a label has none in its row either.
 */
export function predictionRows(
  labels: readonly string[],
  examples: Examples,
  { predicted, probabilities }: Predictions,
): readonly JsonObject[] {
  return Array.from({ length: examples.size }, (_, index) => {
    const label = labels[examples.labels[index] ?? -1];
    return {
      index,
      example: examples.digest(index),
      ...(label === undefined ? {} : { label }),
      predicted: labels[predicted[index] ?? -1] ?? "",
      probabilities: [
        ...probabilities.subarray(index * labels.length, (index + 1) * labels.length),
      ],
    };
  });
}

/** Texts that a model has written: in the log, and as predictions. */
export function* sampleEvents(rows: readonly WrittenText[]): Generator<RunEvent, void, undefined> {
  for (const { index, prompt, text } of rows) {
    const title = `sample ${index + 1} after ${JSON.stringify(prompt)}:`;
    const lines = text.split("\n");
    for (const line of [title, ...lines]) yield { kind: "log", level: "info", text: line };
  }
  yield { kind: "predictions", rows };
}

/** What `resultEvent` puts together. */
export interface FinishedRun {
  /** The last step. */
  readonly step: number;
  readonly stoppedEarly: boolean;
  readonly best: BestSoFar & { readonly figures: Figures };
  /** Absent without a test part. */
  readonly test: Evaluation | undefined;
  readonly weightsDigest: string;
}

/** The last event of a run. */
export function resultEvent(dataset: Dataset, run: FinishedRun): RunEvent {
  const { best, test } = run;
  const measured = test === undefined ? [best.figures] : [best.figures, test];
  return {
    kind: "result",
    step: run.step,
    metrics: { ...best.figures.values, ...test?.values },
    details: {
      ...(best.figures.kind === "classes" ? { labels: [...dataset.labels] } : {}),
      best: { step: best.step, value: best.value },
      stoppedEarly: run.stoppedEarly,
      ...Object.fromEntries(measured.map((each) => [each.part, partDetails(dataset.labels, each)])),
    },
    weightsDigest: run.weightsDigest,
  };
}

/** How a part was measured. Rows of the confusion matrix are true classes, columns predicted ones. */
export function partDetails(labels: readonly string[], evaluation: Figures): JsonValue {
  if (evaluation.kind === "text") return { numTokens: evaluation.numTokens };
  const { matrix, metrics } = evaluation;
  return {
    numExamples: metrics.classes.reduce((sum, { support }) => sum + support, 0),
    confusionMatrix: matrix.map((row) => [...row]),
    classes: metrics.classes.map((figures, index) => ({
      label: labels[index] ?? "",
      ...figures,
    })),
  };
}

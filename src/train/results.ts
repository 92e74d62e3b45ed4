/** What a finished run hands over: metrics of the best checkpoint, details, predictions, the digest of the weights. */
import { sha256 } from "../core/hash.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { HostTensors, RunEvent } from "../core/run-events.ts";
import { encodeSafetensors } from "../core/safetensors.ts";
import type { Dataset } from "../data/dataset.ts";
import type { BestSoFar } from "./early-stopping.ts";
import type { Evaluation } from "./evaluate.ts";

/** SHA-256 of the parameters as safetensors without metadata. */
export function weightsDigest(parameters: HostTensors): string {
  return sha256(encodeSafetensors(parameters));
}

/** One row a test example, in the order of the part; probabilities are float32 and stand in the order of the labels. */
export function predictionRows(dataset: Dataset, evaluation: Evaluation): readonly JsonObject[] {
  const { labels, parts } = dataset;
  const examples = parts[evaluation.part];
  const label = (index: number | undefined): string => labels[index ?? -1] ?? "";
  return Array.from({ length: examples.size }, (_, index) => ({
    index,
    example: examples.digest(index),
    label: label(examples.labels[index]),
    predicted: label(evaluation.predicted[index]),
    probabilities: [
      ...evaluation.probabilities.subarray(index * labels.length, (index + 1) * labels.length),
    ],
  }));
}

/** What `resultEvent` puts together. */
export interface FinishedRun {
  /** The last step. */
  readonly step: number;
  readonly stoppedEarly: boolean;
  readonly best: BestSoFar & { readonly evaluation: Evaluation };
  /** Absent without a test part. */
  readonly test: Evaluation | undefined;
  readonly weightsDigest: string;
}

/** The last event of a run. */
export function resultEvent(dataset: Dataset, run: FinishedRun): RunEvent {
  const { best, test } = run;
  const measured = test === undefined ? [best.evaluation] : [best.evaluation, test];
  return {
    kind: "result",
    step: run.step,
    metrics: { ...best.evaluation.values, ...test?.values },
    details: {
      labels: [...dataset.labels],
      best: { step: best.step, value: best.value },
      stoppedEarly: run.stoppedEarly,
      ...Object.fromEntries(measured.map((each) => [each.part, details(dataset, each)])),
    },
    weightsDigest: run.weightsDigest,
  };
}

/** Rows of the confusion matrix are true classes, columns predicted ones. */
function details(dataset: Dataset, { matrix, metrics }: Evaluation): JsonValue {
  return {
    numExamples: metrics.classes.reduce((sum, { support }) => sum + support, 0),
    confusionMatrix: matrix.map((row) => [...row]),
    classes: metrics.classes.map((figures, index) => ({
      label: dataset.labels[index] ?? "",
      ...figures,
    })),
  };
}

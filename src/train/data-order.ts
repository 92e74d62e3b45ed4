/** Which examples of the training part a whole batch holds: a keyed permutation a epoch, entered anywhere. */
import { createPermutation } from "../random/permutation.ts";
import type { RandomStreams } from "../random/streams.ts";
import type { BatchPlan, WholeBatch } from "./batches.ts";

/** Indices in the training part of the examples of a whole batch, in the order in which the step sees them. */
export function batchExamples(
  streams: RandomStreams,
  plan: BatchPlan,
  whole: WholeBatch,
): readonly number[] {
  const stream = streams.stream("dataOrder");
  const permutation = createPermutation(stream, plan.numExamples, whole.epochIndex);
  return Array.from({ length: whole.size }, (_, index) => permutation.at(whole.start + index));
}

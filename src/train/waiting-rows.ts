/**
 * Rows of the trace of steps that are done, made and told together. Between two short steps the code that makes a row is no
 * longer in the processor's caches: a row by itself takes three times as long as one of ten.
 */
import type { JsonObject } from "../core/json.ts";
import type { RunEvent } from "../core/run-events.ts";
import type { Session } from "./session.ts";
import type { TrainingSetup } from "./setup.ts";
import type { DoneStep } from "./step.ts";
import { batchDigest, traceRow } from "./trace.ts";

/** Steps whose rows wait for each other, at most; a line of the log, a checkpoint or an evaluation waits for none. */
export const maxWaitingRows = 16;

/** The rows of some steps, in their order. */
export function traceRows(
  { dataset }: Pick<TrainingSetup, "dataset">,
  steps: readonly DoneStep[],
): readonly JsonObject[] {
  const { train } = dataset.parts;
  return steps.map(({ facts, examples, checksums }) => {
    const batch = batchDigest(
      examples.map((index) => ({ digest: train.digest(index), label: train.labels[index] ?? -1 })),
    );
    return traceRow({ ...facts, batch }, checksums);
  });
}

/** Tells the rows that wait; whatever is told of a state comes after the rows of the steps that led to it. */
export function* tellRows({
  setup,
  untold,
}: Pick<Session, "setup" | "untold">): Generator<RunEvent, void, undefined> {
  for (const row of traceRows(setup, untold.splice(0))) yield { kind: "trace", row };
}

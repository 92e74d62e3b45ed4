/**
 * Rows of the trace of steps that are done, told together and made when they are written. Between two short steps the code
 * that makes a row is no longer in the processor's caches: a row by itself takes four times as long as one of a hundred.
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
    return traceRow({ ...facts, batch: batchDigest(examples, train) }, checksums);
  });
}

/**
 * Tells the rows that wait, whose making waits for whoever writes them; whatever is told of a state comes after the rows of
 * the steps that led to it.
 */
export function* tellRows({
  setup,
  untold,
}: Pick<Session, "setup" | "untold">): Generator<RunEvent, void, undefined> {
  if (untold.length > 0) yield rowsEvent(setup, untold.splice(0));
}

function rowsEvent(
  setup: Pick<TrainingSetup, "dataset">,
  steps: readonly DoneStep[],
): Extract<RunEvent, { kind: "rows" }> {
  let made: readonly JsonObject[] | undefined;
  return { kind: "rows", numRows: steps.length, rows: () => (made ??= traceRows(setup, steps)) };
}

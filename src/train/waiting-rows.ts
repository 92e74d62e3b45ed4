/**
 * Rows of the trace of steps that are done, told together and made when they are written. Between two short steps the code
 * that makes a row is no longer in the processor's caches: a row by itself takes four times as long as one of a hundred.
 */
import { rowsOfText } from "../core/later-rows.ts";
import type { RunEvent } from "../core/run-events.ts";
import type { Session } from "./session.ts";
import { traceText } from "./trace.ts";

/** Steps whose rows wait for each other, at most; a line of the log, a checkpoint or an evaluation waits for none. */
export const maxWaitingRows = 16;

/**
 * Tells the rows that wait, whose making waits for whoever writes them; whatever is told of a state comes after the rows of
 * the steps that led to it.
 */
export function* tellRows({
  setup,
  untold,
}: Pick<Session, "setup" | "untold">): Generator<RunEvent, void, undefined> {
  if (untold.length === 0) return;
  const steps = untold.splice(0);
  yield rowsOfText(steps.length, () => traceText(steps, setup.dataset.parts.train));
}

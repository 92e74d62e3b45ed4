/**
 * What is said of steps that are done: rows of the trace, lines of the log, progress. Between two short steps none of the code
 * that makes and writes these is in the processor's caches: of one step by itself they take several times as long as of one
 * of a hundred. So steps wait for each other where whoever listens lets them.
 */
import { rowsOfTexts } from "../core/later-rows.ts";
import type { RunEvent } from "../core/run-events.ts";
import { stepCheckpointName } from "./checkpoints.ts";
import { stepLine } from "./log-lines.ts";
import type { Session } from "./session.ts";
import type { DoneStep } from "./step.ts";
import { traceText } from "./trace.ts";

/** Steps whose rows are made as one text: if one of them cannot be made, so many are lost at most. */
const stepsOfText = 16;

/**
 * Takes a step that is done.
 * @returns Whether it is to be told now, with those that waited for it: something is about to be told of its state, or whoever
 *   listens waits no longer.
 */
export function isTold(session: Session, done: DoneStep): boolean {
  session.untold.push(done);
  const isAwaited = session.state.isEvaluationDue || numberedName(session).length > 0;
  return isAwaited || !session.mayTellLater();
}

/**
 * Tells all steps that wait: their rows, made by whoever writes them, the lines of those that have one, and the progress of
 * the last. Whatever is told of a state comes after the steps that led to it.
 */
export function* tellSteps({
  setup,
  untold,
}: Pick<Session, "setup" | "untold">): Generator<RunEvent, void, undefined> {
  const steps = untold.splice(0);
  const last = steps.at(-1);
  if (last === undefined) return;
  const { config, dataset, plan } = setup;
  const texts: (() => string)[] = [];
  for (let at = 0; at < steps.length; at += stepsOfText) {
    const part = steps.slice(at, at + stepsOfText);
    texts.push(() => traceText(part, dataset.parts.train));
  }
  yield rowsOfTexts(steps.length, texts);
  const { numSteps } = plan;
  const isLogged = ({ facts }: DoneStep): boolean => facts.step % config.logging.interval === 0;
  const lastLogged = steps.findLast(isLogged);
  for (const done of steps) {
    const { step, epoch, loss } = done.facts;
    if (done === last) yield { kind: "progress", phase: "training", step, numSteps, epoch, loss };
    if (!isLogged(done)) continue;
    const mayWait = done !== lastLogged; // nobody knows when the next lines come
    yield { kind: "log", level: "info", text: stepLine(done.facts, numSteps), mayWait };
  }
}

/** The name of the numbered checkpoint that the config asks for after this step; none, mostly. */
export function numberedName({
  setup,
  state,
}: Pick<Session, "setup" | "state">): readonly string[] {
  const { interval } = setup.config.checkpointing;
  return interval !== null && state.step % interval === 0 ? [stepCheckpointName(state.step)] : [];
}

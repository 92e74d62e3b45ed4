/** Warnings for those who execute from code, where no display shows them. */
import type { ExecutionEvent } from "./outcome.ts";

/** Lines of a log that are about what stands beside a run, in which nobody would look for them. */
const besideRuns = /^(?:onEvent of |logs\/tensorboard is not written)/u;

/**
 * Hands what went wrong beside the runs to `process.emitWarning`: tracking, hooks, checks before the first run. What a task
 * logs about itself stays in the log.
 */
export function emitWarnings(event: ExecutionEvent): void {
  if (event.kind === "warning") process.emitWarning(event.text);
  if (event.kind !== "run-event" || event.event.kind !== "log") return;
  const { level, text } = event.event;
  if (level === "warning" && besideRuns.test(text)) process.emitWarning(text);
}

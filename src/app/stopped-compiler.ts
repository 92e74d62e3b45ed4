/**
 * Ctrl-C in a terminal is told to all processes of its group, and so to the compiler (esbuild), which ends at once. Code
 * that is loaded or bundled just then fails, mostly before this process has heard of the signal itself.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isExpError } from "../core/errors.ts";
import { thrownMessage } from "../core/thrown.ts";
import { interruption } from "./task-context.ts";

/** As esbuild says that its process is gone: before a request, and in the middle of one. */
const goneService = /\bThe service (?:is no longer running|was stopped)\b/u;

/** The signal and the end of the compiler have one cause, so one of them is here soon after the other. */
const graceMs = 1_000;

/**
 * The error that ends a run or a command: `interrupted` where the compiler was gone since a signal came, else the error
 * itself. Waits up to a second for the signal, and only after such an error.
 */
export async function stoppedInstead(error: unknown, signal: AbortSignal): Promise<unknown> {
  if (isExpError(error) && error.code === "interrupted") return error;
  if (!isOfGoneCompiler(error)) return error;
  for (let waited = 0; !signal.aborted && waited < graceMs; waited += 20) await sleep(20);
  return signal.aborted ? interruption("Stopped, as asked.") : error;
}

/** The check before the first run tells what it finds in issues, and as a cause. */
function isOfGoneCompiler(error: unknown): boolean {
  if (goneService.test(thrownMessage(error))) return true;
  if (!isExpError(error)) return false;
  const { issues, cause } = error;
  return (
    issues.some(({ message }) => goneService.test(message)) ||
    (cause !== undefined && goneService.test(thrownMessage(cause)))
  );
}

/**
 * Does the work of a command that a signal may end.
 * @throws {ExpError} `interrupted` where the work failed since the compiler was gone with a signal; else what it throws.
 */
export async function untilStopped<Result>(
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw await stoppedInstead(error, signal);
  }
}

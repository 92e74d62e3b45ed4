/** An error of the place that runs are sent to, and not of the run that was being sent. */
import { ExpError } from "../core/errors.ts";

/** A server that is away, lets nobody in, or is no such server: other runs would not arrive either. */
export class PlaceError extends ExpError {
  readonly concernsAllRuns = true;

  /** @param hint - What to do. */
  constructor(message: string, hint: string) {
    super("environment", message, { hint });
  }
}

/** Tells it from an error of one run. */
export function concernsAllRuns(error: unknown): boolean {
  return error instanceof Error && "concernsAllRuns" in error && error.concernsAllRuns === true;
}

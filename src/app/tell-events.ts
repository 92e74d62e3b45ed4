/** What becomes of an event that a task says: it is written down, shown, and told to hooks. */
import { ExpError, isExpError } from "../core/errors.ts";
import type { RunEvent } from "../core/run-events.ts";
import { scrub, scrubValue } from "../core/secrets.ts";
import { thrownMessage } from "../core/thrown.ts";
import type { Attempt } from "../store/attempt.ts";
import type { RunHooks } from "./run-hooks.ts";
import type { OwnStrays } from "./strays.ts";

/** Who is told. */
export interface Listeners {
  readonly attempt: Pick<Attempt, "record" | "firstDifference">;
  /** Displays. */
  readonly observe: (event: RunEvent) => void;
  readonly hooks?: Pick<RunHooks, "tell"> | undefined;
  readonly strays: OwnStrays;
}

/**
 * A function that takes the events of one run.
 * @returns Throws where an event cannot be written, and where an error came up in the run that nobody waited for.
 */
export function tellEvents({
  attempt,
  observe,
  hooks,
  strays,
}: Listeners): (said: RunEvent) => void {
  let isRepeating = true;
  const tell = (event: RunEvent): void => {
    attempt.record(event);
    observe(event);
    hooks?.tell(event);
  };
  return (said) => {
    const event = scrubValue(said); // hooks and displays are told what is written down
    tell(event);
    const difference = isRepeating ? attempt.firstDifference() : undefined;
    if (difference !== undefined) {
      isRepeating = false;
      tell({ kind: "log", level: "warning", text: doesNotRepeat(difference) });
    }
    refuseStray(strays);
  };
}

function doesNotRepeat(difference: string): string {
  return `what an earlier attempt had computed after the checkpoint does not come out again (${difference}): either its rows were changed since, or this run, which goes on from the checkpoint, does not repeat bit for bit`;
}

/**
 * Ends the run where an error that nobody waited for came from its own code, or from nobody knows where while it was at work.
 * @throws {ExpError} The error itself, or `training`.
 */
export function refuseStray(strays: OwnStrays): void {
  const stray = strays.take();
  if (stray === undefined) return;
  if (isExpError(stray.error)) throw stray.error;
  const text = scrub(thrownMessage(stray.error));
  throw new ExpError("training", `An error that nobody waited for: ${text}`, {
    hint: "Await the promise, or catch what the timer's function throws.",
    cause: stray.error,
  });
}

/** What a task says by calling, instead of by yielding, on its way to whoever writes it down. */
import { AsyncResource } from "node:async_hooks";
import type { RunEvent } from "../core/run-events.ts";

export interface EventGate {
  /**
   * Hands an event on, at once. Throws what writing it down threw, at this event and at every later one: a task that
   * catches it must not go on as if its figures were kept. After `close`, events of work that nobody waited for are lost.
   */
  send(event: RunEvent): void;
  /** The highest step that any event named. */
  lastStep(): number;
  /** Notes a step that no event named: that of a checkpoint which is gone on from. */
  reach(step: number): void;
  close(): void;
  /** Throws the first error of `send` again. */
  rethrow(): void;
}

/**
 * A gate that is open. Events are recorded outside of the asynchronous context that `send` is called in: a seal on
 * `Math.random` holds the task, not the store, displays and hooks.
 * @param record - Writes an event down and shows it.
 */
export function createEventGate(record: (event: RunEvent) => void): EventGate {
  const outside = new AsyncResource("lockstep.run");
  let failure: { readonly error: unknown } | undefined;
  let isOpen = true;
  let lastStep = 0;
  const rethrow = (): void => {
    if (failure !== undefined) throw failure.error;
  };
  const reach = (step: number): void => {
    if (step > lastStep) lastStep = step;
  };
  return {
    send: (event) => {
      if (!isOpen) return;
      rethrow();
      try {
        outside.runInAsyncScope(record, undefined, event);
      } catch (error) {
        failure = { error };
        throw error;
      }
      if ("step" in event) reach(event.step);
    },
    lastStep: () => lastStep,
    reach,
    close: () => {
      isOpen = false;
    },
    rethrow,
  };
}

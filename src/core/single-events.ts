/** Events as hooks and comparisons take them, one row each. */
import type { RunEvent } from "./run-events.ts";
import { scrubValue } from "./secrets.ts";

/** An event that says one thing. */
export type SingleEvent = Exclude<RunEvent, { readonly kind: "rows" }>;

/**
 * The event itself; of rows that were not made yet, each as a `trace`, without secrets; a checkpoint with tensors that nobody
 * changes.
 */
export function singleEvents(event: RunEvent): readonly SingleEvent[] {
  if (event.kind === "checkpoint" && event.isLive === true) return [withCopies(event)];
  if (event.kind !== "rows") return [event];
  return event.rows().map((row) => ({ kind: "trace", row: scrubValue(row) }));
}

function withCopies(event: Extract<RunEvent, { kind: "checkpoint" }>): SingleEvent {
  const copies = Array.from(event.tensors, ([name, tensor]) => {
    return [name, { ...tensor, values: tensor.values.slice() }] as const;
  });
  return { ...event, tensors: new Map(copies), isLive: false };
}

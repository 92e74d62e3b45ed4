/** Events as hooks and comparisons take them, one row each. */
import type { RunEvent } from "./run-events.ts";
import { scrubValue } from "./secrets.ts";

/** An event that says one thing. */
export type SingleEvent = Exclude<RunEvent, { readonly kind: "rows" }>;

/** The event itself; of rows that were not made yet, each as a `trace`, without secrets. */
export function singleEvents(event: RunEvent): readonly SingleEvent[] {
  if (event.kind !== "rows") return [event];
  return event.rows().map((row) => ({ kind: "trace", row: scrubValue(row) }));
}

/**
 * What a training says of short steps, told many steps at a time: between two of a millisecond nothing of what is done with
 * an event is in the processor's caches, and one by itself takes five times as long as one of many. Order stays as it is, but
 * that rows come first.
 */
import { joinedRows, type RowsEvent } from "../core/later-rows.ts";
import type { RunEvent } from "../core/run-events.ts";

/**
 * Milliseconds for which an event is held at most, where the next one comes by then: a display draws every hundred. Lines
 * wait in `src/store/record-event.ts` for a little longer, so that they are written with every other telling.
 */
const longest = 45;

/** Hands events on in their order, some of them with the next one that does not wait. */
export interface HeldProgress {
  /** @throws What telling threw, of this event or of one before. */
  readonly tell: (event: RunEvent) => void;
  /** Tells what is held. */
  readonly tellHeld: () => void;
}

/** Whom events are held for. */
export interface ProgressListeners {
  /** Takes the events; one that threw is not told again, nor those after it that were held. */
  readonly tell: (event: RunEvent) => void;
  /** Somebody counts on each event at once, and on the progress of each step, not only of the last one. */
  readonly isEachTold: boolean;
  /** A clock in milliseconds, from any beginning. */
  readonly now?: () => number;
}

/** Holds nothing yet. */
export function holdProgress({
  tell,
  isEachTold,
  now = () => performance.now(),
}: ProgressListeners): HeldProgress {
  if (isEachTold) return { tell, tellHeld: () => undefined };
  let held: RunEvent[] = [];
  let toldAt = -Infinity;
  const tellHeld = (): void => {
    const events = held;
    held = [];
    for (const event of fewer(events)) tell(event);
  };
  return {
    tell: (event) => {
      const last = held.length - 1;
      if (isStep(event) && isStep(held[last])) held[last] = event;
      else held.push(event);
      const time = now();
      if (time < toldAt + longest && mayWait(event)) return;
      toldAt = time;
      tellHeld();
    },
    tellHeld,
  };
}

/** Events without the progress of steps before the last one, which nobody needs, and with all rows together. */
function fewer(events: readonly RunEvent[]): readonly RunEvent[] {
  if (events.length < 4) return events; // one of each kind, mostly
  const rows: RowsEvent[] = [];
  const kept: RunEvent[] = [];
  const lastStep = events.findLast(isStep);
  for (const event of events) {
    if (isRows(event)) rows.push(event);
    else if (!isStep(event) || event === lastStep) kept.push(event);
  }
  return rows.length === 0 ? kept : [joinedRows(rows), ...kept];
}

function isRows(event: RunEvent): event is RowsEvent {
  return event.kind === "rows";
}

function mayWait(event: RunEvent): boolean {
  return isStep(event) || event.kind === "rows" || (event.kind === "log" && event.mayWait === true);
}

function isStep(event: RunEvent | undefined): boolean {
  return event?.kind === "progress" && event.phase === "training";
}

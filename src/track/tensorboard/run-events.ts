/** A run as the records of an event file. */
import type { TrackedRow } from "../metric-rows.ts";
import type { RunView } from "../run-view.ts";
import {
  createScalarsEvents,
  sessionEndEvent,
  sessionStartEvent,
  versionEvent,
  type Scalar,
  type SessionStatus,
} from "./events.ts";

/** Makes the records of one file, in their order. */
export interface EventRecords {
  /** What every file begins with. */
  version(timeMs: number): Uint8Array;
  /** What the first file of a run begins with. */
  start(view: RunView, timeMs: number): Uint8Array;
  /** What was measured at a step. */
  row(row: TrackedRow, timeMs: number): Uint8Array;
  /** Figures of the whole run, as `result/…`, and how it ended. */
  end(view: RunView, status: SessionStatus, timeMs: number): Uint8Array;
}

/** The records of a new file. */
export function createEventRecords(): EventRecords {
  const seen = new Set<string>();
  const tags = createTags();
  const scalarsEvent = createScalarsEvents();
  const scalarsOf = (figures: Iterable<readonly [string, number]>): readonly Scalar[] =>
    Array.from(figures, ([tag, value]) => {
      const isFirst = !seen.has(tag);
      seen.add(tag);
      return { tag, value, isFirst };
    });
  return {
    version: versionEvent,
    start: (view, timeMs) => {
      const { settings, identities, runKey, startedMs = timeMs } = view;
      const groupName = identities.groupHash ?? runKey;
      const session = sessionStartEvent(timeMs, { settings, groupName, startedMs });
      return Buffer.concat([versionEvent(timeMs), session]);
    },
    row: ({ step, values }, timeMs) =>
      scalarsEvent(
        timeMs,
        step,
        scalarsOf(Array.from(values, ([name, value]) => [tags(name), value] as const)),
      ),
    end: ({ results }, status, timeMs) => {
      const ended = sessionEndEvent(timeMs, status);
      const figures = Object.entries(results?.metrics ?? {});
      if (results === undefined || figures.length === 0) return ended;
      const scalars = scalarsOf(figures.map(([name, value]) => [`result/${name}`, value] as const));
      return Buffer.concat([scalarsEvent(timeMs, results.step, scalars), ended]);
    },
  };
}

/**
 * Tags by names of metrics: TensorBoard puts tags with one beginning before `/` together, so `validation.f1.spam` is
 * `validation/f1.spam`. Two metrics never share a tag.
 */
function createTags(): (name: string) => string {
  const byName = new Map<string, string>();
  const taken = new Set<string>();
  return (name) => {
    const known = byName.get(name);
    if (known !== undefined) return known;
    const grouped = name.includes("/") ? name : name.replace(".", "/");
    let tag = taken.has(grouped) ? name : grouped;
    for (let number = 2; taken.has(tag); number++) tag = `${name} (${number})`;
    byName.set(name, tag);
    taken.add(tag);
    return tag;
  };
}

/** The words of TensorBoard for how a run stands; `undefined` for one that goes on, or may. */
export function sessionStatusOf(status: RunView["status"]): SessionStatus | undefined {
  if (status === "finished") return "success";
  return status === "failed" ? "failure" : undefined;
}

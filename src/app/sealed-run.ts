/**
 * Holds ambient randomness of a user's task: `ambientRandomness` of its config says whether `Math.random` throws or is a
 * generator derived from the seed. A task whose schema has no such field is left alone. The seal stands only while the
 * task itself computes, never while its events are written down and shown.
 */
import { InternalError } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { RunEvent } from "../core/run-events.ts";
import { ambientState, withSealedRandomness, type AmbientState } from "../random/seal.ts";

/** The events of a run, each computed under the seal that its config asks for. */
export function sealedRun(
  events: AsyncIterable<RunEvent>,
  config: JsonObject,
): AsyncIterable<RunEvent> {
  const mode = config["ambientRandomness"];
  if (mode !== "forbidden" && mode !== "seeded") return events;
  return mode === "forbidden" ? forbidden(events) : seeded(events, seedOf(config));
}

async function* forbidden(events: AsyncIterable<RunEvent>): AsyncGenerator<RunEvent> {
  const iterator = events[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await withSealedRandomness("forbidden", () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function* seeded(events: AsyncIterable<RunEvent>, seed: number): AsyncGenerator<RunEvent> {
  const iterator = events[Symbol.asyncIterator]();
  let state: AmbientState | undefined;
  try {
    for (;;) {
      const next = await withSealedRandomness({ seed, state }, async () => {
        const result = await iterator.next();
        state = ambientState();
        return result;
      });
      if (next.done === true) return;
      yield withState(next.value, state);
    }
  } finally {
    await iterator.return?.();
  }
}

/** A checkpoint of the task also holds where the generator stands, so that a resumed run draws what is next. */
function withState(event: RunEvent, state: AmbientState | undefined): RunEvent {
  if (event.kind !== "checkpoint" || state === undefined) return event;
  const ambient: JsonValue = { i: state.i, j: state.j, S: [...state.S] };
  return { ...event, state: { ...event.state, ambientState: ambient } };
}

function seedOf(config: JsonObject): number {
  const { seed } = config;
  if (typeof seed === "number") return seed;
  throw new InternalError("ambientRandomness is seeded, and the config has no seed");
}

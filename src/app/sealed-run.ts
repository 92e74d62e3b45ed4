/**
 * Holds ambient randomness of a user's task: `ambientRandomness` of its config says whether `Math.random` throws or is a
 * generator derived from the seed. A task whose schema has no such field is left alone. The seal stands only while the
 * task itself computes, never while its events are written down and shown.
 */
import { ExpError } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import type { RunEvent } from "../core/run-events.ts";
import { ambientState, withSealedRandomness, type AmbientState } from "../random/seal.ts";

/** What `Math.random` does; `undefined` where nothing is sealed. */
export type Seal = "forbidden" | { readonly seed: number } | undefined;

/**
 * The seal that a config asks for.
 * @throws {ExpError} `config` for a seeded generator without a seed.
 */
export function sealOf(config: JsonObject, taskName: string): Seal {
  const { ambientRandomness, seed } = config;
  if (ambientRandomness === "forbidden") return "forbidden";
  if (ambientRandomness !== "seeded") return undefined;
  if (typeof seed === "number") return { seed };
  throw new ExpError(
    "config",
    `ambientRandomness is "seeded", and the task ${taskName} has no seed in its schema.`,
    { hint: "Spread envelopeFields into the schema, or add seed: z.int().min(0).default(0)." },
  );
}

/** What `body` gives back, computed under the seal, and where a seeded generator stands then. */
export async function sealedCall<T>(
  seal: Seal,
  body: () => T | Promise<T>,
): Promise<{ readonly value: T; readonly state: AmbientState | undefined }> {
  if (seal === undefined) return { value: await body(), state: undefined };
  return withSealedRandomness(seal, async () => {
    const value = await body();
    return { value, state: ambientState() };
  });
}

/**
 * The events of a run, each computed under the seal.
 * @param state - Where a seeded generator goes on; without it, it starts.
 */
export function sealedEvents(
  events: AsyncIterable<RunEvent>,
  seal: Seal,
  state?: AmbientState,
): AsyncIterable<RunEvent> {
  if (seal === undefined) return events;
  return seal === "forbidden" ? forbidden(events) : seeded(events, seal.seed, state);
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

async function* seeded(
  events: AsyncIterable<RunEvent>,
  seed: number,
  start: AmbientState | undefined,
): AsyncGenerator<RunEvent> {
  const iterator = events[Symbol.asyncIterator]();
  let state = start;
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

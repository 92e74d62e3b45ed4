import { expect, test } from "vitest";
import { sealedEvents, sealOf } from "../../../src/app/sealed-run.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";

/** Draws once for each event, and once more after the last. */
async function* drawing(): AsyncGenerator<RunEvent> {
  for (let step = 1; step <= 3; step += 1) {
    yield { kind: "metrics", step, epoch: 1, values: { value: Math.random() } };
  }
  const tensors = new Map();
  yield { kind: "checkpoint", names: ["last"], step: 3, tensors, state: { epoch: 1 } };
}

async function collect(config: Record<string, string | number>): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of sealedEvents(drawing(), sealOf(config, "drawing"))) {
    Math.random(); // the consumer's draws are its own
    events.push(event);
  }
  return events;
}

const values = (events: readonly RunEvent[]): readonly number[] =>
  events.flatMap((event) => (event.kind === "metrics" ? Object.values(event.values) : []));

test("seeded: the draws follow from the seed, whoever else draws in between", async () => {
  const first = await collect({ ambientRandomness: "seeded", seed: 0 });
  const second = await collect({ ambientRandomness: "seeded", seed: 0 });
  expect(values(first)).toEqual(values(second));
  expect(new Set(values(first)).size).toBe(3);
  expect(values(await collect({ ambientRandomness: "seeded", seed: 1 }))).not.toEqual(
    values(first),
  );
});

test("seeded: a checkpoint holds where the generator stands", async () => {
  const events = await collect({ ambientRandomness: "seeded", seed: 7 });
  expect(events.at(-1)).toMatchObject({
    kind: "checkpoint",
    state: { epoch: 1, ambientState: { i: expect.any(Number), S: expect.any(Array) } },
  });
});

test("forbidden: a draw fails the run, and Math.random is itself again afterwards", async () => {
  const original = Math.random;
  await expect(collect({ ambientRandomness: "forbidden", seed: 0 })).rejects.toThrow(
    /Math\.random was called while the run computes/u,
  );
  expect(Math.random).toBe(original);
});

test("a config without the field is left alone", async () => {
  expect(await collect({ seed: 0 })).toHaveLength(4);
});

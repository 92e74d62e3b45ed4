/** When the rows of the trace are told: together, and before everything that comes from their steps. */
import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { maxWaitingRows } from "../../../src/train/waiting-rows.ts";
import { pointsInput, runToy, traceOf } from "./toy.ts";
import { membersWith } from "./user-kinds.ts";

/** The steps of rows that were told with no other event between them; the header has none. */
function bursts(events: readonly RunEvent[]): readonly (readonly unknown[])[] {
  const found: unknown[][] = [];
  let last: unknown[] | undefined;
  for (const event of events) {
    if (event.kind !== "trace") {
      last = undefined;
      continue;
    }
    if (last === undefined) found.push((last = []));
    last.push(event.row["step"]);
  }
  return found.slice(1);
}

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

test("rows are told with the line of the log, a numbered checkpoint, an evaluation, and else sixteen at once", async () => {
  const input = {
    ...pointsInput,
    logging: { interval: 5 },
    checkpointing: { interval: 8 },
    training: { numSteps: 9, batchSize: 4, evaluationInterval: 3 },
  };
  const { events } = await runToy(input);
  expect(bursts(events)).toEqual([[1, 2, 3], [4, 5], [6], [7, 8], [9]]);
  const rare = { ...input, logging: { interval: 1_000 }, checkpointing: { interval: null } };
  const training = { numSteps: 40, batchSize: 4, evaluationInterval: 40 };
  const long = await runToy({ ...rare, training });
  const most = maxWaitingRows;
  expect(bursts(long.events)).toEqual([
    numbers(1, most),
    numbers(most + 1, 2 * most),
    numbers(2 * most + 1, 40),
  ]);
});

test("a row is told before what follows from its step", async () => {
  const { events } = await runToy({ ...pointsInput, logging: { interval: 2 } });
  const steps: (readonly [step: number, told: number])[] = [];
  let told = 0;
  for (const event of events) {
    if (event.kind === "trace") told = Number(event.row["step"] ?? 0);
    if (event.kind === "checkpoint" || event.kind === "metrics") steps.push([event.step, told]);
    const logged = event.kind === "log" ? /^step (\d+)\//.exec(event.text)?.[1] : undefined;
    if (logged !== undefined) steps.push([Number(logged), told]);
  }
  expect(steps.length).toBeGreaterThan(6);
  expect(steps.map(([step]) => step)).toEqual(steps.map(([, rows]) => rows));
});

test("a step that throws leaves the rows of the steps before it", async () => {
  const members = membersWith((mlp) => ({
    forward: (parameters, batch, mode) => {
      if (mode.kind === "train" && mode.step === 4) throw new Error("no more");
      return mlp.forward(parameters, batch, mode);
    },
  }));
  const run = await runToy({ ...pointsInput, model: { kind: "broken" } }, { members });
  expect(run.error).toMatchObject({ message: expect.stringContaining("no more") });
  expect(traceOf(run).map(({ step }) => step)).toEqual([1, 2, 3]);
});

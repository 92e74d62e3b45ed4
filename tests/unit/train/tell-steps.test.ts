/** When steps are told: together where they may wait, and before everything that comes from them. */
import { keep, scalar } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { leakySteps } from "../../../src/train/leaks.ts";
import { eventsOf, pointsInput, runToy, traceOf, type FinishedToy } from "./toy.ts";
import { membersWith } from "./user-kinds.ts";

/** The steps of rows that were told with no other event between them. */
function bursts(events: readonly RunEvent[]): readonly (readonly unknown[])[] {
  const found: unknown[][] = [];
  let last: unknown[] | undefined;
  for (const event of events) {
    if (event.kind === "trace" && event.row["step"] === undefined) continue; // the header
    if (event.kind !== "trace") {
      last = undefined;
      continue;
    }
    if (last === undefined) found.push((last = []));
    last.push(event.row["step"]);
  }
  return found;
}

const input = {
  ...pointsInput,
  logging: { interval: 2 },
  checkpointing: { interval: 8 },
  training: { numSteps: 9, batchSize: 4, evaluationInterval: 3 },
};

test("each step is told by itself, or with those before it where it may wait and nothing is told of its state", async () => {
  const single = await runToy(input);
  expect(bursts(single.events)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((step) => [step]));
  const { events } = await runToy(input, { mayTellLater: () => true });
  expect(bursts(events)).toEqual([[1, 2, 3], [4, 5, 6], [7, 8], [9]]);
  let numAsked = 0;
  const inTurn = await runToy(input, { mayTellLater: () => numAsked++ % 2 === 0 });
  expect(bursts(inTurn.events)).toEqual([[1, 2], [3], [4, 5], [6], [7, 8], [9]]);
});

/** What is said but progress, in its order. */
function saidOf({ events }: FinishedToy): readonly string[] {
  return events.flatMap((event): readonly string[] => {
    if (event.kind === "progress") return [];
    if (event.kind !== "log") return [event.kind];
    return event.text.startsWith("peak memory") ? [] : [event.text];
  });
}

test("steps that waited have all their rows and lines, and the progress of the last of them", async () => {
  const [single, waited] = [await runToy(input), await runToy(input, { mayTellLater: () => true })];
  const stepsOf = (run: FinishedToy): readonly number[] =>
    eventsOf(run, "progress").flatMap(({ phase, step }) => (phase === "training" ? [step] : []));
  expect(stepsOf(single)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(stepsOf(waited)).toEqual([3, 6, 8, 9]);
  expect(traceOf(waited)).toEqual(traceOf(single));
  expect(saidOf(waited).toSorted()).toEqual(saidOf(single).toSorted());
});

test.each([false, true])(
  "a row is told before what follows from its step; may wait: %s",
  async (may) => {
    const options = { mayTellLater: () => may };
    const { events } = await runToy({ ...pointsInput, logging: { interval: 2 } }, options);
    const saved: (readonly [step: number, told: number])[] = [];
    const logged: (readonly [step: number, told: number])[] = [];
    let told = 0;
    for (const event of events) {
      if (event.kind === "trace") told = Number(event.row["step"] ?? 0);
      if (event.kind === "checkpoint" || event.kind === "metrics") saved.push([event.step, told]);
      const step = event.kind === "log" ? /^step (\d+)\//.exec(event.text)?.[1] : undefined;
      if (step !== undefined) logged.push([Number(step), told]);
    }
    expect([saved.length, logged.length]).toEqual([4, 5]);
    expect(saved.every(([step, rows]) => rows === step)).toBe(true);
    expect(logged.every(([step, rows]) => rows >= step)).toBe(true);
  },
);

test("the last line of those that are told waits for no later one", async () => {
  const { events } = await runToy(input, { mayTellLater: () => true });
  const waits = events.flatMap((event) =>
    event.kind === "log" && event.text.startsWith("step ") ? [event.mayWait === true] : [],
  );
  expect(waits).toEqual([false, true, false, false]); // of steps 2, then 4 and 6, then 8
});

test("the warning of a leak comes after the steps that it tells of", async () => {
  const members = membersWith((mlp) => ({
    forward: (parameters, batch, mode) => {
      if (mode.kind === "train") keep(scalar(1));
      return mlp.forward(parameters, batch, mode);
    },
  }));
  const training = { numSteps: leakySteps + 9, batchSize: 4, evaluationInterval: leakySteps + 9 };
  const { events } = await runToy(
    { ...pointsInput, model: { kind: "broken" }, training },
    { members, mayTellLater: () => true },
  );
  const warning = events.findIndex((event) => event.kind === "log" && event.level === "warning");
  const before = events.slice(0, warning).findLast(({ kind }) => kind === "trace");
  expect(before).toMatchObject({ row: { step: leakySteps } });
});

test("a step that throws leaves the rows of the steps before it", async () => {
  const members = membersWith((mlp) => ({
    forward: (parameters, batch, mode) => {
      if (mode.kind === "train" && mode.step === 4) throw new Error("no more");
      return mlp.forward(parameters, batch, mode);
    },
  }));
  const run = await runToy(
    { ...pointsInput, model: { kind: "broken" } },
    { members, mayTellLater: () => true },
  );
  expect(run.error).toMatchObject({ message: expect.stringContaining("no more") });
  expect(traceOf(run).map(({ step }) => step)).toEqual([1, 2, 3]);
});

/** Events of short steps are told many at a time: nothing but progress is left out, and nothing but rows changes its place. */
import { expect, test } from "vitest";
import { holdProgress, type HeldProgress } from "../../../src/app/held-progress.ts";
import { rowsOfText } from "../../../src/core/later-rows.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { singleEvents } from "../../../src/core/single-events.ts";

const longest = 45;

function progress(step: number, phase: "training" | "evaluation" = "training"): RunEvent {
  return { kind: "progress", phase, step, numSteps: 9, epoch: 1 };
}

const line: RunEvent = { kind: "log", level: "info", text: "step 2", mayWait: true };
const rows: RunEvent = { kind: "rows", numRows: 1, rows: () => [{ step: 2 }] };
const metrics: RunEvent = { kind: "metrics", step: 2, epoch: 1, values: {} };

interface Held extends HeldProgress {
  readonly told: RunEvent[];
  readonly time: { now: number };
}

/** With the progress of step 1 told. */
function held({ isEachTold = false }: { isEachTold?: boolean } = {}): Held {
  const [told, time]: [RunEvent[], { now: number }] = [[], { now: 100 }];
  const tell = (event: RunEvent): void => void told.push(event);
  const parts = holdProgress({ tell, isEachTold, now: () => time.now });
  parts.tell(progress(1));
  expect(told.splice(0)).toEqual([progress(1)]);
  return { ...parts, told, time };
}

test("progress, rows and lines that may wait are told with the first event after 45 ms, in their order", () => {
  const { tell, told, time } = held();
  time.now += longest - 1;
  for (const event of [rows, progress(2), line, progress(3), progress(4)]) tell(event);
  expect(told).toEqual([]);
  time.now += 1;
  tell(progress(5));
  expect(told).toEqual([rows, line, progress(5)]);
});

test("rows that are held are told together, with the first of them", () => {
  const { tell, told, time } = held();
  const text = (step: number): RunEvent => rowsOfText(1, () => `{"step":${step}}\n`);
  for (const event of [text(2), line, text(3), progress(3)]) tell(event);
  time.now += longest;
  tell(rows);
  const [joined, ...others] = told.splice(0);
  expect(joined).toMatchObject({ kind: "rows", numRows: 3 });
  expect(joined !== undefined && singleEvents(joined)).toEqual(
    [2, 3, 2].map((step) => ({ kind: "trace", row: { step } })),
  );
  expect(others).toEqual([line, progress(3)]);
});

test("whatever does not wait comes after what was held, at once", () => {
  for (const event of [
    metrics,
    { ...line, mayWait: false } as RunEvent,
    progress(2, "evaluation"),
  ]) {
    const { tell, told } = held();
    for (const each of [rows, progress(2), event]) tell(each);
    expect(told).toEqual([rows, progress(2), event]);
  }
});

test("what is held when a run ends is told, once", () => {
  const { tell, tellHeld, told } = held();
  tell(progress(2));
  tellHeld();
  tellHeld();
  expect(told).toEqual([progress(2)]);
});

test("where each step is to be told, nothing is held", () => {
  const { tell, told } = held({ isEachTold: true });
  for (const event of [progress(2), progress(3), line]) tell(event);
  expect(told).toEqual([progress(2), progress(3), line]);
});

test("what telling threw comes out, and is not told again", () => {
  const told: RunEvent[] = [];
  const { tell, tellHeld } = holdProgress({
    isEachTold: false,
    now: () => 0,
    tell: (event) => {
      told.push(event);
      if (event.kind === "rows") throw new Error("the disk is full");
    },
  });
  tell(metrics);
  tell(rows);
  expect(() => tell(metrics)).toThrow("the disk is full");
  tellHeld();
  expect(told).toEqual([metrics, rows]);
});

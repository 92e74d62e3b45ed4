import { expect, test } from "vitest";
import type { ExecutionEvent } from "../../../src/app/outcome.ts";
import { createProgressDisplay } from "../../../src/cli/progress.ts";
import { createTerminal } from "../../../src/cli/terminal.ts";
import { outcome, plan, plannedRun } from "./outcomes.ts";

const runs = [plannedRun(0, { lr: 0.1 }), plannedRun(1, { lr: 0.2 })];
const [first = plannedRun(0, {}), second = plannedRun(1, {})] = runs;

function step(number: number): ExecutionEvent {
  const event = {
    kind: "progress",
    phase: "training",
    step: number,
    numSteps: 10,
    epoch: 0,
    loss: 0.5,
  } as const;
  return { kind: "run-event", run: first, event };
}

/** What is written while 10 steps of two seconds each pass. */
function show(isTTY: boolean): string {
  let text = "";
  let now = 0;
  const stream = { isTTY, columns: 120, write: (part: string) => (text += part) };
  const terminal = createTerminal(stream, { NO_COLOR: "1" });
  const displayPath = (directory: string): string => directory.replace("/project/", "");
  const display = createProgressDisplay({ terminal, now: () => now, displayPath });
  display.show({ kind: "execution-started", plan: plan(runs), numReused: 0 });
  display.show({ kind: "run-started", run: first, directory: "/project/runs/.attempts/a/1" });
  for (let number = 1; number <= 10; number += 1) {
    now += 2_000;
    display.show(step(number));
  }
  display.show({ kind: "run-ended", outcome: outcome(first, { accuracy: 0.9 }) });
  display.show({ kind: "run-started", run: second, directory: "/project/runs/.attempts/b/1" });
  display.close();
  return text;
}

test("anything but a screen gets plain lines, one in five seconds", () => {
  expect(show(false)).toMatchInlineSnapshot(`
    "[1/2] lr=0.1  started
    [1/2] lr=0.1  ━━━━━━━━━━━─────────────────  step 4/10  loss 0.5000  ETA 0:12 (all 0:34)
    [1/2] lr=0.1  ━━━━━━━━━━━━━━━━━━━━────────  step 7/10  loss 0.5000  ETA 0:06 (all 0:28)
    [1/2] lr=0.1  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━  step 10/10  loss 0.5000  ETA 0:00 (all 0:22)
    [1/2] lr=0.1  finished  validation.accuracy 0.9000  test.accuracy 0.8900  1:01  runs/a000000000000000
    [2/2] lr=0.2  started
    "
  `);
});

test("a screen gets one line that is redrawn, with a bar, the loss and the time left", () => {
  const text = show(true);
  expect(text).toContain("\r\u001b[2K[1/2] lr=0.1  ━━");
  expect(text).toContain("step 5/10  loss 0.5000  ETA 0:10 (all 0:32)");
  expect(text.split("\n")).toHaveLength(2); // only the end of a run leaves a line
});

/** Two runs at once, ten steps of a second each; the second begins two seconds after the first. */
function showTwo(isTTY: boolean): string {
  let text = "";
  let now = 0;
  const stream = { isTTY, columns: 100, write: (part: string) => (text += part) };
  const terminal = createTerminal(stream, { NO_COLOR: "1" });
  const displayPath = (directory: string): string => directory.replace("/project/", "");
  const display = createProgressDisplay({ terminal, now: () => now, displayPath });
  display.show({
    kind: "execution-started",
    plan: plan([...runs, plannedRun(2, { lr: 0.3 })]),
    numReused: 0,
  });
  display.show({ kind: "run-started", run: first, directory: "/project/runs/.attempts/a/1" });
  for (let number = 1; number <= 10; number += 1) {
    now += 1_000;
    if (number === 3) display.show({ kind: "run-started", run: second, directory: "/project/b" });
    display.show(step(number));
    if (number >= 3) display.show({ ...step(number - 2), run: second } as ExecutionEvent);
  }
  display.show({ kind: "output", run: second, text: "a word\u001b[2J of the task" });
  display.show({ kind: "run-ended", outcome: outcome(first, { accuracy: 0.9 }) });
  display.close();
  return text;
}

test("several runs share one line of a log, with what they print between", () => {
  expect(showTwo(false)).toMatchInlineSnapshot(`
    "[1/3] lr=0.1  started
    [2/3] lr=0.2  started
    0 of 3 runs ended, 2 running  ETA 0:14  [1] 60 %  [2] 30 %
    [2/3] a word\\x1b[2J of the task
    [1/3] lr=0.1  finished  validation.accuracy 0.9000  test.accuracy 0.8900  1:01  runs/a000000000000000
    "
  `);
});

test("several runs have a line each on a screen, and one for all below", () => {
  const text = showTwo(true);
  expect(text).toContain("[1/3] lr=0.1  ━");
  expect(text).toMatch(/\[2\/3\] lr=0\.2 {2}[^\n]*\n0 of 3 runs ended, 2 running {2}ETA 0:\d\d/u);
  // Two lines up, so that all three are drawn over.
  expect(text).toContain("\r\u001b[2K\u001b[1A\r\u001b[2K\u001b[1A\r\u001b[2K[1/3]");
  expect(text).toContain("[2/3] a word\\x1b[2J of the task\n");
});

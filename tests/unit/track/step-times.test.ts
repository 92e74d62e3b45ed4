/** Times of steps: spread over the run, and never running backwards. */
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../../src/store/store.ts";
import { createMlflowTarget } from "../../../src/track/mlflow/target.ts";
import { lastStepOf } from "../../../src/track/metric-rows.ts";
import { evenTimes, timesOfSending } from "../../../src/track/step-times.ts";
import { exportRun } from "../../../src/track/target.ts";
import { temporaryFolder } from "../store/helpers.ts";
import { attemptOptions, begin } from "../store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "./helpers.ts";
import { createFakeServer } from "./mlflow/fake-server.ts";

function logOf(numRows: number): { readonly directory: string; readonly log: string } {
  const directory = temporaryFolder();
  mkdirSync(join(directory, "logs"));
  const log = join(directory, "logs/metrics.jsonl");
  const rows = Array.from({ length: numRows }, (_, index) => rowOf(index + 1));
  writeFileSync(log, rows.join(""));
  return { directory, log };
}

function rowOf(step: number, text = ""): string {
  return `${JSON.stringify({ step, epoch: 0, [`loss${text}`]: 1 })}\n`;
}

test("the last step is that of the last whole row, however long it is", () => {
  const { files } = viewTools;
  const { directory, log } = logOf(2000);
  expect(lastStepOf(files, directory)).toBe(2000);
  appendFileSync(log, rowOf(2001, "x".repeat(200_000)));
  expect(lastStepOf(files, directory)).toBe(2001);
  appendFileSync(log, '{"step":2002,');
  expect(lastStepOf(files, directory)).toBe(2001);
  expect(lastStepOf(files, temporaryFolder())).toBe(0);
});

test("a run without results is spread over its time, and nothing is before what was sent", () => {
  const root = temporaryFolder();
  const attempt = begin(openStore(root), attemptOptions());
  attempt.record({ kind: "metrics", step: 10, epoch: 1, values: { loss: 1 } });
  const running = { ...viewOf(root, attempt.directory), startedMs: 1000 };
  const tools = { ...viewTools, now: () => new Date(2000) };
  const steps = [1, 5, 10];
  expect(steps.map(evenTimes(tools, running))).toEqual([1100, 1500, 2000]);
  expect(steps.map(timesOfSending(tools, running, {}))).toEqual([2000, 2000, 2000]);
  const failed = { ...running, status: "failed", endedMs: 3000 } as const;
  expect(steps.map(timesOfSending(tools, failed, {}))).toEqual([1200, 2000, 3000]);
  expect(steps.map(timesOfSending(tools, failed, { lastMs: 2500 }))).toEqual([2500, 2500, 3000]);
});

test("MLflow is told growing times of a failed run of more rows than one part, also after live ones", async () => {
  const root = temporaryFolder();
  const attempt = begin(openStore(root), attemptOptions());
  const server = createFakeServer();
  const send = async (nowMs: number, changes: object): Promise<void> => {
    const target = createMlflowTarget({
      access: { url: "http://mlflow" },
      experiment: undefined,
      artifacts: { checkpoints: false },
      files: viewTools.files,
      now: () => new Date(nowMs),
      tools: {
        fetch: server.fetch,
        sleep: async () => {},
        timeLimitMs: 1000,
        maxTries: 1,
        delayMs: 1,
      },
    });
    const view = { ...viewOf(root, attempt.directory), startedMs: 1000, ...changes };
    await exportRun(exportTools(), target, view);
  };
  const record = (from: number, to: number): void => {
    for (let step = from; step <= to; step++)
      attempt.record({ kind: "metrics", step, epoch: 1, values: { loss: 1 } });
  };
  record(1, 10);
  await send(1500, {});
  record(11, 1200);
  await send(0, { status: "failed", endedMs: 13_000 });
  const times = [...server.runs.values()].flatMap(({ metrics }) =>
    metrics.map(({ timestamp }) => timestamp),
  );
  expect(times).toHaveLength(1200);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect([times[599], times[1199]]).toEqual([7000, 13_000]);
});

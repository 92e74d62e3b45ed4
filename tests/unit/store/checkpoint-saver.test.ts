import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/run-events.ts";
import type { Attempt } from "../../../src/store/attempt.ts";
import { readCheckpoint } from "../../../src/store/checkpoint-files.ts";
import { openStore } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin } from "./sample-run.ts";

/** A clock that moves on by that much each time that somebody looks at it. */
interface Clock {
  now: number;
  milliseconds: number;
}

function clockWith(milliseconds: number): Clock {
  return { now: Date.UTC(2026, 0, 2), milliseconds };
}

function startedWith(time: Clock): Attempt {
  const clock = (): Date => new Date((time.now += time.milliseconds));
  return begin(openStore(temporaryFolder(), { clock }), attemptOptions());
}

function checkpoint(step: number, ...names: string[]): RunEvent {
  const tensors = new Map([
    ["w", { dtype: "F32" as const, shape: [1], values: Float32Array.of(step) }],
  ]);
  const mayWait = !names.some((name) => name.startsWith("step-"));
  return { kind: "checkpoint", names, step, tensors, state: { step }, mayWait };
}

const log: RunEvent = { kind: "log", level: "info", text: "time goes by" };

function stepOf(attempt: Attempt, name: string): number | undefined {
  const path = join(attempt.directory, `checkpoints/${name}.safetensors`);
  return existsSync(path) ? readCheckpoint(readFileSync(path)).step : undefined;
}

function savedRows(attempt: Attempt): readonly unknown[] {
  return readFileSync(join(attempt.directory, "logs/events.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line.includes('"kind":"checkpoint"'))
    .map((line) => {
      const { step, names } = JSON.parse(line) as { step: number; names: string[] };
      return [step, ...names];
    });
}

test("the first checkpoint waits until five seconds after the beginning, and a newer one takes its place", () => {
  const clock = clockWith(0);
  const attempt = startedWith(clock);
  attempt.record(checkpoint(1, "last"));
  clock.now += 4_999;
  attempt.record(checkpoint(2, "last"));
  expect(stepOf(attempt, "last")).toBeUndefined();
  clock.now += 1;
  attempt.record(log);
  expect(stepOf(attempt, "last")).toBe(2);
});

test("where saving takes no time, every later checkpoint is saved at once", () => {
  const clock = clockWith(0);
  const attempt = startedWith(clock);
  clock.now += 5_000;
  for (const step of [1, 2]) {
    attempt.record(checkpoint(step, "last"));
    expect(stepOf(attempt, "last")).toBe(step);
  }
});

test("a checkpoint waits four hundred times as long as saving took, and a newer one takes its place", () => {
  const clock = clockWith(10);
  const attempt = startedWith(clock);
  clock.now += 5_000;
  attempt.record(checkpoint(1, "last", "best"));
  attempt.record(checkpoint(2, "last", "best"));
  attempt.record(checkpoint(3, "last"));
  attempt.record(log);
  expect([stepOf(attempt, "last"), stepOf(attempt, "best")]).toEqual([1, 1]);
  clock.milliseconds = 10_000;
  attempt.record(log);
  expect([stepOf(attempt, "last"), stepOf(attempt, "best")]).toEqual([3, 2]);
  expect(savedRows(attempt)).toEqual([
    [1, "last", "best"],
    [2, "best"],
    [3, "last"],
  ]);
});

test("no checkpoint waits longer than five seconds, however long saving takes", () => {
  const clock = clockWith(400);
  const attempt = startedWith(clock);
  clock.now += 5_000;
  attempt.record(checkpoint(1, "last"));
  attempt.record(checkpoint(2, "last"));
  expect(stepOf(attempt, "last")).toBe(1);
  clock.milliseconds = 5_000;
  attempt.record(log);
  expect(stepOf(attempt, "last")).toBe(2);
});

test("what a task of one's own saves does not wait", () => {
  const attempt = startedWith(clockWith(10));
  attempt.record(checkpoint(1, "last"));
  attempt.record({ ...checkpoint(2, "last"), mayWait: false } as RunEvent);
  expect(stepOf(attempt, "last")).toBe(2);
});

test("a numbered checkpoint does not wait, and takes along what does", () => {
  const attempt = startedWith(clockWith(10));
  attempt.record(checkpoint(1, "last"));
  attempt.record(checkpoint(2, "last"));
  attempt.record(checkpoint(3, "step-000003"));
  expect([stepOf(attempt, "last"), stepOf(attempt, "step-000003")]).toEqual([2, 3]);
});

test("a checkpoint that waits counts on the rows up to its own place", () => {
  const attempt = startedWith(clockWith(10));
  attempt.record(checkpoint(1, "last"));
  attempt.record({ kind: "trace", row: { step: 2 } });
  attempt.record(checkpoint(2, "last"));
  attempt.record({ kind: "trace", row: { step: 3 } });
  attempt.fail(new Error("stopped"));
  const path = join(attempt.directory, "checkpoints/last.safetensors");
  const { step, logs } = readCheckpoint(readFileSync(path));
  expect([step, logs.trace.numBytes]).toEqual([2, '{"step":2}\n'.length]);
});

test("what waits is saved when the run ends", () => {
  const attempt = startedWith(clockWith(10));
  attempt.record(checkpoint(1, "last"));
  attempt.record(checkpoint(2, "last"));
  attempt.record({ kind: "result", step: 2, metrics: {}, details: {} });
  attempt.finish();
  expect(stepOf(attempt, "last")).toBe(2);
});

test("a checkpoint that waits holds what its tensors were when it was told, whatever the task makes of them", () => {
  const clock = clockWith(0);
  const attempt = startedWith(clock);
  const values = new Float32Array(1);
  const record = (step: number, ...names: string[]): void => {
    values[0] = step;
    const tensors = new Map([["w", { dtype: "F32" as const, shape: [1], values }]]);
    attempt.record({ ...checkpoint(step, ...names), tensors, isLive: true } as RunEvent);
  };
  record(1, "last", "best");
  for (const step of [2, 3, 4]) record(step, "last"); // in the memory of one that was replaced
  record(5, "step-000005"); // saves all
  values[0] = 6;
  const valuesOf = (name: string): unknown => {
    const path = join(attempt.directory, `checkpoints/${name}.safetensors`);
    return [...(readCheckpoint(readFileSync(path)).tensors.get("w")?.values ?? [])];
  };
  expect(["best", "last", "step-000005"].map(valuesOf)).toEqual([[1], [4], [5]]);
});

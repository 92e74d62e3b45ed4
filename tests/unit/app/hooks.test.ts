import { expect, test } from "vitest";
import { callHook } from "../../../src/app/hooks.ts";
import { plannedRun } from "../cli/outcomes.ts";

const event = { kind: "log", level: "info", text: "hello" } as const;

test("a hook is told the event and which run it is of", () => {
  const calls: unknown[] = [];
  const run = plannedRun(3, { seed: 7 });
  expect(callHook((...given) => void calls.push(given), event, run)).toBeUndefined();
  expect(calls).toEqual([[event, { index: 3, runKey: run.runKey, axisValues: { seed: 7 } }]]);
});

test("what a hook throws becomes a warning", () => {
  const hook = (): void => {
    throw new TypeError("no such chart");
  };
  expect(callHook(hook, event, plannedRun(0, {}))).toEqual({
    kind: "log",
    level: "warning",
    text: "onEvent threw at log: no such chart",
  });
});

test("no hook, nothing to say", () => {
  expect(callHook(undefined, event, plannedRun(0, {}))).toBeUndefined();
});

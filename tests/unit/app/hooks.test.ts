import { expect, test } from "vitest";
import { callHook, type OnEvent } from "../../../src/app/hooks.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { plannedRun } from "../cli/outcomes.ts";

const event = { kind: "log", level: "info", text: "hello" } as const;

function call(hook: OnEvent | undefined): RunEvent[] {
  const warnings: RunEvent[] = [];
  const warn = (warning: RunEvent): void => void warnings.push(warning);
  callHook(hook, { event, run: plannedRun(3, { seed: 7 }), warn });
  return warnings;
}

test("a hook is told the event and which run it is of", () => {
  const calls: unknown[] = [];
  expect(call((...given) => calls.push(given))).toEqual([]);
  const { runKey } = plannedRun(3, {});
  expect(calls).toEqual([[event, { index: 3, runKey, axisValues: { seed: 7 } }]]);
});

test("what a hook throws becomes a warning", () => {
  const warnings = call(() => {
    throw new TypeError("no such chart");
  });
  const text = "onEvent threw at log: no such chart";
  expect(warnings).toEqual([{ kind: "log", level: "warning", text }]);
});

test("a rejected promise becomes a warning, not the end of the process", async () => {
  const warnings = call(async () => {
    await Promise.resolve();
    throw new Error("too late");
  });
  expect(warnings).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toMatchObject([{ text: "onEvent threw at log: too late" }]);
});

test("no hook, nothing to say", () => {
  expect(call(undefined)).toEqual([]);
});

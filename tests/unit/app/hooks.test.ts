import { expect, test } from "vitest";
import { createHooks } from "../../../src/app/hooks.ts";
import { createRunHooks } from "../../../src/app/run-hooks.ts";
import { watchStrays } from "../../../src/app/strays.ts";
import { ExpError } from "../../../src/core/errors.ts";
import type { HookEvent, HookRun, NamedHook, OnEvent } from "../../../src/core/hooks.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { plannedRun } from "../cli/outcomes.ts";

const event = { kind: "log", level: "info", text: "hello" } as const;
const planned = plannedRun(3, { seed: 7 });

function named(...hooks: readonly OnEvent[]): NamedHook[] {
  return hooks.map((onEvent, index) => ({ from: `hook ${String(index)}`, onEvent }));
}

function about(): HookRun {
  const { index, runKey, configHash, groupHash, axisValues, config } = planned;
  const directory = "/runs/a";
  return { index, experiment: "e", runKey, configHash, groupHash, axisValues, config, directory };
}

function call(hooks: readonly NamedHook[], patienceMs?: number) {
  const warnings: string[] = [];
  const warn = (told: RunEvent): void => {
    if (told.kind === "log") warnings.push(told.text);
  };
  const called = createHooks(hooks, { warn, ...(patienceMs !== undefined && { patienceMs }) });
  called.tell(event, about());
  return { ...called, warnings };
}

test("every hook is told the event and which run it is of, in order", () => {
  const calls: unknown[] = [];
  const tell =
    (name: string): OnEvent =>
    (...given) =>
      calls.push([name, ...given]);
  expect(call(named(tell("own"), tell("project"))).warnings).toEqual([]);
  expect(calls).toEqual([
    ["own", event, about()],
    ["project", event, about()],
  ]);
});

test("what a hook throws becomes a warning, once a kind of event, and the others are called", async () => {
  let numCalls = 0;
  const broken = (): never => {
    throw new TypeError("no such chart");
  };
  const hooks = call(named(broken, () => (numCalls += 1)));
  for (let round = 0; round < 4; round += 1) hooks.tell(event, about());
  expect(hooks.warnings).toEqual(["onEvent of hook 0 threw at log: no such chart"]);
  expect(numCalls).toBe(5);
  await hooks.settle();
  expect(hooks.warnings.slice(1)).toEqual(["onEvent of hook 0 threw at log 5 times in all"]);
});

test("a rejected promise becomes a warning, which settling waits for", async () => {
  const hooks = call(
    named(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error("too late");
    }),
  );
  expect(hooks.warnings).toEqual([]);
  await hooks.settle();
  expect(hooks.warnings).toEqual(["onEvent of hook 0 threw at log: too late"]);
});

test("a hook that never ends is waited for a limited time", async () => {
  const hooks = call(
    named(() => new Promise(() => undefined)),
    30,
  );
  await hooks.settle();
  expect(hooks.warnings).toEqual([
    "1 call of onEvent did not end in time: not waited for any longer",
  ]);
});

test("an error that a hook lets nobody wait for is nobody's failure; process.exit in it throws", async () => {
  const watch = watchStrays();
  try {
    const own = await watch.during("run", async (strays) => {
      call(named(() => void Promise.reject(new Error("dropped"))));
      await new Promise((resolve) => setTimeout(resolve, 5));
      return strays.take();
    });
    expect(own).toBeUndefined();
    expect(watch.takeLate()).toEqual([
      { name: "hook 0", isHook: true, error: new Error("dropped") },
    ]);
  } finally {
    watch.release();
  }
});

test("a run tells its beginning, what its task says, and its end with the folder that it came to lie in", async () => {
  const told: [HookEvent, string][] = [];
  const hooks = named((said, { directory }) => told.push([said, directory]));
  const warn = (): void => undefined;
  const run = createRunHooks({ run: planned, experiment: "e", hooks, warn });
  run.tell(event); // before it has begun
  run.begin("/runs/.attempts/a/1");
  run.tell(event);
  const outcome = { run: planned, directory: "/runs/a", hasDirectory: true, isReused: false };
  await run.end({ ...outcome, status: "finished", metrics: { loss: 0.5 }, durationMs: 12 });
  await run.end({ ...outcome, status: "paused", metrics: {} });
  const error = new ExpError("training", "The loss is NaN.");
  await run.end({ ...outcome, status: "failed", metrics: {}, error });
  expect(told).toEqual([
    [{ kind: "started" }, "/runs/.attempts/a/1"],
    [event, "/runs/.attempts/a/1"],
    [{ kind: "finished", metrics: { loss: 0.5 }, durationMs: 12 }, "/runs/a"],
    [{ kind: "stopped" }, "/runs/a"],
    [{ kind: "failed", code: "training", message: "The loss is NaN." }, "/runs/a"],
  ]);
});

test("what a hook writes into an event reaches neither a record nor a result", async () => {
  const values = Float32Array.from([1, 2]);
  const tensors = new Map([["weight", { dtype: "F32", shape: [2], values } as const]]);
  const said: RunEvent[] = [
    { kind: "metrics", step: 1, epoch: 1, values: { loss: 0.5 } },
    { kind: "checkpoint", names: ["last"], step: 1, tensors, state: { best: [1] } },
  ];
  const before = structuredClone(said);
  const seen: HookEvent[] = [];
  const spoil: OnEvent = (told) => {
    seen.push(structuredClone(told));
    if (told.kind === "metrics" || told.kind === "finished") {
      Object.assign("values" in told ? told.values : told.metrics, { loss: 0 });
    }
    if (told.kind !== "checkpoint") return;
    told.tensors.get("weight")?.values.fill(0);
    Object.assign(told.state, { best: [] });
  };
  const warn = (): void => undefined;
  const hooks = named(spoil, spoil);
  const run = createRunHooks({ run: planned, experiment: "e", hooks, warn });
  run.begin("/runs/a");
  for (const one of said) run.tell(one);
  const metrics = { loss: 0.5 };
  const outcome = { run: planned, directory: "/runs/a", hasDirectory: true, isReused: false };
  await run.end({ ...outcome, status: "finished", metrics, durationMs: 1 });
  expect(said).toEqual(before);
  expect(metrics).toEqual({ loss: 0.5 });
  expect(seen.filter(({ kind }) => kind === "checkpoint")).toEqual([before[1], before[1]]);
});

test("what a hook writes into its copy of the config reaches no task", () => {
  const hooks = named((_, { config }) => {
    Object.assign(config, { seed: 99 });
  });
  const run = { ...planned, config: { seed: 7 } };
  createRunHooks({ run, experiment: "e", hooks, warn: () => undefined }).begin("/runs/a");
  expect(run.config).toEqual({ seed: 7 });
});

test("rows that are made together are told one by one, and made for nobody where there is no hook", () => {
  const told: unknown[] = [];
  const rows: RunEvent = { kind: "rows", numRows: 2, rows: () => [{ step: 1 }, { step: 2 }] };
  const given = { run: planned, experiment: "e", warn: () => undefined };
  const hooks = createRunHooks({ ...given, hooks: named((event) => told.push(event)) });
  hooks.begin("/runs/a");
  hooks.tell(rows);
  const expected = [1, 2].map((step) => ({ kind: "trace", row: { step } }));
  expect(told.slice(1)).toEqual(expected);
  const nobody = createRunHooks({ ...given, hooks: [] });
  nobody.begin("/runs/a");
  const make = (): never => {
    throw new Error("made for nobody");
  };
  nobody.tell({ kind: "rows", numRows: 1, rows: make });
});

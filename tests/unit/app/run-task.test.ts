/** Both shapes of a task come to the same events, and whatever a task does wrong is said in words. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { runTask, type TaskRun } from "../../../src/app/run-task.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
import type { RunContext } from "../../../src/core/task.ts";
import type { ResumeSearch } from "../../../src/store/resume.ts";

type Run = (context: RunContext<JsonObject>) => unknown;

interface Execution {
  readonly events: RunEvent[];
  readonly done: Promise<void>;
  readonly controller: AbortController;
  readonly checks: number[];
}

function execute(run: Run, changes: Partial<TaskRun> & { config?: JsonObject } = {}): Execution {
  const { config = { seed: 1 }, ...parts } = changes;
  const runDirectory = mkdtempSync(join(tmpdir(), "lockstep-run-"));
  onTestFinished(() => rmSync(runDirectory, { recursive: true, force: true }));
  const [events, checks]: [RunEvent[], number[]] = [[], []];
  const controller = new AbortController();
  const { signal } = controller;
  const done = runTask({
    task: { name: "walk", run: run as never },
    inputs: { config, projectDirectory: "/project", backend: "cpu", signal },
    runDirectory,
    earlierAttempts: () => [],
    resume: () => ({ point: undefined, leftOut: [] }),
    checkCode: async () => void checks.push(events.length),
    record: (event) => void events.push(event),
    ...parts,
  });
  return { events, done, controller, checks };
}

async function eventsOf(
  run: Run,
  changes: Parameters<typeof execute>[1] = {},
): Promise<RunEvent[]> {
  const { events, done } = execute(run, changes);
  await done;
  return events;
}

test("training alone is let tell steps together, and not where somebody counts on each", async () => {
  const given = async (sealsItself: boolean, isEachStepTold: boolean): Promise<unknown> => {
    let asked: unknown;
    const run: Run = async function* (context) {
      asked = context.mayTellLater?.();
      yield { kind: "result", step: 1, metrics: {}, details: {} };
    };
    const task = { name: "walk", run: run as never, sealsItself };
    await eventsOf(run, { task, isEachStepTold });
    return asked;
  };
  expect(await given(true, false)).toBe(false); // the first step is told at once
  expect([await given(true, true), await given(false, false)]).toEqual([undefined, undefined]);
});

const tensors = new Map([
  ["w", { dtype: "F32", shape: [2], values: Float32Array.of(1, 2) }],
] as const);

const shapes: Readonly<Record<"calls" | "yields", Run>> = {
  calls: async ({ log, checkpoint }) => {
    log("hello");
    for (let step = 1; step <= 2; step++) {
      log.metrics(step, { "train.loss": 1 / step });
      log.progress(step, 2, { loss: 1 / step });
      await checkpoint.save({ step, state: { draw: Math.random() }, tensors });
    }
    return { value: 7, none: NaN };
  },
  yields: async function* () {
    yield { kind: "log", level: "info", text: "hello" };
    for (let step = 1; step <= 2; step++) {
      yield { kind: "metrics", step, epoch: 0, values: { "train.loss": 1 / step } };
      const progress = { phase: "training", step, numSteps: 2, epoch: 0, loss: 1 / step } as const;
      yield { kind: "progress", ...progress };
      yield { kind: "checkpoint", names: ["last"], step, tensors, state: { draw: Math.random() } };
    }
    yield { kind: "result", step: 2, metrics: { value: 7, none: NaN }, details: {} };
  },
};

test.each([{ ambientRandomness: "seeded", seed: 5 }])(
  "a task that calls and one that yields come to the same events, under the same seal (%j)",
  async (config) => {
    const called = await eventsOf(shapes.calls, { config });
    expect(called).toEqual(await eventsOf(shapes.yields, { config }));
    expect(called.map(({ kind }) => kind)).toEqual([
      "log",
      "metrics",
      "progress",
      "checkpoint",
      "metrics",
      "progress",
      "checkpoint",
      "result",
    ]);
    expect(called.at(-1)).toMatchObject({ step: 2, metrics: { value: 7, none: NaN } });
    expect(called[3]).toMatchObject({ state: { ambientState: { S: expect.any(Array) } } });
  },
);

test.each(Object.entries(shapes))(
  "a forbidden draw ends the run, and hooks and stores may draw (%s)",
  async (_, run) => {
    const draws: number[] = [];
    const record = (): void => void draws.push(Math.random());
    const { done } = execute(run, { config: { ambientRandomness: "forbidden", seed: 1 }, record });
    await expect(done).rejects.toThrow("Math.random was called while the run computes");
    expect(draws).toHaveLength(3);
  },
);

test("events of a promise come while it works, one by one", async () => {
  const { events, done } = execute(async ({ log }) => {
    log("first");
    await sleep(20);
    log("second\nthird");
  });
  expect(events).toMatchObject([{ text: "first" }]);
  await done;
  expect(events).toMatchObject([
    { text: "first" },
    { text: "second" },
    { text: "third" },
    { kind: "result", step: 0, metrics: {} },
  ]);
});

test("the code is looked at once the task has begun, before its result", async () => {
  const { checks, done } = execute(async ({ log }) => log("one"));
  await done;
  expect(checks).toEqual([1]);
  const changed = async (): Promise<void> => {
    throw new Error("changed");
  };
  const { done: refused } = execute(() => new Promise(() => undefined), { checkCode: changed });
  await expect(refused).rejects.toThrow("changed");
});

const wrong: readonly (readonly [string, Run, string])[] = [
  ["a text", async () => "0.9", 'gave back a promise of the text "0.9"'],
  ["a function", () => () => 1, "gave back a function; expected metrics"],
  ["a number", async () => 0.9, "gave back a promise of 0.9"],
  ["a list", async () => [1], "gave back a promise of a list"],
  ["nothing at once", () => undefined, "gave back nothing at once, not a promise"],
  ["metrics at once", () => ({ value: 1 }), "gave back an object; expected metrics"],
  [
    "a stream in a promise",
    async () => (async function* () {})(),
    "a promise of a stream of events",
  ],
];

test.each(wrong)("%s is no result of a task", async (_, run, message) => {
  await expect(execute(run).done).rejects.toThrow(message);
});

test("what cannot be written down ends the run, also where the task catches it", async () => {
  const record = (): void => {
    throw new Error("disk full");
  };
  const { done } = execute(
    async ({ log }) => {
      try {
        log("one");
      } catch {
        return { value: 1 };
      }
      return {};
    },
    { record },
  );
  await expect(done).rejects.toThrow("disk full");
});

test("after Ctrl-C the next checkpoint ends the run, and so does the signal itself", async () => {
  const saved = execute(async ({ checkpoint }) => {
    for (let step = 1; ; step++) await checkpoint.save({ step });
  });
  setTimeout(() => saved.controller.abort("SIGINT"), 5);
  await expect(saved.done).rejects.toMatchObject({ code: "interrupted" });
  expect(saved.events.at(-1)?.kind).toBe("checkpoint");
  const sleeping: Run = ({ signal }) => sleep(5_000, undefined, { signal });
  const looking: Run = async ({ signal }): Promise<never> => {
    for (;;) {
      await sleep(1);
      signal.throwIfAborted();
    }
  };
  for (const run of [sleeping, looking]) {
    const waiting = execute(run);
    setTimeout(() => waiting.controller.abort("SIGTERM"), 5);
    await expect(waiting.done).rejects.toMatchObject({ code: "interrupted" });
  }
});

test("a real error after Ctrl-C stays what it is", async () => {
  const { controller, done } = execute(async () => {
    await sleep(10);
    throw new RangeError("broken");
  });
  controller.abort("SIGINT");
  await expect(done).rejects.toThrow(RangeError);
});

test("a run goes on with the state, the tensors, the step and the generator of its checkpoint", async () => {
  const config = { ambientRandomness: "seeded", seed: 2 };
  const draws: number[] = [];
  const [first] = await eventsOf(
    async ({ checkpoint }) => {
      draws.push(Math.random());
      await checkpoint.save({ step: 4, state: { sum: 1 }, tensors });
      draws.push(Math.random());
    },
    { config },
  );
  if (first?.kind !== "checkpoint") throw new Error("expected a checkpoint");
  const { state } = first;
  const search: ResumeSearch = {
    point: { step: 4, state, tensors: first.tensors, attempt: 3, name: "last", sha256: "ab" },
    leftOut: ["left out a damaged checkpoint: b.safetensors: cut off."],
  };
  for (const late of [false, true]) {
    const events = await eventsOf(
      async ({ checkpoint }) => {
        if (late) Math.random();
        const saved = await checkpoint.latest();
        expect(saved).toEqual({ step: 4, state: { sum: 1 }, tensors: first.tensors });
        expect(await checkpoint.latest()).toBe(saved);
        return { draw: Math.random() };
      },
      { config, resume: () => search },
    );
    expect(events).toMatchObject([
      { level: "warning", text: "left out a damaged checkpoint: b.safetensors: cut off." },
      {
        level: "info",
        text: expect.stringMatching(
          /^goes on after step 4, from a checkpoint of attempt 3: last, whole/,
        ),
      },
      { kind: "result", step: 4, metrics: { draw: draws[1] } },
    ]);
  }
});

test("checkpoints hold copies, and know which keys are not theirs", async () => {
  const values = Float32Array.of(1, 2);
  const events = await eventsOf(async ({ checkpoint }) => {
    const held = new Map([["w", { dtype: "F32", shape: [2], values }]] as const);
    await checkpoint.save({ step: 1, tensors: held, names: ["last", "step-1"], keep: 3 });
    values.fill(9);
    await expect(checkpoint.latest()).rejects.toThrow("was called after checkpoint.save()");
    await expect(checkpoint.save({ step: 2, state: { ambientState: 1 } })).rejects.toThrow(
      "cannot have the key ambientState",
    );
  });
  expect(events[0]).toMatchObject({ names: ["last", "step-1"], keep: 3, state: {} });
  expect(events[0]?.kind === "checkpoint" && events[0].tensors.get("w")?.values).toEqual(
    Float32Array.of(1, 2),
  );
});

test("what comes after the end of a run is lost, and reaches no other run", async () => {
  let late: (() => void) | undefined;
  const { events, done } = execute(async ({ log }) => {
    late = () => log("late");
  });
  await done;
  late?.();
  expect(events.map(({ kind }) => kind)).toEqual(["result"]);
});

test("a seeded generator needs a seed", async () => {
  const { done } = execute(async () => ({}), { config: { ambientRandomness: "seeded" } });
  await expect(done).rejects.toThrow(
    'ambientRandomness is "seeded", and the task walk has no seed',
  );
});

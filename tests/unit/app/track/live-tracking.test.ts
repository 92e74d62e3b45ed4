/** The process that executes runs, and its tracker: told of runs, waited for, and gone without harm. */
import { expect, onTestFinished, test, vi } from "vitest";
import type { ExecutionEvent, PlannedRun, RunOutcome } from "../../../../src/app/outcome.ts";
import { trackExecution, type TrackedExecution } from "../../../../src/app/track/live-tracking.ts";
import type { TrackerEvents } from "../../../../src/app/track/tracker-process.ts";
import type { ToTracker } from "../../../../src/app/track/tracker-messages.ts";
import type { Unsent } from "../../../../src/app/track/tracker.ts";
import type { Plan } from "../../../../src/resolve/plan.ts";
import type { JsonObject } from "../../../../src/core/json.ts";

interface Told {
  readonly messages: ToTracker[];
  readonly texts: string[];
  /** Texts before the first run. */
  numBefore: number;
  numStarted: number;
}

interface Setting {
  readonly config?: JsonObject;
  readonly changes?: Partial<TrackedExecution>;
  readonly unsent?: readonly Unsent[] | undefined;
  readonly onFinish?: () => void;
  readonly onStart?: (events: TrackerEvents) => void;
}

/** Executes a run that is found finished, and one that has this config. */
const address = { MLFLOW_TRACKING_URI: "http://a" };

async function execute({ config = { tracking: ["mlflow"] }, ...setting }: Setting): Promise<Told> {
  const told: Told = { messages: [], texts: [], numBefore: 0, numStarted: 0 };
  const runOf = (runKey: string): PlannedRun => ({ runKey, config }) as PlannedRun;
  const outcome = (runKey: string): RunOutcome =>
    ({ run: runOf(runKey), directory: `/runs/${runKey}` }) as RunOutcome;
  await trackExecution(
    {
      store: "/p/runs",
      projectDirectory: "/p",
      environment: address,
      signal: new AbortController().signal,
      observe: (event) => {
        if (event.kind === "warning" || event.kind === "output") told.texts.push(event.text);
      },
      start: (_environment, events) => {
        told.numStarted++;
        setting.onStart?.(events);
        return {
          send: (message) => void told.messages.push(message),
          finish: async (waitMs) => {
            told.messages.push({ kind: "finish", waitMs });
            setting.onFinish?.();
            return "unsent" in setting ? setting.unsent : [];
          },
        };
      },
      ...setting.changes,
    },
    async (observe) => {
      const runs: readonly PlannedRun[] = ["before", "k1", "k2"].map(runOf);
      const task = { name: "t", version: 1 };
      const plan: Plan = { format: "lockstep/plan/1", experiment: "", task, runs };
      observe({ kind: "execution-started", plan, numReused: 1 });
      told.numBefore = told.texts.length;
      observe({ kind: "run-ended", outcome: outcome("before") });
      const begun: ExecutionEvent = { kind: "run-started", run: runOf("k1"), directory: "/a/1" };
      observe(begun);
      observe({ ...begun, run: runOf("k2"), directory: "/a/2" });
      observe({ kind: "run-ended", outcome: outcome("k1") });
    },
  );
  return told;
}

test("one tracker is told of the runs that it is to send, and of their ends", async () => {
  const { messages, texts, numStarted } = await execute({});
  const tools = [{ kind: "mlflow", checkpoints: false }];
  expect(messages).toEqual([
    {
      kind: "start",
      setting: { projectDirectory: "/p", intervalMs: 1_000, orphanWaitMs: 10_000 },
    },
    { kind: "began", run: { store: "/p/runs", runKey: "k1", directory: "/a/1", tools } },
    { kind: "began", run: { store: "/p/runs", runKey: "k2", directory: "/a/2", tools } },
    { kind: "ended", runKey: "k1", directory: "/runs/k1" },
    { kind: "finish", waitMs: 10_000 },
  ]);
  expect([texts, numStarted]).toEqual([[], 1]);
});

test.each([
  ["no tool but TensorBoard", { config: { tracking: ["tensorboard"] } }],
  ["no tracking", { config: {} }],
  ["a repetition", { changes: { isRepeat: true } }],
])("%s starts none", async (_name, setting) => {
  expect((await execute(setting)).numStarted).toBe(0);
});

test("what was not sent is told with the command that sends it", async () => {
  const tool = { kind: "mlflow", url: "http://a", checkpoints: false } as const;
  const { texts } = await execute({ unsent: [{ tool, runKeys: ["k1"], reason: "It is away." }] });
  expect(texts).toEqual([
    expect.stringMatching(
      /^tracking: mlflow has not all of 1 run: It is away\. Later: exp export k1 --to mlflow --url http:\/\/a/u,
    ),
  ]);
});

test("a command that is stopped at once tells the command that sends what has not arrived", async () => {
  const listeners = new Set(process.listeners("exit"));
  const { texts } = await execute({
    onFinish: () => {
      const own = process.listeners("exit").filter((listener) => !listeners.has(listener));
      for (const listener of own) listener(130); // as process.exit does
    },
  });
  expect(texts).toEqual([
    expect.stringMatching(
      /^tracking: mlflow has not all of 2 runs: The command was stopped at once\. Later: exp export k1 k2 --to mlflow/u,
    ),
  ]);
  expect(new Set(process.listeners("exit"))).toEqual(listeners);
});

test("after Ctrl-C the time is told that is waited then", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const controller = new AbortController();
  const { texts } = await execute({
    changes: { signal: controller.signal },
    onFinish: () => {
      controller.abort();
      vi.advanceTimersByTime(1_000);
    },
  });
  expect(texts).toEqual(["tracking: sending what is left, for 2 s at most"]);
});

test("a tracker that dies or never starts is a warning, and all its runs are told", async () => {
  const dying = await execute({
    unsent: undefined,
    onStart: ({ onLost }) => onLost("it ended with SIGKILL"),
  });
  expect(dying.texts).toEqual([
    "tracking: the process that sends runs is gone (it ended with SIGKILL). The runs go on.",
    expect.stringMatching(/mlflow has not all of 2 runs: .+ Later: exp export k1 k2 --to mlflow/u),
  ]);
  const { texts } = await execute({
    onStart: () => {
      throw new Error("spawn EAGAIN");
    },
  });
  expect(texts[0]).toContain("spawn EAGAIN");
});

test("the variables say how often and how long; a wrong one is told and does no harm", async () => {
  const environment = {
    ...address,
    LOCKSTEP_TRACKING_INTERVAL: "0.5",
    LOCKSTEP_TRACKING_WAIT: "soon",
  };
  const { messages, texts } = await execute({ changes: { environment } });
  expect(messages[0]).toMatchObject({ setting: { intervalMs: 500, orphanWaitMs: 10_000 } });
  expect(texts).toEqual([
    'tracking: LOCKSTEP_TRACKING_WAIT is "soon", which is no number of seconds from 0 to 3600: it is 10.',
  ]);
});

test("a stopped command waits for a moment alone", async () => {
  const { messages } = await execute({ changes: { signal: AbortSignal.abort() } });
  expect(messages.at(-1)).toEqual({ kind: "finish", waitMs: 2_000 });
});

test("a command that is stopped while it waits says so to the tracker, which knows the cause", async () => {
  const controller = new AbortController();
  const { messages } = await execute({
    changes: { signal: controller.signal },
    onFinish: () => controller.abort(),
  });
  expect(messages.slice(-2)).toEqual([
    { kind: "finish", waitMs: 10_000 },
    { kind: "finish", waitMs: 2_000 },
  ]);
});

test("a tool that lacks what it needs is told before the first run, and nothing is started for it", async () => {
  const { texts, numBefore, numStarted } = await execute({ changes: { environment: {} } });
  expect([numBefore, numStarted]).toEqual([1, 0]);
  expect(texts).toEqual([
    expect.stringMatching(
      /^tracking: mlflow: No MLflow server is named\. .*url in the entry.* nothing is sent there\.$/u,
    ),
    expect.stringMatching(
      /^tracking: mlflow has not all of 2 runs: No MLflow server is named\. Later: exp export k1 k2 --to mlflow/u,
    ),
  ]);
});

test.each([
  [{ WANDB_MODE: "sometimes" }, ["wandb"], /wandb: WANDB_MODE is "sometimes"\./u],
  [{ MLFLOW_TRACKING_URI: "mlflow.db" }, ["mlflow"], /"mlflow\.db" is no address of an MLflow/u],
  [
    {},
    ["csv", { kind: "mlflow", url: "http://me:secret@a" }, "mlfow"],
    /tracking\[1\] is \{"kind":"mlflow","url":"http:\/\/a"\}, which is not understood/u,
  ],
] as const)("%j with %j is told before the first run", async (environment, tracking, expected) => {
  const config: JsonObject = { tracking: [...tracking] };
  const { texts, numBefore } = await execute({ config, changes: { environment } });
  expect(texts.slice(0, numBefore).join("\n")).toMatch(expected);
});

test("where the tracker does not end in time, a tool that has everything is not told", async () => {
  const config = { tracking: ["mlflow", "csv"] };
  let complete: TrackerEvents["onComplete"] = () => undefined;
  const { texts } = await execute({
    config,
    unsent: undefined,
    onStart: ({ onComplete }) => (complete = onComplete),
    onFinish: () => complete({ kind: "csv", to: "/p/tables" }),
  });
  expect(texts).toEqual([expect.stringMatching(/mlflow has not all of 2 runs: .+ did not say/u)]);
});

test("the other tools of a run are sent what one of them cannot get", async () => {
  const config = { tracking: ["mlflow", "csv"] };
  const { messages, texts } = await execute({ config, changes: { environment: {} } });
  const tools = [{ kind: "csv", to: "/p/tables" }];
  expect(messages[1]).toMatchObject({ kind: "began", run: { runKey: "k1", tools } });
  expect(texts).toHaveLength(2);
});

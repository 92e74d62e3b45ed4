import { expect, test } from "vitest";
import { runPool, type PoolEnd } from "../../../src/engine/pool.ts";
import { workerProtocol, type ToWorker } from "../../../src/engine/protocol.ts";
import type { WorkerEvents, WorkerProcess } from "../../../src/engine/worker-process.ts";

/** What a made-up worker does with a job: gives the result back, or dies of it. */
type Behaviour = (
  job: number,
  tell: { event: (text: string) => void; line: (text: string) => void },
) => number | "die" | "never";

interface Trial {
  readonly ends: Map<number, PoolEnd>;
  readonly order: number[];
  readonly told: string[];
  /** How many workers were started, and the most that were alive at once. */
  numStarted: number;
  numAlive: number;
  maxAlive: number;
}

interface Setting {
  readonly numJobs: number;
  readonly numWorkers: number;
  readonly behave: Behaviour;
  readonly stopAt?: number;
  readonly signal?: AbortSignal;
  readonly protocol?: string;
  readonly first?: (result: unknown) => void;
}

async function trial(setting: Setting, found?: (trial: Trial) => void): Promise<Trial> {
  const state: Trial = {
    ends: new Map(),
    order: [],
    told: [],
    numStarted: 0,
    numAlive: 0,
    maxAlive: 0,
  };
  found?.(state);
  await runPool({
    numJobs: setting.numJobs,
    numWorkers: setting.numWorkers,
    setting: { shared: 1 },
    start: (events) => startFake(events, setting, state),
    jobOf: (index) => Promise.resolve({ number: index }),
    signal: setting.signal ?? new AbortController().signal,
    onEvent: (index, event) => state.told.push(`event ${index} ${String(event["text"])}`),
    onLine: (line, index) => state.told.push(`line ${index} ${line}`),
    onJobEnd: (index, end) => {
      state.ends.set(index, end);
      state.order.push(index);
      return index === setting.stopAt;
    },
    ...(setting.first && {
      first: {
        job: { number: -1 },
        onEnd: (end) => setting.first?.(end.kind === "done" ? end.result : end),
      },
    }),
  });
  return state;
}

function startFake(
  events: WorkerEvents,
  { behave, protocol = workerProtocol }: Setting,
  state: Trial,
): WorkerProcess {
  state.numStarted += 1;
  state.numAlive += 1;
  state.maxAlive = Math.max(state.maxAlive, state.numAlive);
  let isGone = false;
  const die = (signal: string | null): void => {
    if (isGone) return;
    isGone = true;
    state.numAlive -= 1;
    events.onEnd({ pid: 100 + state.numStarted, status: signal === null ? 0 : null, signal });
  };
  let running: number | undefined;
  const execute = (index: number, job: number): void => {
    const event = (text: string): void =>
      events.onMessage({ kind: "event", index, event: { text } });
    const result = behave(job, { event, line: (text) => events.onLine(text) });
    running = index;
    if (result === "die") die("SIGKILL");
    else if (result !== "never") events.onMessage({ kind: "done", index, result: { result } });
  };
  const receive = (message: ToWorker): void => {
    if (message.kind === "start") events.onMessage({ kind: "ready", protocol });
    if (message.kind === "execute") execute(message.index, Number(message.job["number"]));
    if (message.kind === "stop" && running !== undefined) {
      events.onMessage({ kind: "done", index: running, result: { result: "stopped" } });
    }
    if (message.kind === "end") die(null);
  };
  return { send: (message) => setImmediate(() => receive(message)), kill: () => die("SIGKILL") };
}

test("jobs are handed out in order to as many workers as asked for, and no more than there are jobs", async () => {
  const double: Behaviour = (job) => 2 * job;
  const few = await trial({ numJobs: 7, numWorkers: 3, behave: double });
  expect([...few.ends].toSorted(([a], [b]) => a - b).map(([, end]) => end)).toEqual(
    Array.from({ length: 7 }, (_, index) => ({ kind: "done", result: { result: 2 * index } })),
  );
  expect(few).toMatchObject({ numStarted: 3, maxAlive: 3, numAlive: 0 });
  expect(await trial({ numJobs: 2, numWorkers: 9, behave: double })).toMatchObject({
    numStarted: 2,
    numAlive: 0,
  });
  expect(await trial({ numJobs: 0, numWorkers: 2, behave: double })).toMatchObject({
    numStarted: 0,
  });
});

test("a worker that dies costs the job it was at, and is replaced", async () => {
  const { ends, numStarted, numAlive } = await trial({
    numJobs: 4,
    numWorkers: 1,
    behave: (job, { line }) => {
      line(`at ${job}`);
      return job === 1 ? "die" : job;
    },
  });
  expect([0, 2, 3].map((index) => ends.get(index)?.kind)).toEqual(["done", "done", "done"]);
  expect(ends.get(1)).toEqual({
    kind: "lost",
    end: { pid: 101, status: null, signal: "SIGKILL" },
    lastLines: ["at 0", "at 1"],
  });
  expect([numStarted, numAlive]).toEqual([2, 0]);
});

test("what a worker tells and prints comes with the number of its job", async () => {
  const { told } = await trial({
    numJobs: 2,
    numWorkers: 1,
    behave: (job, { event, line }) => {
      event("e");
      line("l");
      return job;
    },
    first: () => undefined,
  });
  expect(told).toEqual(["line undefined l", "event 0 e", "line 0 l", "event 1 e", "line 1 l"]);
});

test("a stop after a job leaves those that were not started", async () => {
  const { ends } = await trial({ numJobs: 5, numWorkers: 1, behave: (job) => job, stopAt: 1 });
  expect([...ends].toSorted(([a], [b]) => a - b).map(([, { kind }]) => kind)).toEqual([
    "done",
    "done",
    "held",
    "held",
    "held",
  ]);
});

test("an abort ends what is on and starts nothing more", async () => {
  const controller = new AbortController();
  const { ends, numAlive } = await trial({
    numJobs: 5,
    numWorkers: 2,
    signal: controller.signal,
    behave: (job) => {
      if (job === 1) setImmediate(() => controller.abort());
      return "never";
    },
  });
  const kinds = [0, 1, 2, 3, 4].map((index) => ends.get(index));
  expect(kinds.slice(0, 2)).toEqual(
    [0, 1].map(() => ({ kind: "done", result: { result: "stopped" } })),
  );
  expect(kinds.slice(2).map((end) => end?.kind)).toEqual(["held", "held", "held"]);
  expect(numAlive).toBe(0);
});

test("nothing is executed where the first job says so, or the workers speak another protocol", async () => {
  const seen: Trial[] = [];
  const refusing = trial(
    {
      numJobs: 3,
      numWorkers: 2,
      behave: (job) => job,
      first: (result) => {
        expect(result).toEqual({ result: -1 });
        throw new Error("no");
      },
    },
    (state) => seen.push(state),
  );
  await expect(refusing).rejects.toThrow("no");
  const other = trial(
    { numJobs: 3, numWorkers: 2, behave: (job) => job, protocol: "lockstep/worker/0" },
    (state) => seen.push(state),
  );
  await expect(other).rejects.toThrow("The workers of this plan speak lockstep/worker/0");
  expect(seen.map(({ order, numAlive }) => [order, numAlive])).toEqual([
    [[], 0],
    [[], 0],
  ]);
});

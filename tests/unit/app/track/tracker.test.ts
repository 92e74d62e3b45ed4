/** Runs that are sent while they go on: each row once, failures told once, and no tool in another's way. */
import { expect, test } from "vitest";
import type { LiveTool } from "../../../../src/app/track/live-tools.ts";
import { createTracker, type LiveRun, type Tracker } from "../../../../src/app/track/tracker.ts";
import type { Attempt } from "../../../../src/store/attempt.ts";
import { ExpError } from "../../../../src/core/errors.ts";
import { openStore } from "../../../../src/store/store.ts";
import { PlaceError } from "../../../../src/track/place-error.ts";
import type { SendRequest, Target } from "../../../../src/track/target.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { attemptOptions, begin, documents, runEvents } from "../../store/sample-run.ts";
import { viewTools } from "../../track/helpers.ts";

const mlflow: LiveTool = { kind: "mlflow", url: "http://a", checkpoints: false };
const wandb: LiveTool = { kind: "wandb", directory: "/boards" };

interface Fake {
  readonly target: Target;
  /** `run: step`, in the order of arriving. */
  readonly rows: string[];
  readonly ends: string[];
  numTries: number;
  /** Thrown, or waited for, before anything is taken. */
  fault: ((request: SendRequest) => Promise<void> | void) | undefined;
}

function fakeTarget(kind: string): Fake {
  const fake: Fake = {
    rows: [],
    ends: [],
    numTries: 0,
    fault: undefined,
    target: { place: { kind, where: {} }, send },
  };
  async function send(request: SendRequest): Promise<{ numRows: number }> {
    fake.numTries++;
    await fake.fault?.(request);
    const { cursor, rows, view } = request;
    const part = rows.next();
    fake.rows.push(...part.map(({ step }) => `${view.name.slice(0, 4)}: ${String(step)}`));
    const isComplete = view.status !== "running";
    if (isComplete) fake.ends.push(view.status);
    cursor.save({ ...cursor.state(), rows: rows.position(), isComplete });
    return { numRows: part.length };
  }
  return fake;
}

interface World {
  readonly tracker: Tracker;
  readonly fakes: { readonly mlflow: Fake; readonly wandb: Fake };
  /** Times that tables were written, with the store. */
  readonly written: string[];
  readonly warnings: string[];
  /** Tools that have everything. */
  readonly complete: LiveTool[];
  /** Lets the tracker look at the runs so often, its clock going on by a second each time. */
  readonly pass: (times?: number) => Promise<void>;
}

interface WorldOptions {
  readonly usedMs?: () => number;
  readonly waits?: number[];
  readonly refusal?: Error;
}

function createWorld({ usedMs = () => 0, waits = [], refusal }: WorldOptions = {}): World {
  const fakes = { mlflow: fakeTarget("mlflow"), wandb: fakeTarget("wandb") };
  const warnings: string[] = [];
  const written: string[] = [];
  const complete: LiveTool[] = [];
  let nowMs = Date.now();
  const asleep = new Set<() => void>();
  const tracker = createTracker({
    ...viewTools,
    now: () => new Date(nowMs),
    createTarget: async ({ kind }) => {
      if (refusal !== undefined) throw refusal;
      if (kind === "mlflow" || kind === "hf") return fakes.mlflow.target;
      if (kind === "wandb" || kind === "trackio") return fakes.wandb.target;
      return { write: async ({ store }) => void written.push(store) };
    },
    sleep: async (milliseconds, signal) => {
      waits.push(milliseconds);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal.removeEventListener("abort", wake);
          resolve();
        };
        asleep.add(wake);
        signal.addEventListener("abort", wake);
        if ([500, 1_500, 5_000].includes(milliseconds)) setImmediate(resolve); // the chances after the end
      });
    },
    usedMs,
    intervalMs: 1_000,
    warn: (text) => void warnings.push(text),
    onComplete: (tool) => void complete.push(tool),
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await new Promise((done) => setImmediate(done));
  };
  const pass = async (times = 1): Promise<void> => {
    for (let time = 0; time < times; time++) {
      await settle();
      nowMs += 1_000;
      for (const wake of asleep) wake();
      asleep.clear();
      await settle();
    }
  };
  return { tracker, fakes, written, warnings, complete, pass };
}

interface Going {
  readonly attempt: Attempt;
  readonly run: LiveRun;
  /** Publishes it, and says so. */
  readonly publish: (tracker: Tracker) => void;
}

function beginRun(store: string, seed: number, tools: readonly LiveTool[]): Going {
  const options = attemptOptions(seed);
  const attempt = begin(openStore(store), options);
  const { runKey } = options.identities;
  return {
    attempt,
    run: { store, runKey, directory: attempt.directory, tools },
    publish: (tracker) => {
      attempt.finish();
      tracker.ended(runKey, attempt.publish(documents).run.directory);
    },
  };
}

const nameOf = ({ run }: Going): string => run.runKey.slice(0, 4);

test("a run arrives while it goes on, each row once, and its end with where it was published", async () => {
  const { tracker, fakes, warnings, pass } = createWorld();
  const going = beginRun(temporaryFolder(), 1, [mlflow]);
  tracker.began(going.run);
  const events = runEvents(3);
  for (const event of events.slice(0, 8)) going.attempt.record(event);
  await pass(2);
  const name = nameOf(going);
  expect(fakes.mlflow.rows).toEqual([`${name}: 1`]);
  const { numTries } = fakes.mlflow;
  await pass(5);
  expect(fakes.mlflow.numTries).toBe(numTries); // nothing is new
  for (const event of events.slice(8)) going.attempt.record(event);
  await pass();
  going.publish(tracker);
  expect(await tracker.finish(1_000)).toEqual([]);
  expect(fakes.mlflow.rows).toEqual([1, 2, 3].map((step) => `${name}: ${String(step)}`));
  expect(fakes.mlflow.ends).toEqual(["finished"]);
  expect(warnings).toEqual([]);
});

test("a server that is away is told once, tried ever more rarely, and keeps no other tool waiting", async () => {
  const { tracker, fakes, warnings, pass } = createWorld();
  const going = beginRun(temporaryFolder(), 1, [mlflow, wandb]);
  fakes.mlflow.fault = () => {
    throw new PlaceError("MLflow at http://a does not answer.", "Later.");
  };
  tracker.began(going.run);
  for (const event of runEvents(3)) going.attempt.record(event);
  await pass(40);
  expect(warnings).toEqual([
    "mlflow: MLflow at http://a does not answer. The run goes on, and sending is tried again.",
  ]);
  expect(fakes.mlflow.numTries).toBeGreaterThan(3);
  expect(fakes.mlflow.numTries).toBeLessThan(9); // after 1, 2, 4, … seconds
  expect(fakes.wandb.rows).toHaveLength(3);
  going.publish(tracker);
  expect(await tracker.finish(1_000)).toEqual([
    {
      tool: mlflow,
      runKeys: [going.run.runKey],
      reason: `MLflow at http://a does not answer. That came ${String(fakes.mlflow.numTries)} times.`,
    },
  ]);
  expect(fakes.wandb.ends).toEqual(["finished"]);
  expect(warnings).toHaveLength(1);
});

test("a server that comes back gets everything", async () => {
  const { tracker, fakes, warnings, pass } = createWorld();
  const going = beginRun(temporaryFolder(), 1, [mlflow]);
  fakes.mlflow.fault = () => {
    throw new PlaceError("It is away.", "Later.");
  };
  tracker.began(going.run);
  for (const event of runEvents(3)) going.attempt.record(event);
  await pass(5);
  fakes.mlflow.fault = undefined;
  going.publish(tracker);
  expect(await tracker.finish(1_000)).toEqual([]);
  expect(fakes.mlflow.rows).toHaveLength(3);
  expect(warnings.slice(1)).toEqual([
    expect.stringMatching(/^mlflow: \d times in all: It is away\.$/u),
  ]);
});

test("a tool that hangs for good holds back neither the rows nor the end of another", async () => {
  const { tracker, fakes, complete, pass } = createWorld();
  const going = beginRun(temporaryFolder(), 1, [mlflow, wandb]);
  fakes.mlflow.fault = () => new Promise(() => undefined);
  tracker.began(going.run);
  const events = runEvents(3);
  for (const event of events.slice(0, 8)) going.attempt.record(event);
  await pass(2);
  for (const event of events.slice(8)) going.attempt.record(event);
  await pass(2);
  expect(fakes.wandb.rows).toHaveLength(3);
  going.publish(tracker);
  const { runKey } = going.run;
  expect(await tracker.finish(20)).toEqual([
    { tool: mlflow, runKeys: [runKey], reason: "There was no time left." },
  ]);
  expect(complete).toEqual([wandb]);
  expect(fakes.wandb.ends).toEqual(["finished"]);
});

test("texts with times and the numbers of requests are one trouble; another one is told too", async () => {
  const { tracker, fakes, warnings, pass } = createWorld();
  const going = beginRun(temporaryFolder(), 1, [mlflow]);
  let answer = (): string =>
    `answered 503: request 7f3a-${String(fakes.mlflow.numTries)}d at 09:3${String(fakes.mlflow.numTries)}`;
  fakes.mlflow.fault = () => {
    throw new PlaceError(`MLflow at http://a ${answer()}.`, "Later.");
  };
  tracker.began(going.run);
  for (const event of runEvents(1)) going.attempt.record(event);
  await pass(20);
  expect(warnings).toHaveLength(1);
  answer = () => "answered 500: disk";
  await pass(20);
  expect(warnings).toHaveLength(2);
  going.publish(tracker);
  const [left] = await tracker.finish(1_000);
  expect(left?.reason).toMatch(/answered 500: disk\. That came \d+ times\.$/u);
  expect(warnings.slice(2)).toEqual([expect.stringMatching(/^mlflow: \d times in all: .*503/u)]);
});

const table = (kind: "csv" | "parquet"): LiveTool => ({ kind, to: "/tables" });

test("tables are written once for all that is new: CSV while runs go on, Parquet when one ends", async () => {
  for (const kind of ["csv", "parquet"] as const) {
    const { tracker, written, pass } = createWorld();
    const store = temporaryFolder();
    const goings = [1, 2].map((seed) => beginRun(store, seed, [table(kind)]));
    for (const { run } of goings) tracker.began(run);
    await pass(3);
    expect(written).toEqual(kind === "csv" ? [store] : []);
    for (const { attempt } of goings) for (const event of runEvents(1)) attempt.record(event);
    await pass(3);
    expect(written).toHaveLength(kind === "csv" ? 2 : 0);
    for (const going of goings) going.publish(tracker);
    await pass(3);
    expect(written).toHaveLength(kind === "csv" ? 3 : 1);
    expect(await tracker.finish(1_000)).toEqual([]);
    expect(written).toHaveLength(kind === "csv" ? 3 : 1);
  }
});

test("a model is sent when its run has finished, and of a run that failed there is none", async () => {
  const { tracker, fakes, warnings, pass } = createWorld();
  const store = temporaryFolder();
  const hf: LiveTool = { kind: "hf", to: "/models" };
  const [good, bad] = [beginRun(store, 1, [hf]), beginRun(store, 2, [hf])];
  for (const going of [good, bad]) {
    tracker.began(going.run);
    for (const event of runEvents(1)) going.attempt.record(event);
  }
  await pass(3);
  expect(fakes.mlflow.numTries).toBe(0);
  good.publish(tracker);
  bad.attempt.fail(new Error("no gradient"));
  tracker.ended(bad.run.runKey, bad.attempt.directory);
  expect(await tracker.finish(1_000)).toEqual([]);
  expect(fakes.mlflow.ends).toEqual(["finished"]);
  expect(warnings).toEqual([]);
});

test("a run that a server refuses keeps no other back", async () => {
  const { tracker, fakes, warnings, pass } = createWorld();
  const store = temporaryFolder();
  const [bad, good] = [beginRun(store, 1, [mlflow]), beginRun(store, 2, [mlflow])];
  fakes.mlflow.fault = ({ view }) => {
    if (view.runKey === bad.run.runKey) throw new Error("a tag is refused");
  };
  for (const going of [bad, good]) {
    tracker.began(going.run);
    for (const event of runEvents(1)) going.attempt.record(event);
  }
  await pass(3);
  for (const going of [bad, good]) going.publish(tracker);
  const unsent = await tracker.finish(1_000);
  const reason = expect.stringMatching(/^a tag is refused\. That came \d times\.$/u) as string;
  expect(unsent).toEqual([{ tool: mlflow, runKeys: [bad.run.runKey], reason }]);
  expect(fakes.mlflow.rows).toEqual([`${nameOf(good)}: 1`]);
  expect(warnings).toHaveLength(1);
});

test("a server that hangs does not hold the end up", async () => {
  const { tracker, fakes, pass } = createWorld();
  const going = beginRun(temporaryFolder(), 1, [mlflow]);
  fakes.mlflow.fault = ({ signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new PlaceError("No time was left.", "Later.")));
    });
  await pass();
  for (const event of runEvents(1)) going.attempt.record(event);
  tracker.began(going.run);
  going.publish(tracker);
  const reason = "No time was left.";
  expect(await tracker.finish(20)).toMatchObject([{ tool: mlflow, reason }]);
});

test("who waits longer than is usual waits for a server that comes back", async () => {
  const waits: number[] = [];
  const { tracker, fakes } = createWorld({ waits });
  const going = beginRun(temporaryFolder(), 1, [mlflow]);
  fakes.mlflow.fault = () => {
    if (fakes.mlflow.numTries < 7) throw new PlaceError("It is away.", "Later.");
  };
  for (const event of runEvents(1)) going.attempt.record(event);
  tracker.began(going.run);
  going.publish(tracker);
  expect(await tracker.finish(60_000)).toEqual([]);
  expect(fakes.mlflow.ends).toEqual(["finished"]);
  expect(waits.slice(-3)).toEqual([5_000, 5_000, 5_000]);
});

test("an end that is asked for again comes earlier, and with the cause", async () => {
  const { tracker, fakes } = createWorld();
  const going = beginRun(temporaryFolder(), 1, [mlflow]);
  fakes.mlflow.fault = ({ signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new PlaceError("It hangs.", "Later.")));
    });
  for (const event of runEvents(1)) going.attempt.record(event);
  tracker.began(going.run);
  going.publish(tracker);
  const ending = tracker.finish(60_000);
  expect(await tracker.finish(20)).toMatchObject([{ tool: mlflow, reason: "It hangs." }]);
  expect(await ending).toHaveLength(1);
});

test("the longer sending takes, the rarer it is", async () => {
  let used = 0;
  const waits: number[] = [];
  const { tracker, fakes, pass } = createWorld({ usedMs: () => used, waits });
  const going = beginRun(temporaryFolder(), 1, [wandb]);
  fakes.wandb.fault = () => {
    used += 200;
  };
  tracker.began(going.run);
  for (const event of runEvents(1)) going.attempt.record(event);
  await pass(2);
  expect(waits).toContain(20_000); // a hundredth of the time
  going.publish(tracker);
  await tracker.finish(1_000);
});

test("a tool without what it needs is told with what to do, whatever the number of runs", async () => {
  const refusal = new ExpError("usage", "No server is named.", {
    hint: "Set MLFLOW_TRACKING_URI.",
  });
  const { tracker, warnings, pass } = createWorld({ refusal });
  const store = temporaryFolder();
  const goings = [beginRun(store, 1, [mlflow]), beginRun(store, 2, [mlflow])];
  for (const { run } of goings) tracker.began(run);
  await pass(3);
  const reason = "No server is named. Set MLFLOW_TRACKING_URI.";
  expect(warnings).toEqual([`mlflow: ${reason} The run goes on, and sending is tried again.`]);
  const runKeys = goings.map(({ run }) => run.runKey);
  expect(await tracker.finish(1_000)).toEqual([
    { tool: mlflow, runKeys, reason: expect.stringContaining(reason) },
  ]);
});

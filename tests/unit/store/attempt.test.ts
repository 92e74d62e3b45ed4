import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ExpError } from "../../../src/core/errors.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin, documents, runEvents, sampleKey } from "./sample-run.ts";

const runKey = sampleKey(1);
const here = currentProcess();
const statusOf = (store: Store): string | undefined => store.listAttempts(runKey)[0]?.status.kind;

test("a failed attempt keeps its directory and an exit record with code, message, step and time", () => {
  const clock = (): Date => new Date("2026-01-02T03:04:05.678Z");
  const store = openStore(temporaryFolder(), { clock });
  const attempt = begin(store, attemptOptions());
  for (const event of runEvents().slice(0, 8)) attempt.record(event);
  attempt.fail(
    new ExpError("diverged", "The loss is not finite at step 2.", { hint: "Lower it." }),
  );
  const [info] = store.listAttempts(runKey);
  expect(info?.status).toEqual({
    kind: "failed",
    failure: {
      format: "lockstep/failure/1",
      code: "diverged",
      message: "The loss is not finite at step 2.",
      hint: "Lower it.",
      step: 2,
      time: "2026-01-02T03:04:05.678Z",
    },
  });
  expect(info?.record).toMatchObject({ number: 1, endTime: "2026-01-02T03:04:05.678Z" });
  expect(existsSync(join(attempt.directory, "checkpoints/last.safetensors"))).toBe(true);
  expect(existsSync(join(attempt.directory, "heartbeat"))).toBe(false);
  expect(store.findPublished(runKey)).toBeUndefined();
});

test("a bug keeps its stack in the exit record", () => {
  const store = openStore(temporaryFolder());
  begin(store, attemptOptions()).fail(new TypeError("x is undefined"));
  const status = store.listAttempts(runKey)[0]?.status;
  expect(status).toMatchObject({ failure: { code: "internal", message: "x is undefined" } });
  expect(JSON.stringify(status)).toContain("attempt.test.ts");
});

test("after a failure the run can be started again, under the next number", () => {
  const store = openStore(temporaryFolder());
  begin(store, attemptOptions()).fail(new Error("first"));
  const second = begin(store, attemptOptions());
  expect(second.number).toBe(2);
  for (const event of runEvents()) second.record(event);
  second.finish();
  second.publish(documents);
  expect(store.listAttempts(runKey).map((info) => info.number)).toEqual([1]);
});

test("failing twice, or after publishing, changes nothing", () => {
  const store = openStore(temporaryFolder());
  const attempt = begin(store, attemptOptions());
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  const { run } = attempt.publish(documents);
  attempt.fail(new Error("late"));
  expect(existsSync(join(run.directory, "failure.json"))).toBe(false);
  expect(store.findPublished(runKey)?.directory).toBe(run.directory);
});

test("calls out of order are our bug, and an attempt that failed to write takes no more events", () => {
  const attempt = begin(openStore(temporaryFolder()), attemptOptions());
  expect(errorOf(() => attempt.publish(documents)).message).toContain("internal: an attempt");
  const bad = { kind: "checkpoint", names: ["x"], step: 1, tensors: new Map(), state: {} } as const;
  expect(errorOf(() => attempt.record(bad)).code).toBe("training");
  const fine = { kind: "log", level: "info", text: "fine" } as const;
  expect(errorOf(() => attempt.record(fine)).message).toBe(
    "internal: an attempt that is dead was used as if it were recording",
  );
});

test("the command line is written without secrets", () => {
  const store = openStore(temporaryFolder());
  const argv = ["run", "apiKey=abc123", "--token", "canary", "tokenizer.kind=words", "seed=1"];
  begin(store, attemptOptions(1, { argv })).fail(new Error("done"));
  expect(store.listAttempts(runKey)[0]?.record?.argv).toEqual([
    "run",
    "apiKey=[redacted]",
    "--token",
    "[redacted]",
    "tokenizer.kind=words",
    "seed=1",
  ]);
});

test("an attempt of a killed process is lost, also before its parent has collected it", async () => {
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const folder = temporaryFolder();
  const start = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
  const process = { ...here, pid: child.pid ?? 0, processStart: start ?? "" };
  begin(openStore(folder, { process }), attemptOptions());
  const store = openStore(folder);
  expect(statusOf(store)).toBe("running");
  expect(errorOf(() => store.beginAttempt(attemptOptions())).code).toBe("run-active");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(statusOf(store)).toBe("lost");
  begin(store, attemptOptions()).fail(new Error("done"));
});

test("a process number that was given out again is not taken for the old process", () => {
  const folder = temporaryFolder();
  begin(openStore(folder, { process: { ...here, processStart: "1" } }), attemptOptions());
  expect(statusOf(openStore(folder))).toBe("lost");
});

test("an attempt from before the last boot of this machine is lost", () => {
  const folder = temporaryFolder();
  const machine = "0123456789abcdef";
  const before = { ...here, machine, bootId: "another boot" };
  begin(openStore(folder, { process: before }), attemptOptions());
  const store = openStore(folder, { process: { ...here, machine } });
  expect(statusOf(store)).toBe("lost");
  const attempt = begin(store, attemptOptions());
  expect(attempt.unseen).toEqual([]); // nothing was guessed
  attempt.fail(new Error("done"));
});

test("on another machine, or in another container, the heartbeat decides, and that it did is told", () => {
  const others = [
    { ...here, bootId: "another boot" }, // a record of an early version, or a container
    { ...here, bootId: "another boot", machine: null },
    { ...here, bootId: "another boot", machine: "of the same name" },
    { ...here, bootId: "another boot", machine: "0123456789abcdef", host: "a clone" },
    { ...here, host: "elsewhere", bootId: "another boot" },
    { ...here, host: "elsewhere", bootId: null, processStart: null },
    { ...here, pidNamespace: "pid:[1]" },
  ];
  for (const process of others) {
    const folder = temporaryFolder();
    const attempt = begin(openStore(folder, { process }), attemptOptions());
    const store = openStore(folder, { process: { ...here, machine: "0123456789abcdef" } });
    expect(statusOf(store)).toBe("running");
    expect(errorOf(() => store.beginAttempt(attemptOptions())).code).toBe("run-active");
    const past = new Date(Date.now() - 61_000);
    utimesSync(join(attempt.directory, "heartbeat"), past, past);
    expect(statusOf(store)).toBe("lost");
    const next = begin(store, attemptOptions());
    expect(next.unseen).toEqual([
      expect.stringMatching(/^attempt 1: process \d+ on .* is taken for dead: .* 6\d s old$/),
    ]);
    next.fail(new Error("done"));
  }
});

test("the heartbeat is rewritten every 10 seconds, by a timer and while events keep coming", () => {
  vi.useFakeTimers({ now: new Date("2026-01-02T03:04:00Z") });
  try {
    const attempt = begin(openStore(temporaryFolder()), attemptOptions());
    const beat = (): string => readFileSync(join(attempt.directory, "heartbeat"), "utf8").trim();
    expect(beat()).toBe("2026-01-02T03:04:00.000Z");
    vi.advanceTimersByTime(10_000);
    expect(beat()).toBe("2026-01-02T03:04:10.000Z");
    vi.setSystemTime(new Date("2026-01-02T03:04:19Z"));
    attempt.record({ kind: "log", level: "info", text: "early" });
    expect(beat()).toBe("2026-01-02T03:04:10.000Z");
    vi.setSystemTime(new Date("2026-01-02T03:04:21Z"));
    attempt.record({ kind: "log", level: "info", text: "due" });
    expect(beat()).toBe("2026-01-02T03:04:21.000Z");
    attempt.fail(new Error("done"));
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("an attempt whose record is damaged is listed as such and is in nobody's way", () => {
  const folder = temporaryFolder();
  const attempt = begin(openStore(folder), attemptOptions());
  const path = join(attempt.directory, "attempt.json");
  const whole = readFileSync(path, "utf8");
  const store = openStore(folder);
  for (const text of ['{"format":"lockstep/attempt/1"', whole.replaceAll(runKey, `${runKey} `)]) {
    writeFileSync(path, text);
    expect(store.listAttempts(runKey)).toEqual([
      { directory: attempt.directory, number: 1, record: undefined, status: { kind: "damaged" } },
    ]);
  }
  begin(store, attemptOptions()).fail(new Error("done"));
});

test("a token that a task says is taken out of its log, and the record tells how many were", () => {
  const token = ["hf_", "aB3dE6gH9jK2mN5pQ8sT"].join(""); // in two parts, so that nobody who looks for tokens finds one here
  const store = openStore(temporaryFolder());
  const argv = ["experiments/a.ts", `apiKey=${token}`];
  const attempt = begin(store, attemptOptions(1, { argv }));
  attempt.record({ kind: "log", level: "info", text: `logged in with ${token}` });
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  const { directory } = attempt.publish(documents).run;
  for (const name of ["logs/train.log", "logs/events.jsonl", "attempt.json"]) {
    expect(readFileSync(join(directory, name), "utf8"), name).not.toContain(token);
  }
  expect(readFileSync(join(directory, "logs/train.log"), "utf8")).toContain("with [redacted]");
  const record = JSON.parse(readFileSync(join(directory, "attempt.json"), "utf8")) as unknown;
  expect(record).toMatchObject({ numRedacted: { arguments: 1, log: 1 } });
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withoutSharedMemory } from "../backend/wasm/without-shared-memory.ts";
import { chooseThreads } from "../../../src/backend/threads.ts";
import {
  backendFacts,
  environmentKey,
  runThreads,
  threadsOfProcess,
  threadWarnings,
} from "../../../src/app/run-threads.ts";

beforeEach(() => vi.stubEnv("LOCKSTEP_THREADS", "2"));
afterEach(() => vi.unstubAllEnvs());

const run = (threads?: number, backend = "wasm") => ({
  backend,
  config: threads === undefined ? {} : { threads },
  environmentClass: "wasm/1",
});

test("the environment of a run says its threads", () => {
  const packages = [
    { name: "@tensorflow/tfjs-core", version: "4.22.0", integrity: "sha512-a" },
    { name: "zod", version: "4.0.0", integrity: "sha512-b" },
  ];
  expect(backendFacts(run(3), packages)).toEqual({
    name: "wasm",
    threads: 3,
    packages: packages.slice(0, 1),
  });
  expect(backendFacts(run(), [])).toMatchObject({ threads: 2 });
  expect(backendFacts(run(3, "cpu"), [])).toMatchObject({ threads: 1 });
  expect(backendFacts(run(3, "process"), [])).toEqual({ name: "process", packages: [] });
});

test("runs with other threads have another environment", () => {
  expect(environmentKey(run(2))).toBe(environmentKey(run()));
  expect(environmentKey(run(3))).not.toBe(environmentKey(run()));
});

test("more threads than cores are warned about, over all processes", () => {
  expect(threadWarnings([run(4)], 1, 4)).toEqual([]);
  expect(threadWarnings([run(5)], 1, 4)).toEqual([
    "5 threads share 4 cores, which is slower than a thread for each. " +
      "Leave threads and LOCKSTEP_THREADS unset, and they are counted out.",
  ]);
  expect(threadWarnings([run(3), run(1)], 8, 4)).toEqual([
    expect.stringContaining("3 threads in each of 2 processes share 4 cores"),
  ]);
  expect(threadWarnings([run(1), run(1)], 2, 1)).toEqual([]); // --jobs was asked for as it is
  expect(threadWarnings([run(9, "cpu")], 1, 1)).toEqual([]);
});

test("where threads cannot share memory a run has one, and says so", () => {
  const restore = withoutSharedMemory();
  try {
    expect(backendFacts(run(3), [])).toMatchObject({ threads: 1 });
    const warning = expect.stringContaining("computes with one thread");
    expect(threadWarnings([run(3)], 1, 4)).toEqual([warning]);
    expect(threadWarnings([run()], 1, 4)).toEqual([warning]);
    expect(threadWarnings([run(3, "cpu")], 1, 4)).toEqual([]);
  } finally {
    restore();
  }
});

const smallGpt = {
  model: { kind: "gpt", hiddenSize: 8, feedForwardSize: 32, contextLength: 16 },
  training: { batchSize: 4 },
};

test("a small model on native takes one thread, unless somebody says a number", () => {
  const threads = (backend: string, config: object = {}) =>
    runThreads({ backend, config: { ...smallGpt, ...config } });
  expect(threads("native")).toBe(2); // LOCKSTEP_THREADS says it
  vi.stubEnv("LOCKSTEP_THREADS", "");
  expect(threads("native")).toBe(1);
  expect(threads("native", { threads: 3 })).toBe(3);
  const all = chooseThreads(undefined);
  expect([threads("wasm"), threads("cuda")]).toEqual([all, all]);
});

test("pieces of products are shared by the threads of a process, of which several take their share of the cores", () => {
  vi.stubEnv("LOCKSTEP_THREADS", "");
  const widened = { ...smallGpt, model: { ...smallGpt.model, hiddenSize: 800 } };
  const pooled = { model: { kind: "mine" }, training: { batchSize: 4 } };
  const inProcesses = (config: object, number: number): number =>
    threadsOfProcess({ backend: "native", config: { ...config, threads: 4 } }, number);
  expect([1, 2, 8].map((number) => inProcesses(widened, number))).toEqual([4, 2, 1]);
  expect([1, 2, 8].map((number) => inProcesses(pooled, number))).toEqual([4, 4, 4]);
  const runs = Array.from({ length: 4 }, () => ({
    ...run(4, "native"),
    config: { ...widened, threads: 4 },
  }));
  expect(threadWarnings(runs, 4, 4)).toEqual([]);
  expect(threadWarnings(runs, 1, 2)).toEqual([expect.stringContaining("4 threads share 2 cores")]);
});

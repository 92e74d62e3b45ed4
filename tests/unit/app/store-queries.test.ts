/** What a store can be asked from scripts gives what the command line gives, as plain values. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, expectTypeOf, onTestFinished, test } from "vitest";
import { z } from "zod";
import {
  defineTask,
  envelopeFields,
  openStore,
  run,
  type FoundRun,
  type RunStore,
} from "../../../src/index.ts";
import { madeUpRun } from "../../bench/made-up-runs.ts";
import { errorOf } from "../store/helpers.ts";
import { createStore } from "../store/index/stores.ts";

const numRuns = 6;

/** Values as types do not allow them. */
function wrong<Value>(value: unknown): Value {
  return value as Value;
}

async function store(): Promise<RunStore> {
  return openStore(createStore(numRuns));
}

test("runs are listed by a filter, in an order, with what the index knows of them", async () => {
  const opened = await store();
  expect(opened.runs()).toHaveLength(numRuns);
  const [first, second] = opened.runs("seed < 2", { sort: "-validation.accuracy", limit: 2 });
  expectTypeOf(first).toEqualTypeOf<FoundRun | undefined>();
  expect(first?.config["seed"]).toBeLessThan(2);
  const of = (one: FoundRun | undefined): number =>
    one?.metrics["validation.accuracy"]?.final ?? Number.NaN;
  expect(of(first)).toBeGreaterThan(of(second));
  expect(first).toMatchObject({ status: "finished", task: "training", tags: expect.anything() });
  expect(first?.directory).toBe(join(opened.directory, first?.run ?? ""));
  expect(first?.started).toMatch(/^2026-01-\d\dT[\d:.]+Z$/u);
});

test("values are found by a number as it is written, best runs ranked, and groups compared", async () => {
  const opened = await store();
  const [ranking] = opened.best("seed < 4", { limit: 1 });
  expect(ranking).toMatchObject({ metric: "validation.accuracy", direction: "max", numRuns: 5 });
  const winner = ranking?.runs[0];
  const accuracy = winner?.metrics["validation.accuracy"]?.final ?? Number.NaN;
  const [exact] = opened.find(accuracy, { metric: "validation.accuracy" });
  expect(exact).toMatchObject({ place: "final", value: accuracy });
  expect(exact?.run.runKey).toBe(winner?.runKey);
  const percent = `${(100 * accuracy).toFixed(1)}%`;
  const steps = opened.find(percent, { steps: true, filter: `run = ${winner?.run}` });
  expect(steps.every(({ place, step }) => place === "step" && step !== undefined)).toBe(true);
  expect(steps.length).toBeGreaterThan(0);
  const { groups, config, metrics } = opened.compare(["seed = 0", "seed = 1"]);
  expect(groups.map(({ title, runs }) => [title, runs.length])).toEqual([
    ["seed = 0", 2],
    ["seed = 1", 1],
  ]);
  expect(config.find(({ path }) => path === "seed")?.values).toEqual([[0], [1]]);
  const compared = metrics.find(({ name }) => name === "validation.accuracy")?.groups;
  expect(compared?.map((group) => group?.count)).toEqual([2, 1]);
  expect(compared?.[0]?.standardDeviation).toBeGreaterThan(0);
  expect(opened.compare([], { by: "seed" }).groups).toHaveLength(5);
});

test("what cannot be asked is refused with what was found, and an unknown option with its likeliest name", async () => {
  const opened = await store();
  const told = (body: () => unknown): string => {
    const error = errorOf(body);
    expect(error.code).toBe("usage");
    return error.message;
  };
  expect(told(() => opened.runs("sead = 1"))).toContain("sead");
  expect(told(() => opened.runs(wrong({ seed: 1 })))).toBe(
    "runs() takes a filter as a text, found an object.",
  );
  expect(told(() => opened.runs("", wrong({ sortBy: "seed" })))).toContain("sortBy");
  expect(told(() => opened.best("", { limit: 0 }))).toBe(
    "best(): limit is a whole number from 1, found 0.",
  );
  expect(told(() => opened.find(wrong(null)))).toContain("find() takes a number or its text");
  expect(told(() => opened.find(madeUpRun(1).name))).toContain("number");
  expect(told(() => opened.compare(wrong("seed = 1")))).toContain("compare() takes a list");
  expect(told(() => opened.compare(["seed = 1"]))).toContain("nothing to compare with");
});

test("a folder without runs answers with nothing", async () => {
  const empty = await openStore(createStore(0));
  expect([empty.runs(), empty.best(), empty.find("94.2%")]).toEqual([[], [], []]);
});

/** A task whose code identity is that of a file which the test can change. */
function taskOf(file: string) {
  return defineTask({
    name: "square",
    schema: z.strictObject({ ...envelopeFields, side: z.number() }),
    code: [file],
    run: async ({ config }) => ({ area: config.side ** 2 }),
  });
}

test("reuse: config takes the run of other code, tells it, and exact does not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-reuse-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "code.ts");
  writeFileSync(file, "export const version = 1;\n");
  const definition = taskOf(file).defineConfig({ side: 3 });
  const options = { runsDirectory: join(folder, "runs") };
  const [first] = (await run(definition, options)).runs;
  writeFileSync(file, "export const version = 2;\n");
  const reused = await run(definition, { ...options, reuse: "config" });
  expect(reused.runs[0]).toMatchObject({
    status: "finished",
    isReused: true,
    metrics: { area: 9 },
    reusedFrom: {
      runKey: first?.runKey,
      experiment: reused.experiment,
      endTime: expect.stringMatching(/^\d{4}-.*Z$/u),
      differing: ["code"],
    },
  });
  expect(reused.runs[0]?.runKey).not.toBe(first?.runKey);
  expect(reused.notes.join()).toContain("run 1 is NOT executed");
  const exact = await run(definition, { ...options, reuse: "exact" });
  expect(exact.runs[0]).toMatchObject({ status: "finished", isReused: false });
  await expect(run(definition, { ...options, reuse: wrong("all") })).rejects.toThrow(
    'reuse is "exact" or "config", found "all".',
  );
});

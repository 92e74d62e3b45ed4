/** The functions for scripts and tests: what the command line does, on files and on definitions. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, expectTypeOf, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { Definition } from "../../../src/config/task-types.ts";
import {
  choice,
  defineTask,
  envelopeFields,
  loadModel,
  openStore,
  plan,
  resolve,
  run,
} from "../../../src/index.ts";
import { createProject } from "../resolve/support/project.ts";

const sum = defineTask({
  name: "sum",
  schema: z.strictObject({ ...envelopeFields, a: z.number(), b: z.number().default(1) }),
  run: async ({ config, log }) => {
    if (config.a < 0) throw new Error("no negative numbers");
    log.metrics(1, { "validation.sum": config.a + config.b });
    return { total: config.a + config.b + (config.seed ?? 0) };
  },
});
const definition = sum.defineConfig({ a: choice(1, 2) });
const here = fileURLToPath(import.meta.url);

function runsDirectory(): string {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-api-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "runs");
}

test("a definition resolves to the configs of its runs, typed by it and named by its file", async () => {
  const resolved = await resolve(definition, ["seed=7"]);
  expectTypeOf(resolved.runs[0]?.config.a).toEqualTypeOf<number | undefined>();
  expect(resolved).toMatchObject({ experiment: "api.test", file: here, task: "sum", axes: ["a"] });
  expect(resolved.runs.map(({ config }) => [config.a, config.b, config.seed])).toEqual([
    [1, 1, 7],
    [2, 1, 7],
  ]);
  expect(resolved.runs.map(({ axisValues }) => axisValues)).toEqual([{ a: 1 }, { a: 2 }]);
  const [first] = resolved.runs;
  expect(await first?.explain()).toMatchObject({
    seed: [{ layer: "command line", value: 7, argument: "seed=7" }],
    b: [{ layer: "default", value: 1 }],
  });
  expect((await resolve(definition, [], { name: "mine" })).experiment).toBe("mine");
});

test("a file resolves as its definition does, by path and by URL", async () => {
  const experiment = `import { defineTask } from "lockstep";
import { z } from "zod";
const sum = defineTask({ name: "sum", schema: z.strictObject({ a: z.number() }), run: async () => {} });
export default sum.defineConfig({ a: 1 });
`;
  const folder = createProject({ "experiments/one.ts": experiment });
  const byPath = await resolve("experiments/one.ts", ["a=2,3"], { workingDirectory: folder });
  expect(byPath.experiment).toBe("one");
  expect(byPath.runs.map(({ config }) => config["a"])).toEqual([2, 3]);
  const byUrl = await resolve(new URL(`file://${folder}/experiments/one.ts`), ["a=2,3"]);
  const hashes = (of: typeof byPath): unknown => of.runs.map(({ configHash }) => configHash);
  expect(hashes(byUrl)).toEqual(hashes(byPath));
});

test("an attempt that is taken for dead without being seen is told of", async () => {
  const place = { overrides: ["a=-1"], runsDirectory: runsDirectory() };
  const [first] = (await run(definition, place)).runs;
  const directory = first?.directory ?? "";
  const path = join(directory, "attempt.json");
  const record = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  const elsewhere = { ...record, id: "not ours", bootId: "another", machine: "of the same name" };
  writeFileSync(path, JSON.stringify(elsewhere));
  rmSync(join(directory, "failure.json"));
  const [next] = (await run(definition, place)).runs;
  const log = readFileSync(join(next?.directory ?? "", "logs/train.log"), "utf8");
  expect(log).toMatch(/warning.*attempt 1: process \d+ on .* is taken for dead/u);
});

test("presets beside the definition's file can be named in overrides", async () => {
  const shared = `import { defineTask } from "lockstep";
import { z } from "zod";
const member = (kind: string) => z.strictObject({ kind: z.literal(kind), size: z.int() });
const schema = z.strictObject({ model: z.discriminatedUnion("kind", [member("wide"), member("deep")]) });
export const task = defineTask({ name: "toy", schema, run: async () => {} } as never) as any;
`;
  const folder = createProject({
    "task.ts": shared,
    "experiments/one.ts": `import { task } from "../task.ts";
export default task.defineConfig({ model: { kind: "wide", size: 1 } });
`,
    "experiments/presets/model.ts": `import { task } from "../../task.ts";
export const model = task.presets("model", { big: { kind: "deep", size: 9 } });
`,
  });
  const { runs } = await resolve(join(folder, "experiments/one.ts"), ["model=big"]);
  expect(runs[0]?.config).toEqual({ model: { kind: "deep", size: 9 } });
});

test("a plan says what would run; running it gives figures, and the second time finds them", async () => {
  const folder = runsDirectory();
  const planned = await plan(definition, { overrides: ["b=5"], runsDirectory: folder });
  expect(planned).toMatchObject({ experiment: "api.test", runsDirectory: folder });
  expect(planned.runs.map(({ status, index }) => [status, index])).toEqual([
    ["planned", 0],
    ["planned", 1],
  ]);
  const told: string[] = [];
  const first = await run(planned, {
    onEvent: ({ kind }, { index }) => told.push(`${index} ${kind}`),
  });
  expectTypeOf(first.runs[0]?.config.a).toEqualTypeOf<number | undefined>();
  expect(first.runs.map(({ status, metrics, isReused }) => [status, metrics, isReused])).toEqual([
    ["finished", { total: 6 }, false],
    ["finished", { total: 7 }, false],
  ]);
  expect(told).toEqual(
    [0, 1].flatMap((index) =>
      ["started", "metrics", "result", "finished"].map((kind) => `${String(index)} ${kind}`),
    ),
  );
  expect(first.runs.map(({ directory }) => directory)).toEqual(
    planned.runs.map(({ directory }) => directory),
  );
  const again = await run(definition, { overrides: ["b=5"], runsDirectory: folder });
  expect(again.runs.every(({ isReused }) => isReused)).toBe(true);
  expect((await plan(definition, { overrides: ["b=5"], runsDirectory: folder })).runs[0]).toEqual({
    ...planned.runs[0],
    status: "finished",
  });
});

test("a failed run is an outcome; the ones after it run, or do not with onError", async () => {
  const settings = { overrides: ["a=-1,3"], runsDirectory: runsDirectory() };
  const { runs } = await run(definition, { ...settings, onError: "stop" });
  expect(runs.map(({ status }) => status)).toEqual(["failed", "planned"]);
  expect(runs[0]?.error).toMatchObject({ code: "training", message: "Error: no negative numbers" });
  const all = await run(definition, settings);
  expect(all.runs.map(({ status }) => status)).toEqual(["failed", "finished"]);
});

test("an aborted signal leaves the runs planned", async () => {
  const options = { signal: AbortSignal.abort(), runsDirectory: runsDirectory() };
  const { runs } = await run(definition, options);
  expect(runs.map(({ status }) => status)).toEqual(["planned", "planned"]);
});

test("the store lists and finds what was run, with all that is in it", async () => {
  const folder = runsDirectory();
  expect((await openStore(dirname(folder))).list()).toEqual([]);
  const { runs } = await run(definition, { runsDirectory: folder });
  const store = await openStore(folder);
  expect(store.list().map(({ runKey }) => runKey)).toEqual(
    runs.map(({ runKey }) => runKey).toSorted(),
  );
  const found = store.run((runs[1]?.runKey ?? "").slice(0, 8));
  const [listed] = store.runs("a = 2");
  expect(store.run(listed?.run ?? "").runKey).toBe(found.runKey);
  expect(found.experiment).toBe("api.test");
  expect(found.config()).toEqual(runs[1]?.config);
  expect(found.metrics()).toEqual({ total: 3 });
  expect(found.history()).toEqual([{ "validation.sum": 3, step: 1, epoch: 0 }]);
  expect(found.predictions()).toEqual([]);
  expect(found.log()).toContain("finished at step");
  expect(() => store.run("ffffffff")).toThrow(/No run in .* begins with ffffffff/);
  rmSync(join(found.directory, "results/metrics.json"));
  expect(store.damaged()).toEqual([
    { directory: found.directory, reason: "results/metrics.json is missing" },
  ]);
});

test("a folder of runs that is not there is no empty store", async () => {
  const missing = join(runsDirectory(), "nope");
  const told = (place: string, why: string): object => ({
    code: "usage",
    message: `openStore(): ${place} ${why}.`,
  });
  await expect(openStore(missing)).rejects.toMatchObject(told(missing, "does not exist"));
  const file = fileURLToPath(import.meta.url);
  await expect(openStore(file)).rejects.toMatchObject(told(file, "is not a folder"));
});

test("what is no experiment, no list of overrides or no plan is refused", async () => {
  const wrong = { runs: [] } as never;
  await expect(resolve(42 as never)).rejects.toThrow(/file or its definition, found a number/);
  await expect(resolve(definition, "seed=7" as never)).rejects.toThrow("Overrides are a list");
  await expect(resolve(definition, ["c=1"])).rejects.toMatchObject({ code: "config" });
  await expect(run(wrong)).rejects.toThrow("This is a copy of a plan");
  await expect(resolve(definition, [], { name: "\u0007" })).rejects.toThrow("cannot name");
});

test("options that there are not are refused by every function, with the nearest name", async () => {
  const folder = runsDirectory();
  const wrong = (options: object): never => options as never;
  const override = wrong({ override: ["a=1"], runsDirectory: folder });
  const told = "was given an option that it does not have: override (did you mean overrides?).";
  await expect(run(definition, override)).rejects.toThrow(`run() ${told}`);
  await expect(plan(definition, override)).rejects.toThrow(`plan() ${told}`);
  await expect(plan(definition, wrong({ jobs: 2, seed: 1 }))).rejects.toThrow(
    "plan() was given 2 options that it does not have: jobs, seed.",
  );
  await expect(resolve(definition, [], wrong({ workingDir: "." }))).rejects.toThrow(
    "resolve() was given an option that it does not have: workingDir (did you mean workingDirectory?).",
  );
  await expect(loadModel("00000000", wrong({ input: "text" }))).rejects.toMatchObject({
    code: "usage",
    message: "loadModel() was given an option that it does not have: input (did you mean inputs?).",
    hint: "Its options: inputs, checkpoint, task, backend, runsDirectory.",
  });
  await expect(openStore(wrong({ runsDirectory: folder }))).rejects.toThrow(
    "openStore() takes a folder as a text, found an object.",
  );
  await expect(run(definition, wrong(["a=1"]))).rejects.toThrow(
    "run() takes its options as one object, found a list.",
  );
  await expect(run(definition, wrong({ onError: "halt" }))).rejects.toThrow(
    'onError is "continue" or "stop", found "halt".',
  );
  const planned = await plan(definition, { runsDirectory: folder });
  await expect(run(planned, wrong({ overrides: ["a=1"] }))).rejects.toThrow(
    "run() of a plan was given an option that it does not have: overrides.",
  );
  expect(existsSync(folder)).toBe(false);
});

test("a run without a model, and a name without a run, are told", async () => {
  const folder = runsDirectory();
  const { runs } = await run(definition, { overrides: ["a=1"], runsDirectory: folder });
  const [key = ""] = runs.map(({ runKey }) => runKey.slice(0, 12));
  await expect(loadModel(key, { runsDirectory: folder })).rejects.toThrow(
    `The run ${key} has no checkpoint best. It has none`,
  );
  await expect(loadModel("00000000", { runsDirectory: folder })).rejects.toMatchObject({
    code: "usage",
  });
  await expect(loadModel("nowhere/run")).rejects.toThrow("nowhere/run does not exist");
  writeFileSync(join(folder, "alone.safetensors"), "");
  await expect(loadModel(join(folder, "alone.safetensors"))).rejects.toThrow(
    "lies without its run",
  );
  expect(readdirSync(folder)).toContain("alone.safetensors");
});

test("a definition of any task can be handed over", () => {
  expectTypeOf(definition).toExtend<Definition<{ a: number }, unknown>>();
});

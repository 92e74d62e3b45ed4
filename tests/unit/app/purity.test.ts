import { expect, test } from "vitest";
import { compareEvaluations } from "../../../src/app/purity.ts";
import { createProject, taskModule } from "../resolve/support/project.ts";

const impure = `import { readdirSync } from "node:fs";
import { choice, derived } from "lockstep";
import { clock, listed } from "clock";
import { defineConfig } from "../task.ts";

const counter = ((globalThis as any).__lockstepTestCount ??= { count: 0 });
export default defineConfig({
  seed: choice(1, 2),
  steps: clock(),
  rate: 0.5,
  note: listed(import.meta.dirname).join() + readdirSync(import.meta.dirname).join(),
  model: { kind: "wide", size: derived(() => ++counter.count) },
});
`;

const files = {
  "task.ts": taskModule,
  "experiments/impure.ts": impure,
  "experiments/pure.ts": impure
    .replace("clock(),", "3,")
    .replace("listed(import.meta.dirname).join() + ", "")
    .replace("++counter.count", "counter.count"),
  "node_modules/clock/package.json": '{ "name": "clock", "main": "index.js" }',
  "node_modules/clock/index.js":
    "exports.clock = () => Date.now(); exports.listed = (folder) => require('fs').readdirSync(folder);",
};

test("what differs between two evaluations is told with both values and the line that wrote it", async () => {
  const workingDirectory = createProject(files);
  const request = { file: "experiments/impure.ts", overrides: [], workingDirectory };
  const found = await compareEvaluations(request);
  expect(found.map(({ path }) => path).toSorted()).toEqual(["model.size", "note", "steps"]);
  for (const { path, first, second } of found) {
    expect(first.value, path).not.toEqual(second.value);
    expect(second.origin).toBe(first.origin);
  }
  const note = found.find(({ path }) => path === "note");
  // A package gets the folder the other way round, code of the project in order.
  expect(note?.first.value).toBe("impure.ts,pure.tsimpure.ts,pure.ts");
  expect(note?.second.value).toBe("pure.ts,impure.tsimpure.ts,pure.ts");
  expect(found.find(({ path }) => path === "steps")?.first.origin).toMatch(
    /^experiments\/impure\.ts:9:3$/,
  );
  expect(found.find(({ path }) => path === "model.size")?.run).toBe(0);
});

test("an experiment that always gives the same has nothing to tell", async () => {
  const workingDirectory = createProject(files);
  const request = { file: "experiments/pure.ts", overrides: ["rate=0.25"], workingDirectory };
  expect(await compareEvaluations(request)).toEqual([]);
});

test("another number of runs is told too", async () => {
  const runs = `import { choice } from "lockstep";
import { defineConfig } from "../task.ts";
const counter = ((globalThis as any).__lockstepTestRuns ??= { count: 0 });
export default defineConfig({ seed: choice(...[1, 2, 3].slice(0, ++counter.count)) });
`;
  const workingDirectory = createProject({ "task.ts": taskModule, "experiments/runs.ts": runs });
  const request = { file: "experiments/runs.ts", overrides: [], workingDirectory };
  expect(await compareEvaluations(request)).toMatchObject([
    { path: "", first: { value: 1 }, second: { value: 2 } },
  ]);
});

test.each([
  ["a count of its calls", "++count"],
  ["the first run that asked", "(first ??= c.seed)"],
])("a derived value that hangs on the other runs is told: %s", async (_, body) => {
  const stateful = `import { choice, derived } from "lockstep";
import { defineConfig } from "../task.ts";
let count = 0;
let first: number | undefined;
export default defineConfig({
  seed: choice(1, 2),
  steps: derived((c) => ${body}),
  rate: derived((c) => c.seed / 2),
});
`;
  const workingDirectory = createProject({
    "task.ts": taskModule,
    "experiments/stateful.ts": stateful,
  });
  const request = { file: "experiments/stateful.ts", overrides: [], workingDirectory };
  const found = await compareEvaluations(request);
  expect(found.map(({ path }) => path)).toEqual(["steps"]);
  expect(found[0]?.first).toEqual({ value: 1, origin: "experiments/stateful.ts:7:3" });
  const single = await compareEvaluations({ ...request, overrides: ["seed=1"] });
  expect(single.map(({ path }) => path)).toEqual(body === "++count" ? ["steps"] : []);
});

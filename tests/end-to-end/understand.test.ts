/** What `exp` says of a config: resolve, explain, list, schema, help. One project, each command once or twice. */
import { createHash } from "node:crypto";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { createProject, document, repository, tinyProject } from "./project.ts";
import { expInSameProcess as exp } from "./same-process.ts";

const task = `import { defineTask, envelopeFields, field } from "lockstep";
import { z } from "zod";

export const pump = defineTask({
  name: "pump",
  schema: z.strictObject({
    ...envelopeFields,
    /** Litres that pass in one second. */
    flow: z.number().gt(0).max(50).default(2).meta(field({ unit: "l/s" })),
    /** The form of the wheel. */
    wheel: z.enum(["open", "closed"]),
  }),
  run: async function* () {},
});
`;
const files = {
  ...tinyProject,
  "experiments/sweep.ts": `/** Two rates, and a warm-up that follows the epochs. More words. */
import { choice, derived, extend } from "lockstep";
import tiny from "./tiny.ts";

export default extend(tiny, {
  optimizer: { learningRate: choice(0.01, 0.02) },
  schedule: { kind: "linear", warmupSteps: derived((c) => 2 * (c.training.numEpochs ?? 0)) },
});
`,
  "experiments/presets/model.ts": `import { presets } from "lockstep";

export const model = presets("model", {
  /** Wider, for more data. */
  wide: { kind: "bert", hiddenSize: 32 },
});
`,
  "experiments/pump.ts": `import { pump } from "../tasks/pump.ts";

export default pump.defineConfig({ wheel: "open" });
`,
  "tasks/pump.ts": task,
};

test("runs that differ in what no key counts: resolve shows and names them, plan says which run they are", async () => {
  const project = createProject(files);
  const given = ["experiments/tiny.ts", "threads=1,2"];
  const [resolved, planned] = await Promise.all([
    exp(project, ["resolve", ...given, "threads"]),
    exp(project, ["plan", ...given]),
  ]);
  expect(resolved.stdout).toBe("[\n  1,\n  2\n]\n");
  expect(resolved.stderr).toBe(
    "note: 1 run has the configHash of an earlier one (run 2 is run 1 with threads 1 → 2). A plan has the first of them alone, unless data or environment differ.\n",
  );
  expect(planned.stdout).toContain(
    "note: 1 of 2 runs is left out: an earlier one has its run key (run 1 with threads 1 → 2).\n",
  );
});

test("resolve prints what will be hashed: a part, all runs, one run, YAML, the identity's own bytes", async () => {
  const project = createProject(files);
  const sweep = "experiments/sweep.ts";
  const [part, identity, yaml, plan, wrong] = await Promise.all([
    exp(project, ["resolve", sweep, "optimizer.learningRate", "seed=3"]),
    exp(project, ["resolve", sweep, "--identity", "--run", "2"]),
    exp(project, ["resolve", sweep, "schedule", "--yaml"]),
    exp(project, ["plan", sweep, "--json"]),
    exp(project, ["resolve", sweep, "optimizer.learninRate", "--json"]),
  ]);
  expect(part).toEqual({ status: 0, stdout: "[\n  0.01,\n  0.02\n]\n", stderr: "" });
  const hash = createHash("sha256").update(identity.stdout).digest("hex");
  expect(hash).toBe(document(plan).runs[1]?.configHash);
  expect(parseAllDocuments(yaml.stdout).map((one) => one.toJSON() as unknown)).toEqual(
    Array.from({ length: 2 }, () => ({ kind: "linear", warmupSteps: 8, minimumFraction: 0 })),
  );
  expect(wrong.status).toBe(2);
  expect(JSON.parse(wrong.stdout)).toMatchObject({
    error: { code: "usage", hint: expect.stringContaining("optimizer.learningRate") as string },
  });
});

test("explain tells who set a value, in order, and what it was computed from", async () => {
  const project = createProject(files);
  const words = ["explain", "experiments/sweep.ts", "model=wide", "lr", "model.hiddenSize"];
  const [text, json] = await Promise.all([
    exp(project, [...words, "schedule.warmupSteps", "optimizer.momentum"]),
    exp(project, ["explain", "experiments/sweep.ts", "--run", "2", "--json"]),
  ]);
  expect(text.stderr).toBe("");
  expect(text.stdout).toBe(`sweep, run 1 of 2: optimizer.learningRate=0.01

optimizer.learningRate = 0.01
  Step size before the schedule.
  a number, > 0, ≤ 1000; counts in configHash and groupHash
  short name: lr

  set at                     by            written
  experiments/tiny.ts:8:31   defineConfig  0.01                replaced
  experiments/sweep.ts:6:16  extend        choice(0.01, 0.02)  holds: 0.01

  An axis of the sweep of 2 runs; --run N explains another run.

model.hiddenSize = 32
  Width of every token's vector; a multiple of \`numHeads\`.
  a whole number, ≥ 1, ≤ 65536; counts in configHash and groupHash

  set at                             by                                    written
  experiments/tiny.ts:7:40           defineConfig                          16       replaced
  experiments/presets/model.ts:5:25  preset model["wide"], for model=wide  32       holds

schedule.warmupSteps = 8 steps
  Steps over which the rate rises from 0 to its full value.
  a whole number, ≥ 0, in steps; counts in configHash and groupHash

  set at                     by      written
  experiments/sweep.ts:7:31  extend  derived(…)  holds: 8

  computed from
  training.numEpochs  = 4

optimizer.momentum is not set
  Share of the last step that is kept.
  a number, ≥ 0, < 1; counts in configHash and groupHash

  No layer sets it.

  It exists only with optimizer.kind "sgd"; here that is "adamw".
`);
  const explained = JSON.parse(json.stdout) as { run: number; values: { path: string }[] };
  expect(explained.run).toBe(2);
  expect(explained.values.find(({ path }) => path === "optimizer.learningRate")).toMatchObject({
    value: 0.02,
    history: [
      { holds: false },
      { by: "choice", file: "experiments/sweep.ts", line: 6, holds: true },
    ],
    field: { type: "a number", range: "> 0, ≤ 1000" },
  });
});

test("list, help and schema say what there is, with the comments of the source", async () => {
  const project = createProject(files);
  symlinkSync(join(repository, "node_modules/zod"), join(project.directory, "node_modules/zod"));
  const [listed, paths, help, schema, unknown, item] = await Promise.all([
    exp(project, ["list"]),
    exp(project, ["list", "paths", "experiments/pump.ts", "--json"]),
    exp(project, ["help", "experiments/pump.ts", "flow"]),
    exp(project, ["schema", "experiments/pump.ts"]),
    exp(project, ["help", "optimizer.learnRate"]),
    exp(project, ["help", "tags[0]"]),
  ]);
  expect(listed.stdout).toBe(`Experiments
  experiments/pump.ts
  experiments/sweep.ts  Two rates, and a warm-up that follows the epochs.
  experiments/tiny.ts

Presets for model, in experiments/presets/model.ts
  model=wide  Wider, for more data.
`);
  const fields = (JSON.parse(paths.stdout) as { paths: { path: string }[] }).paths;
  expect(fields.find(({ path }) => path === "seed")).toMatchObject({ mark: "seed", default: 0 });
  expect(fields.find(({ path }) => path === "seed")).toHaveProperty("doc");
  expect(help.stdout).toBe(`flow
  Litres that pass in one second.

  type     a number, > 0, ≤ 50, in l/s
  default  2
  hashes   counts in configHash and groupHash

Examples:
  exp experiments/pump.ts flow=0.001
  exp experiments/pump.ts flow=0.001,0.01
`);
  expect(JSON.parse(schema.stdout)).toMatchObject({
    properties: { flow: { description: "Litres that pass in one second.", "x-unit": "l/s" } },
    required: ["wheel"],
  });
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain("Did you mean optimizer.learningRate?");
  expect(item.stdout).toMatch(
    /^tags\[0\] is one item of tags:\n\ntags\n {2}Words to find runs by\./u,
  );
});

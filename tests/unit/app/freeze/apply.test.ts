/** Diffs applied to modules: what is written resolves to the new side, and what cannot be written leaves the file alone. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { applyDiff, type Applied } from "../../../../src/app/freeze/apply.ts";
import type { JsonObject, JsonValue } from "../../../../src/core/json.ts";
import { diffValues } from "../../../../src/diff/value/diff.ts";
import { resolveExperiment } from "../../../../src/resolve/resolve.ts";
import { createProject, repository } from "../../../end-to-end/project.ts";

const task = `
import { defineTask, envelopeFields, field } from "lockstep";
import { z } from "zod";
export const line = defineTask({
  name: "line",
  schema: z.strictObject({
    ...envelopeFields,
    slope: z.number(),
    width: z.int().default(1),
    twice: z.int().default(0),
    file: z.string().meta(field({ mark: "location", location: {} })).default("none"),
    limit: z.number().optional(),
    stages: z.array(z.strictObject({ size: z.int(), rate: z.number().default(0.5) })).default([]),
    model: z
      .discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("flat"), size: z.int().default(4) }),
        z.strictObject({ kind: z.literal("deep"), depth: z.int().default(2), size: z.int().default(8) }),
      ])
      .default({ kind: "flat", size: 4 }),
    training: z
      .strictObject({ numSteps: z.int().optional(), numEpochs: z.int().optional() })
      .meta(field({ exactlyOneOf: [["numSteps", "numEpochs"]] }))
      .default({ numSteps: 5 }),
  }),
  run: () => Promise.resolve(),
});
`;

const base = `import { derived } from "lockstep";
import { line } from "../line.ts";
export default line.defineConfig({
  slope: 1,
  limit: 3,
  twice: derived((c) => 2 * c.width),
  training: { numSteps: 10 },
  stages: [{ size: 1 }, { size: 2 }],
});
`;
const child = (layers: string): string => `import { choice } from "lockstep";
import { line } from "../line.ts";
import base from "./base.ts";
// What it is for.
export default line.extend(base, ${layers});
`;

const project = createProject(
  { "line.ts": task, "experiments/base.ts": base },
  "project",
  afterAll,
);
const { directory: workingDirectory } = project;
symlinkSync(
  join(repository, "node_modules/zod"),
  join(workingDirectory, "node_modules/zod"),
  "dir",
);
const file = "experiments/x.ts";
const written = (): string => readFileSync(join(workingDirectory, file), "utf8");
const environment = {};

async function configs(): Promise<readonly JsonObject[]> {
  const { runs } = await resolveExperiment({ file, overrides: [], workingDirectory });
  return runs.map(({ config }) => config);
}

/** Applies a diff to a child of `base`, and gives back what became of its layers. */
async function apply(layers: string, document: JsonValue, isDry = false): Promise<Applied> {
  project.write(file, child(layers));
  return applyDiff({ document, file, workingDirectory, environment, isDry });
}

const set = (
  path: readonly (string | number)[],
  before: JsonValue,
  value: JsonValue,
): JsonValue => ({
  kind: "replace",
  path,
  before,
  value,
});

test("values are written where they stand, and what follows from them is left to follow", async () => {
  await apply("{ width: 2 /* wide */ }", [set(["width"], 2, 5), set(["twice"], 4, 10)]);
  expect(written()).toBe(child("{ width: 5 /* wide */ }"));
  expect(await configs()).toMatchObject([{ width: 5, twice: 10 }]);
});

test("a value that others follow from may become another than follows", async () => {
  await apply("{ width: 2 }", [set(["twice"], 4, 7)]);
  expect(written()).toBe(child("{ width: 2, twice: 7 }"));
});

test("inherited values, fields that exclude each other, other kinds and list items are written as layers say them", async () => {
  await apply("{ name: 'x' }", [
    { kind: "remove", path: ["limit"], value: 3 },
    { kind: "remove", path: ["training", "numSteps"], value: 10 },
    { kind: "add", path: ["training", "numEpochs"], value: 2 },
    set(["model", "kind"], "flat", "deep"),
    set(["model", "size"], 4, 9),
    { kind: "add", path: ["model", "depth"], value: 2 },
    set(["stages", 1, "rate"], 0.5, 0.25),
  ]);
  expect(written()).toMatchInlineSnapshot(`
    "import { choice, remove } from "lockstep";
    import { line } from "../line.ts";
    import base from "./base.ts";
    // What it is for.
    export default line.extend(base, {
      name: 'x',
      model: { kind: "deep", depth: 2, size: 9 },
      stages: [
        { size: 1, rate: 0.5 },
        { size: 2, rate: 0.25 },
      ],
      training: { numEpochs: 2 },
      limit: remove(),
    });
    "
  `);
  expect(await configs()).toMatchObject([
    {
      training: { numEpochs: 2 },
      model: { kind: "deep", size: 9, depth: 2 },
      stages: [
        { size: 1, rate: 0.5 },
        { size: 2, rate: 0.25 },
      ],
    },
  ]);
});

test("paths are written relative to the module, and all runs of a sweep change", async () => {
  await apply("{\n  slope: choice(1, 2),\n}", [set(["file"], "none", "data/a.tsv")]);
  expect(written()).toContain('  slope: choice(1, 2),\n  file: "../data/a.tsv",\n}');
  expect((await configs()).map((one) => [one["slope"], one["file"]])).toEqual([
    [1, "data/a.tsv"],
    [2, "data/a.tsv"],
  ]);
});

const report = (axes: JsonValue, changes: JsonValue = []): JsonValue => ({
  format: "lockstep/diff/1",
  experiments: [{ name: "a → b", axes, changes, numRuns: { before: 1, after: 1 } }],
});

test("axes of a report get their new values", async () => {
  const axes = [{ name: "slope", before: [1, 2], after: [1, 2, 4] }];
  await apply("{ slope: choice(1, 2) }", report(axes));
  expect(written()).toBe(child("{ slope: choice(1, 2, 4) }"));
  await apply("{ width: 2 }", report([{ name: "slope", after: [1, 2] }]));
  expect(written()).toBe(child("{ width: 2, slope: choice(1, 2) }"));
});

test("an axis that goes away leaves the value that the diff says, and its runs become one", async () => {
  await apply("{ slope: choice(1, 2) }", report([{ name: "slope", before: [1, 2], instead: 7 }]));
  expect(written()).toBe(child("{ slope: 7 }"));
  const two = "{ slope: choice(1, 2), width: choice(3, 4) }";
  await apply(two, report([{ name: "slope", before: [1, 2], instead: 2 }]));
  expect(written()).toBe(child("{ slope: 2, width: choice(3, 4) }"));
  expect((await configs()).map(({ slope, width }) => [slope, width])).toEqual([
    [2, 3],
    [2, 4],
  ]);
});

test("what a killed process left beside the module is taken away, what a living one tries is not", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]); // has ended
  const living = `experiments/y.tried-${String(process.ppid)}.ts`;
  project.write(`experiments/y.tried-${String(pid)}.ts`, "");
  project.write(living, "");
  await apply("{ width: 2 }", [set(["width"], 2, 5), set(["twice"], 4, 10)]);
  const left = readdirSync(join(workingDirectory, "experiments")).filter((name) =>
    name.includes(".tried-"),
  );
  expect(left).toEqual([basename(living)]);
  rmSync(join(workingDirectory, living));
});

test("a dry run shows the patch and writes nothing", async () => {
  const { patch } = await apply(
    "{ width: 2 }",
    [set(["width"], 2, 5), set(["twice"], 4, 10)],
    true,
  );
  expect(patch).toContain(
    "-export default line.extend(base, { width: 2 });\n+export default line.extend(base, { width: 5 });\n",
  );
  expect(written()).toBe(child("{ width: 2 }"));
});

test.each([
  ["{ width: 3 }", [set(["width"], 2, 5)], "width is to be changed from 2, but 3 is there."],
  ["{ width: 1 + 1 }", [set(["width"], 2, 5)], "experiments/x.ts:5: width is computed: 1 + 1."],
  [
    "{ width: 2 }, line.fragment({ slope: 7 })",
    [set(["width"], 2, 2.5)],
    "The changed module would be refused",
  ],
  [
    "{ slope: choice(1, 2) }",
    report([{ name: "slope", before: [1, 2] }]),
    "the axis slope goes away for no value of its own",
  ],
  [
    "{ width: 2 }",
    report([{ name: "slope", before: [1], after: [2, 3] }]),
    "the axis slope of x has no values, expected 1.",
  ],
  [
    "{ width: 2 }",
    [
      { kind: "set", path: ["a"] },
      { kind: "add", path: "a" },
    ],
    "[0].kind is none of add, remove, replace, move; [1].path is no list",
  ],
  ["{ width: 2 }", { format: "lockstep/diff/1" }, "made with --static"],
  [
    "{ width: 2 }",
    { format: "lockstep/diff/1", experiments: [{ name: "a" }, { name: "b" }] },
    "of other experiments than experiments/x.ts: a, b.",
  ],
  [
    "{ width: 2 }",
    report([], [{ ...(set(["width"], 2, 3) as JsonObject), numRuns: 1 }]),
    "[0] holds in 1 of the runs of a sweep only",
  ],
] as [string, JsonValue, string][])(
  "%s stays, told why",
  async (...[layers, document, message]) => {
    await expect(apply(layers, document)).rejects.toThrow(message);
    expect(written()).toBe(child(layers));
    expect(readdirSync(join(workingDirectory, "experiments"))).toEqual(["base.ts", "x.ts"]);
  },
);

test("a layer that has the last word gets one behind it", async () => {
  await apply("{ width: 2 }, line.fragment({ width: 7 })", [set(["width"], 7, 8)]);
  expect(await configs()).toMatchObject([{ width: 8 }]);
});

const stage = fc.record({ size: fc.integer({ min: 1, max: 3 }) });
const size = fc.integer({ min: 1, max: 9 });
/** Layers over `base`: what they leave out is inherited. */
const patch = fc.record(
  {
    slope: fc.constantFrom(1, 0.5, 1e-7),
    width: size,
    stages: fc.array(stage, { maxLength: 3 }),
    description: fc.string({ unit: fc.constantFrom("a", '"', "\\", "${", "é") }),
    tags: fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }),
    training: fc.oneof(fc.record({ numSteps: size }), fc.record({ numEpochs: size })),
    model: fc.oneof(
      fc.record({ kind: fc.constant("flat"), size }, { requiredKeys: ["kind"] }),
      fc.record({ kind: fc.constant("deep"), size, depth: size }, { requiredKeys: ["kind"] }),
    ),
  },
  { requiredKeys: [] },
);

test("whatever a child of a parent says, the diff to any other child makes it that one", async () => {
  const layers = (one: object): string => JSON.stringify(one);
  await fc.assert(
    fc.asyncProperty(patch, patch, async (one, other) => {
      project.write(file, child(layers(other)));
      const [after] = await configs();
      project.write(file, child(layers(one)));
      const [before] = await configs();
      const operations = diffValues(before ?? {}, after ?? {}) as unknown;
      await applyDiff({ document: operations, file, workingDirectory, environment, isDry: false });
      expect(await configs()).toEqual([after]);
    }),
    { numRuns: 20 },
  );
}, 60_000);

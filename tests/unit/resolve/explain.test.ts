import { expect, test } from "vitest";
import { formatOrigin } from "../../../src/core/errors.ts";
import { parsePath } from "../../../src/core/path.ts";
import { explainValues, type ValueStory } from "../../../src/resolve/explain.ts";
import { resolveExperiment } from "../../../src/resolve/resolve.ts";
import { createSchemaView } from "../../../src/resolve/schema-view.ts";
import { createProject, taskModule } from "./support/project.ts";

const files = {
  "task.ts": taskModule,
  "base.ts": `import { defineConfig } from "./task.ts";
export default defineConfig({ rate: 0.5, model: { kind: "wide", size: 4 } });
`,
  "presets/model.ts": `import { presets } from "../task.ts";
export const model = presets("model", {
  deep: { kind: "deep", size: 7 },
  plain: { kind: "wide" },
  7: { kind: "wide", size: 70 },
});
`,
  "child.ts": `import { choice, derived } from "lockstep";
import base from "./base.ts";
import { extend } from "./task.ts";
export default extend(base, {
  rate: choice(0.25, 0.75),
  steps: derived((c) => c.seed + c.model.size),
});
`,
};

/** The stories of some paths of one run, by path. */
async function stories(
  overrides: readonly string[],
  paths: readonly string[],
  index = 0,
): Promise<ReadonlyMap<string, ValueStory>> {
  const workingDirectory = createProject(files);
  const resolution = await resolveExperiment({ file: "child.ts", overrides, workingDirectory });
  const run = resolution.runs[index];
  if (run === undefined) throw new Error("no run");
  const view = createSchemaView(resolution.task.schema);
  const wanted = paths.map((text) => parsePath(text) ?? []);
  const found = await explainValues({ ...resolution, run, view }, wanted);
  return new Map(found.map((story) => [story.path, story]));
}

function lines(story: ValueStory | undefined): readonly string[] {
  const steps = story?.steps ?? [];
  return steps.map(({ origin, layer, written, holds }) => {
    return `${formatOrigin(origin)} ${layer} ${written}${holds ? " *" : ""}`;
  });
}

test("each assignment stands in order with its own line, and the one that holds is marked", async () => {
  const found = await stories([], ["rate", "seed", "steps"]);
  expect(found.get("rate")?.value).toBe(0.25);
  expect(lines(found.get("rate"))).toEqual([
    "base.ts:2:31 defineConfig 0.5",
    "child.ts:5:3 extend choice(0.25, 0.75) *",
  ]);
  expect(found.get("seed")).toMatchObject({ value: 0, default: 0, isDefault: true, steps: [] });
});

test("a derived value says what it was computed from, with the values of this run", async () => {
  const found = await stories(["model=deep", "seed=3"], ["steps"]);
  expect(found.get("steps")).toMatchObject({
    value: 10,
    reads: [
      { path: "seed", value: 3 },
      { path: "model.size", value: 7 },
    ],
  });
});

test("a preset of the command line is shown at its own line, with the argument that chose it", async () => {
  const found = await stories(["model=deep"], ["model.size"]);
  expect(lines(found.get("model.size"))).toEqual([
    "base.ts:2:65 defineConfig 4",
    'presets/model.ts:3:25 preset model["deep"] 7 *',
  ]);
  expect(found.get("model.size")?.steps[1]?.chosenBy).toBe("model=deep");
});

test("a path of an object stands for all values below it, none for all", async () => {
  expect([...(await stories([], ["model"])).keys()]).toEqual(["model.kind", "model.size"]);
  expect([...(await stories([], [])).keys()].toSorted()).toEqual([
    "model.kind",
    "model.size",
    "rate",
    "seed",
    "steps",
  ]);
});

test("what the command line set last holds, and a value that was taken away is not set", async () => {
  const found = await stories(["rate=0.1"], ["rate", "note"]);
  expect(lines(found.get("rate")).at(-1)).toBe("command line: rate=0.1 command line 0.1 *");
  expect(found.get("note")).toEqual({ path: "note", steps: [], isDefault: false });
});

test("of a sweep of presets, each run shows its own preset, and only what that one writes", async () => {
  const paths = ["model.kind", "model.size"];
  const first = await stories(["model=deep,plain"], paths);
  const second = await stories(["model=deep,plain"], paths, 1);
  expect([first, second].map((found) => found.get("model.kind")?.value)).toEqual(["deep", "wide"]);
  expect(lines(first.get("model.size")).at(-1)).toBe(
    'presets/model.ts:3:25 preset model["deep"] 7 *',
  );
  expect(lines(second.get("model.kind"))).toEqual([
    'base.ts:2:51 defineConfig "wide"',
    'presets/model.ts:4:12 preset model["plain"] "wide" *',
  ]);
  expect(lines(second.get("model.size"))).toEqual(["base.ts:2:65 defineConfig 4 *"]);
});

test("a preset may be named by a number alone", async () => {
  expect((await stories(["model=7"], ["model.size"])).get("model.size")?.value).toBe(70);
});

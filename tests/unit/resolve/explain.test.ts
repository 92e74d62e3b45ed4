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

test("what a combinator of the command line gave stands with the argument that was typed", async () => {
  const condition = "when(seed==0,rate=0.5,model=deep)";
  const found = await stories([condition], ["rate", "model.size"]);
  expect(lines(found.get("rate")).at(-1)).toBe(`command line: ${condition} command line 0.5 *`);
  expect(found.get("model.size")?.steps.at(-1)?.chosenBy).toBe(condition);
  const zipped = await stories(["zip(rate=[0.5,0.6],seed=[1,2])"], ["rate"], 1);
  expect(lines(zipped.get("rate")).at(-1)).toBe(
    "command line: zip(rate=[0.5,0.6],seed=[1,2]) command line 0.6 *",
  );
});

const lists = `import { env, defineTask } from "lockstep";
import { z } from "zod";
const task = defineTask({ name: "lists", run: () => {}, schema: z.strictObject({
  words: z.array(z.string()).default([]), maybe: z.number().nullable().optional(),
}) });
export default task.defineConfig({ words: ["base"], maybe: env("MAYBE", 4) });
`;

/** `written` and what it did, for each step of a path. */
async function effects(overrides: readonly string[], path: string): Promise<readonly string[]> {
  const workingDirectory = createProject({ "lists.ts": lists });
  const resolution = await resolveExperiment({ file: "lists.ts", overrides, workingDirectory });
  const [run] = resolution.runs;
  if (run === undefined) throw new Error("no run");
  const view = createSchemaView(resolution.task.schema);
  const [story] = await explainValues({ ...resolution, run, view }, [parsePath(path) ?? []]);
  return (story?.steps ?? []).map(({ written, holds, takesAway }) => {
    return `${written} ${holds ? "holds" : takesAway === true ? "takes away" : "replaced"}`;
  });
}

test("of a list, what nothing is left of does not hold, and what took something away says what", async () => {
  expect(await effects(["words+=cli", "words-=base"], "words")).toEqual([
    '["base"] replaced',
    'append("cli") holds',
    'subtract("base") takes away',
  ]);
  expect(await effects(["words=[a,b]", "words[0]=Q", "~words[1]"], "words")).toEqual([
    '["base"] replaced',
    '["a", "b"] replaced',
    '"Q" holds',
    "remove() takes away",
  ]);
  expect(await effects(["words=[a,b]", "~words[1]"], "words")).toEqual([
    '["base"] replaced',
    '["a", "b"] holds',
    "remove() takes away",
  ]);
  expect(await effects(["words-=base"], "words")).toEqual([
    '["base"] replaced',
    'subtract("base") takes away',
  ]);
  expect(await effects(["~maybe=4"], "maybe")).toEqual([
    'env("MAYBE", 4) replaced',
    "remove(4) takes away",
  ]);
});

test("a recorded input is told where something of it is left", async () => {
  const held = async (...overrides: readonly string[]): Promise<unknown> => {
    const workingDirectory = createProject({ "lists.ts": lists });
    const resolution = await resolveExperiment({ file: "lists.ts", overrides, workingDirectory });
    const [run] = resolution.runs;
    if (run === undefined) throw new Error("no run");
    const view = createSchemaView(resolution.task.schema);
    const [story] = await explainValues({ ...resolution, run, view }, [["maybe"]]);
    return story?.inputsHeld;
  };
  expect(await held()).toEqual([{ kind: "env", name: "MAYBE" }]);
  expect(await held("maybe=null")).toBeUndefined();
  expect(await held("~maybe")).toBeUndefined();
});

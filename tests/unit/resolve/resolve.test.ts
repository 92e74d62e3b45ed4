import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { ExpError, formatError } from "../../../src/core/errors.ts";
import { resolveExperiment, type Resolution } from "../../../src/resolve/resolve.ts";
import { createProject, taskModule, writeFiles } from "./support/project.ts";

const base = `import { defineConfig } from "../task.ts";
export default defineConfig({
  rate: 0.5,
  seed: 1,
});
`;
const child = `// three seeds
import { choice, derived } from "lockstep";
import base from "./base.ts";
import { extend } from "../task.ts";

export default extend(base, {
  seed: choice(1, 2, 3),
  steps: derived((c) => c.seed * 10),
});
export const onEvent = () => {};
`;
const files = { "task.ts": taskModule, "experiments/base.ts": base, "experiments/child.ts": child };

function resolveIn(
  workingDirectory: string,
  file: string,
  overrides: readonly string[] = [],
): Promise<Resolution> {
  return resolveExperiment({ file, overrides, workingDirectory });
}

test("an experiment becomes the runs of its grid, each with its identity", async () => {
  const resolution = await resolveIn(createProject(files), "experiments/child.ts");
  expect(resolution.experiment).toBe("child");
  expect(resolution.axes).toEqual(["seed"]);
  expect(resolution.hooks.map(({ from }) => from)).toEqual(["experiments/child.ts"]);
  expect(resolution.runs.map(({ config }) => config)).toEqual(
    [1, 2, 3].map((seed) => ({
      rate: 0.5,
      seed,
      steps: seed * 10,
      model: { kind: "wide", size: 1 },
    })),
  );
  for (const { identityText, configHash } of resolution.runs) {
    expect(createHash("sha256").update(identityText).digest("hex")).toBe(configHash);
  }
});

test("equal experiments are equal in every directory, and comments or new values change no other run", async () => {
  const [here, there] = [createProject(files), createProject(files, "ein Ordner mit ü")];
  const before = (await resolveIn(here, "experiments/child.ts")).runs;
  const after = (await resolveIn(there, "experiments/child.ts")).runs;
  expect(after.map(({ identityText }) => identityText)).toEqual(
    before.map(({ identityText }) => identityText),
  );
  const edited = child
    .replace("// three seeds", "// four\n\n")
    .replace("choice(1, 2, 3)", "choice(1, 7, 2, 3)");
  writeFiles(here, { "experiments/child.ts": edited });
  const grown = (await resolveIn(here, "experiments/child.ts")).runs.map(
    ({ configHash }) => configHash,
  );
  expect(grown).toEqual([grown[0], expect.any(String), grown[2], grown[3]]);
  expect([grown[0], grown[2], grown[3]]).toEqual(before.map(({ configHash }) => configHash));
});

test("everything that is wrong is said at once, each with its own line", async () => {
  const wrong = `import base from "./base.ts";
import { extend } from "../task.ts";
const shared = { sede: 3 };
export default extend(base, {
  ...shared,
  rate: -1,
  model: { kind: "wiide" },
});
`;
  const folder = createProject({ ...files, "experiments/wrong.ts": wrong });
  const error: unknown = await resolveIn(folder, "experiments/wrong.ts", [
    "step=3",
    "note=x",
  ]).catch((reason: unknown) => reason);
  if (!(error instanceof ExpError)) throw error;
  expect(error.code).toBe("config");
  expect(formatError(error).split("\n")).toEqual([
    "wrong: the config has 4 problems.",
    expect.stringMatching(
      /^ {2}command line: step=3 {2}step: is not a known field\. Did you mean steps\?$/,
    ),
    "  experiments/wrong.ts:6:3  rate: must be more than 0 (found -1)",
    '  experiments/wrong.ts:7:12  model.kind: must be one of "wide", "deep" (found "wiide"). Did you mean "wide"?',
    "  experiments/wrong.ts:3:18  sede: is not a known field (found 3). Did you mean seed?",
  ]);
});

test("a malformed override is refused before anything is loaded", async () => {
  await expect(resolveIn(createProject({}), "missing.ts", ["seed"])).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("override 1") as string,
  });
});

test("presets are chosen by name on the command line, also as an axis", async () => {
  const folder = createProject({
    ...files,
    "experiments/presets/model.ts": `import { presets } from "../../task.ts";
export const model = presets("model", { big: { kind: "deep", size: 9 }, small: { kind: "deep", size: 2 } });
`,
  });
  const one = await resolveIn(folder, "experiments/base.ts", ["model.size=4", "model=big"]);
  expect(one.runs[0]?.config["model"]).toEqual({ kind: "deep", size: 4 });
  const two = await resolveIn(folder, "experiments/base.ts", ["model=small,big"]);
  expect(two.runs.map(({ axisValues, config }) => [axisValues, config["model"]])).toEqual([
    [{ model: "small" }, { kind: "deep", size: 2 }],
    [{ model: "big" }, { kind: "deep", size: 9 }],
  ]);
  const error: unknown = await resolveIn(folder, "experiments/base.ts", ["model=bgi"]).catch(
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({
    issues: [{ message: 'has no preset "bgi"; there are big, small', suggestion: "big" }],
  });
});

test("groups of another task are not taken for this one's", async () => {
  const group = (name: string): string => `
const { presets, profiles } = ${name};
export const model = presets("model", { big: { kind: "deep", size: 9 } });
export const run = profiles("run", { ${name}: { seed: 4 } });`;
  const other = `import { z } from "zod";
import { defineTask } from "lockstep";
const schema = z.strictObject({ seed: z.int(), model: z.any() });
const other = defineTask({ name: "other", schema, run: async function* run() {} } as never) as any;
${group("other")}`;
  const own = `import { task } from "../../task.ts";\n${group("task")}`;
  const folder = createProject({
    ...files,
    "experiments/presets/other.ts": other,
    "experiments/presets/own.ts": own,
  });
  const { runs } = await resolveIn(folder, "experiments/base.ts", ["run=task", "model=big"]);
  expect(runs[0]?.config).toMatchObject({ seed: 4, model: { size: 9 } });
  const [message] = (await resolveIn(folder, "experiments/base.ts", ["run=other"]).catch(
    ({ issues }: ExpError) => issues.map((issue) => issue.message),
  )) as string[];
  expect(message).toBe('names no profile of run: "other"; there are task');
});

test("two groups of presets for one path are an error", async () => {
  const group = 'import { presets } from "../../task.ts";\nexport default presets("model", {});';
  const folder = createProject({
    ...files,
    "experiments/presets/a.ts": group,
    "experiments/presets/b.ts": group,
  });
  await expect(resolveIn(folder, "experiments/base.ts", ["model=x"])).rejects.toThrow(
    "experiments/presets/a.ts and experiments/presets/b.ts hold two groups of presets for model.",
  );
});

test("derived values and rules are computed under the seal too", async () => {
  const folder = createProject({
    ...files,
    "experiments/sealed.ts": child.replace("c.seed * 10", "Number(globalThis.isSealed === true)"),
  });
  const { runs } = await resolveExperiment({
    file: "experiments/sealed.ts",
    overrides: [],
    workingDirectory: folder,
    seal: () => {
      Reflect.set(globalThis, "isSealed", true);
      return () => Reflect.deleteProperty(globalThis, "isSealed");
    },
  });
  expect(runs[0]?.config["steps"]).toBe(1);
  expect(globalThis).not.toHaveProperty("isSealed");
});

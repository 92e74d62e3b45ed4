import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, exp, repository, type Project } from "./project.ts";

const task = `import { choice, defineTask } from "lockstep";
import { z } from "zod";

const numeric = defineTask({
  name: "numeric",
  schema: z.strictObject({ seed: z.int().default(0), factor: z.number() }),
  run: async function* ({ config }) {
    const { scale } = await import("./scale.ts");
    yield { kind: "ready", numSteps: 1, numParameters: 0, facts: {} };
    yield { kind: "result", step: 1, metrics: { value: scale(config.factor) }, details: {} };
  },
});

export default numeric.defineConfig({ factor: choice(1, 2) });
`;

function taskProject(): Project {
  const project = createProject({
    "experiments/numeric.ts": task,
    "experiments/scale.ts": "export const scale = (value: number): number => 10 * value;\n",
  });
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  return project;
}

test("a task of one's own runs, with modules that it imports late", async () => {
  const project = taskProject();
  const finished = await exp(project, ["experiments/numeric.ts", "--json"]);
  expect(finished.stderr).toContain("numeric: 2 runs");
  expect(finished.status).toBe(0);
  expect(document(finished).runs.map((run) => run.metrics)).toEqual([{ value: 10 }, { value: 20 }]);
});

test("code that is reached only late counts in the code identity; comments do not", async () => {
  const project = taskProject();
  const keys = async (): Promise<readonly string[]> => {
    const plan = await exp(project, ["plan", "experiments/numeric.ts", "--json"]);
    return document(plan).runs.map((run) => run.runKey);
  };
  const before = await keys();
  project.write(
    "experiments/scale.ts",
    "// ten\nexport const scale = (value: number): number => 10 * value;\n",
  );
  expect(await keys()).toEqual(before);
  project.write(
    "experiments/scale.ts",
    "export const scale = (value: number): number => 11 * value;\n",
  );
  const after = await keys();
  expect(after).toHaveLength(2);
  expect(after).not.toContain(before[0]);
});

test("a new axis value leaves the keys of the other runs alone", async () => {
  const project = taskProject();
  const keys = async (): Promise<readonly string[]> => {
    const plan = await exp(project, ["plan", "experiments/numeric.ts", "--json"]);
    return document(plan).runs.map((run) => run.runKey);
  };
  const before = await keys();
  project.write("experiments/numeric.ts", task.replace("choice(1, 2)", "choice(1, 3, 2)"));
  const after = await keys();
  expect(after[0]).toBe(before[0]);
  expect(after[2]).toBe(before[1]);
});

test("an error that a task throws fails its run with one line, the stack kept in the attempt", async () => {
  const project = taskProject();
  project.write(
    "experiments/scale.ts",
    'export const scale = (value: number): number => { if (value === 2) throw new RangeError("two is too much"); return value; };\n',
  );
  const finished = await exp(project, ["experiments/numeric.ts"]);
  expect(finished.status).toBe(1);
  expect(finished.stderr).toContain("RangeError: two is too much");
  expect(finished.stderr).not.toMatch(/^\s+at /mu);
  expect(finished.stdout).toMatch(/2\s+-?\s*failed|failed/u);
});

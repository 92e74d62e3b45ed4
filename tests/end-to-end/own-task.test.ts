import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, repository, type Project } from "./project.ts";
import { expInSameProcess as exp } from "./same-process.ts";

const task = `import { defineTask } from "lockstep";
import { z } from "zod";

export const numeric = defineTask({
  name: "numeric",
  schema: z.strictObject({ seed: z.int().default(0), factor: z.number() }),
  run: async function* ({ config }) {
    const { scale } = await import("./scale.ts");
    yield { kind: "ready", numSteps: 1, numParameters: 0, facts: {} };
    yield { kind: "result", step: 1, metrics: { value: scale(config.factor) }, details: {} };
  },
});
`;

const experiment = `import { choice } from "lockstep";
import { numeric } from "../tasks/numeric.ts";

export default numeric.defineConfig({ factor: choice(1, 2) });
`;

const scale = "export const scale = (value: number): number => 10 * value;\n";

function taskProject(): Project {
  const project = createProject({
    "experiments/numeric.ts": experiment,
    "tasks/numeric.ts": task,
    "tasks/scale.ts": scale,
  });
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  return project;
}

async function plannedKeys(project: Project): Promise<readonly string[]> {
  const plan = await exp(project, ["plan", "experiments/numeric.ts", "--json"]);
  return document(plan).runs.map((run) => run.runKey);
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
  const before = await plannedKeys(project);
  project.write("tasks/scale.ts", `// ten\n${scale}`);
  expect(await plannedKeys(project)).toEqual(before);
  project.write("tasks/scale.ts", scale.replace("10", "11"));
  const after = await plannedKeys(project);
  expect(after).toHaveLength(2);
  expect(after).not.toContain(before[0]);
});

test("a new axis value leaves the keys of the other runs alone", async () => {
  const project = taskProject();
  const before = await plannedKeys(project);
  project.write("experiments/numeric.ts", experiment.replace("choice(1, 2)", "choice(1, 3, 2)"));
  const after = await plannedKeys(project);
  expect(after).toEqual([before[0], expect.any(String), before[1]]);
});

test("an error that a task throws fails its run with one line, the stack kept in the attempt", async () => {
  const project = taskProject();
  const body = 'if (value === 2) throw new RangeError("two is too much"); return value;';
  project.write("tasks/scale.ts", `export const scale = (value: number): number => { ${body} };\n`);
  const finished = await exp(project, ["experiments/numeric.ts"]);
  expect(finished.status).toBe(1);
  expect(finished.stderr).toContain("RangeError: two is too much");
  expect(finished.stderr).not.toMatch(/^\s+at /mu);
  expect(finished.stdout).toMatch(/finished/u); // the other run
  expect(finished.stdout).toMatch(/failed/u);
});

test("Ctrl-C that ends the compiler before the process hears of it is a stop, and no failure", async () => {
  const project = taskProject();
  project.write(
    "tasks/scale.ts",
    `process.kill(process.pid, "SIGINT"); // heard of after this turn
throw new Error("The service is no longer running");
`,
  );
  const stopped = await exp(project, ["experiments/numeric.ts", "--json"]);
  expect(document(stopped).runs.map((run) => run.status)).toEqual(["paused", "planned"]);
  expect(stopped.stderr).not.toMatch(/failed|no longer running/u);
  expect(stopped.status).toBe(75);
});

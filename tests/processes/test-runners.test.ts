/** `run` from a user's own tests: whatever loader the runner brings, experiments train as on the command line. */
import { spawn } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  repository,
  tinyProject,
  type Finished,
  type Project,
} from "../end-to-end/project.ts";

const body = `
test("an experiment trains", async () => {
  const { runs } = await run("experiments/tiny.ts");
  const [{ status, error }] = runs;
  if (status !== "finished") throw error;
}, 200_000);
`;

const files = {
  ...tinyProject,
  "run.vitest.ts": `import { run } from "lockstep";\nimport { test } from "vitest";\n${body}`,
  "run.node.ts": `import { run } from "lockstep";\nimport nodeTest from "node:test";\nconst test = (name, body) => nodeTest(name, body);\n${body}`,
};

/** Node.js in a project that has the runners installed. */
function node(project: Project, args: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    // What the runner of this very test hands on would be taken for its own.
    const own =
      /^(?:LOCKSTEP_RUNS|VITEST.*|VITE_.*|TEST|NODE_ENV|NODE_TEST_CONTEXT|NODE_OPTIONS)$/u;
    const environment = Object.entries(process.env).filter(([name]) => !own.test(name));
    const child = spawn(process.execPath, args, {
      cwd: project.directory,
      env: { ...Object.fromEntries(environment), NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

test.each([
  ["vitest", ["node_modules/vitest/vitest.mjs", "run"]],
  ["node:test with tsx", ["--import", "tsx", "--test", "run.node.ts"]],
])("an experiment trains in %s", async (_name, args) => {
  const project = createProject({
    ...files,
    "vitest.config.ts": `export default { test: { include: ["run.vitest.ts"] } };\n`,
  });
  for (const name of ["vitest", "tsx"]) {
    const place = join(project.directory, "node_modules", name);
    symlinkSync(join(repository, "node_modules", name), place, "dir");
  }
  const finished = await node(project, args);
  expect(finished.status, finished.stdout + finished.stderr).toBe(0);
  expect(finished.stdout).toMatch(/pass(?:ed)?/u);
});

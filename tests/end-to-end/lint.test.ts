/** `exp lint` as it is typed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, exp, repository } from "./project.ts";

const planted = `import { defineConfig } from "lockstep";
export default defineConfig({ seed: Date.now(), "name\\u001b[31m": 1 });
`;

test("findings end with status 1, as text, JSON and SARIF; hostile names do not reach the terminal", async () => {
  const file = "experiments/odd\u001b[31mname.ts";
  const project = createProject({ [file]: planted });
  const text = await exp(project, ["lint", "--static"]);
  expect(text.status, text.stderr).toBe(1);
  expect(text.stdout).toContain("experiments/odd\\x1b[31mname.ts:2:37  ambient-clock\n");
  expect(text.stdout).not.toContain("\u001b");
  const told = await exp(project, ["lint", "--static", "--json", "--sarif", "lint.sarif"]);
  expect(told.status).toBe(1);
  const document = JSON.parse(told.stdout) as { format: string; findings: readonly object[] };
  expect(document.format).toBe("lockstep/lint/1");
  expect(document.findings).toMatchObject([{ rule: "ambient-clock", file, line: 2, column: 37 }]);
  const sarif = readFileSync(join(project.directory, "lint.sarif"), "utf8");
  expect(JSON.parse(sarif)).toMatchObject({
    version: "2.1.0",
    runs: [{ results: [{ ruleId: "ambient-clock" }] }],
  });
});

test("this repository is clean, and both rules and experiments were there to be asked", async () => {
  const project = { directory: repository, write: () => undefined };
  const { status, stdout, stderr } = await exp(project, ["lint", "--json"]);
  const { findings, suppressed, failures, numModules, numExperiments, rules } = JSON.parse(
    stdout,
  ) as Record<string, unknown>;
  expect({ findings, suppressed, failures }, stderr).toEqual({
    findings: [],
    suppressed: [],
    failures: [],
  });
  expect([numModules, numExperiments, (rules as unknown[]).length]).toEqual([21, 9, 15]);
  expect(status).toBe(0);
});

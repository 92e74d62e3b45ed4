/** `exp lint` as it is typed. */
import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { sarifErrors } from "../unit/lint/sarif-schema.ts";
import { ownModel, ownModelProject } from "./own-model-project.ts";
import { createProject, repository, type Project } from "./project.ts";
import { expInSameProcess as exp } from "./same-process.ts";

const planted = `import { defineConfig } from "lockstep";
export default defineConfig({ seed: Date.now(), "name\\u001b[31m": 1 });
`;

test("findings end with status 1, as text, JSON and SARIF; hostile names do not reach the terminal", async () => {
  const file = "experiments/odd\u001b[31mname.ts";
  const project = createProject({ [file]: planted });
  execFileSync("git", ["init", "-q", dirname(project.directory)]); // the project is a folder of a repository
  const text = await exp(project, ["lint", "--static"]);
  expect(text.status, text.stderr).toBe(1);
  expect(text.stdout).toContain("experiments/odd\\x1b[31mname.ts:2:37  ambient-clock\n");
  expect(text.stdout).not.toContain("\u001b");
  const told = await exp(project, ["lint", "--static", "--json", "--sarif", "lint.sarif"]);
  expect(told.status).toBe(1);
  const document = JSON.parse(told.stdout) as { format: string; findings: readonly object[] };
  expect(document.format).toBe("lockstep/lint/1");
  expect(document.findings).toMatchObject([{ rule: "ambient-clock", file, line: 2, column: 37 }]);
  const sarif: unknown = JSON.parse(readFileSync(join(project.directory, "lint.sarif"), "utf8"));
  expect(sarifErrors(sarif)).toBe("");
  const artifactLocation = { uri: "project/experiments/odd%1B%5B31mname.ts" };
  const locations = [{ physicalLocation: { artifactLocation } }];
  expect(sarif).toMatchObject({ runs: [{ results: [{ ruleId: "ambient-clock", locations }] }] });
});

const task = `import { defineTask, envelopeFields } from "lockstep";
import { z } from "zod";
export const gate = defineTask({
  name: "gate",
  schema: z.strictObject({ ...envelopeFields, isOpen: z.boolean(), gain: z.number(), top: z.number() }),
  rules: { "the top is positive": (c) => c.top > 0 },
  run: ({ config }) => Promise.resolve({ height: config.isOpen ? config.gain : 0 }),
});
`;

test("a value that no run looked at is told, until one does", async () => {
  const text = (isOpen: boolean): string =>
    `import { gate } from "../gate.ts";\nexport default gate.defineConfig({\n  isOpen: ${String(isOpen)},\n  gain: 2,\n  top: 3,\n  seed: 1,\n});\n`;
  const project = createProject({ "gate.ts": task, "experiments/shut.ts": text(false) });
  linkZod(project);
  const asked = ["lint", "--rule", "unread-key"];
  expect((await exp(project, asked)).stdout).toContain("nothing found");
  const run = await exp(project, ["experiments/shut.ts"]);
  expect(run.status, run.stderr).toBe(0);
  const told = await exp(project, asked);
  expect([told.status, told.stdout], told.stderr).toEqual([
    1,
    `experiments/shut.ts:4:3  unread-key
  gain is set here, and no finished run of this experiment read it. Take it out, or see why the task does not look at it.
2 modules, 1 experiment, 1 rule: 1 finding
`,
  ]);
  project.write("experiments/shut.ts", text(true));
  await exp(project, ["experiments/shut.ts"]);
  expect((await exp(project, asked)).stdout).toContain("nothing found");
});

test("of the training task, what a model of one's own never looks at is told, and what Lockstep reads is not", async () => {
  const experiment = ownModelProject["experiments/words.ts"]
    .replace("numWords: 30 }", "numWords: 30,\n    shade: 2 }")
    .replace("numEpochs: 10", "numSteps: 2")
    .replace("optimizer:", "logging: { interval: 1 }, checkpointing: { keep: 3 },\n  optimizer:");
  const project = createProject({
    ...ownModelProject,
    "models/bag-of-words.ts": ownModel.replace(".min(1) })", ".min(1), shade: z.number() })"),
    "experiments/words.ts": experiment,
  });
  linkZod(project);
  const run = await exp(project, ["experiments/words.ts"]);
  expect(run.status, run.stderr).toBe(0);
  const told = await exp(project, ["lint", "--rule", "unread-key"]);
  expect([told.status, told.stdout], told.stderr).toEqual([
    1,
    `experiments/words.ts:7:5  unread-key
  model.shade is set here, and no finished run of this experiment read it. Take it out, or see why the task does not look at it.
2 modules, 1 experiment, 1 rule: 1 finding
`,
  ]);
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
  expect([numModules, numExperiments, (rules as unknown[]).length]).toEqual([22, 9, 16]);
  expect(status).toBe(0);
});

function linkZod({ directory }: Pick<Project, "directory">): void {
  symlinkSync(join(repository, "node_modules/zod"), join(directory, "node_modules/zod"), "dir");
}

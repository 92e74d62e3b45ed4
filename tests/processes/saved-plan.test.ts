/** A saved plan runs as it was planned, whatever became of the working tree, or says why it cannot. */
import { appendFileSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, exp, repository, type Project } from "../end-to-end/project.ts";
import { filesBelow } from "../files-below.ts";

const task = `import { defineTask } from "lockstep";
import { z } from "zod";
import { readFile } from "node:fs/promises";

export const numeric = defineTask({
  name: "numeric",
  schema: z.strictObject({ seed: z.int().default(0), factor: z.number() }),
  listDataFiles: async (_, folder) => [{ name: "number.txt", path: folder + "/number.txt" }],
  run: async ({ config, projectDirectory }) => {
    const { scale } = await import("./scale.ts");
    const number = Number(await readFile(projectDirectory + "/number.txt", "utf8"));
    return { value: number + scale(config.factor) };
  },
});
`;

const experiment = `import { choice } from "lockstep";
import { numeric } from "../tasks/numeric.ts";
import { factors } from "../../beside/factors.ts";

export default numeric.defineConfig({ factor: choice(...factors) });
`;

/** One module lies outside of the project. */
function planProject(): Project {
  const project = createProject({
    "experiments/numeric.ts": experiment,
    "tasks/numeric.ts": task,
    "tasks/scale.ts": "export const scale = (value: number): number => 10 * value;\n",
    "../beside/factors.ts": "export const factors = [1, 2] as const;\n",
    "number.txt": "100",
  });
  symlinkSync(
    join(repository, "node_modules/zod"),
    join(project.directory, "node_modules/zod"),
    "dir",
  );
  return project;
}

/** A file of the only snapshot in the store. Links, which lead to installed packages, are not followed. */
function storedFile(project: Project, path: string): string {
  const files = filesBelow(join(project.directory, "runs/.code"));
  const found = files.find((file) => file.includes("/snapshots/") && file.endsWith(`/${path}`));
  return found ?? "not stored";
}

const plan = ["plan", "experiments/numeric.ts"];

test("a plan runs with the code that was planned, after the modules were edited and deleted", async () => {
  const project = planProject();
  const hashes = await exp(project, [...plan, "--save", "plans/p.json", "--hashes"]);
  expect(hashes.status, hashes.stderr).toBe(0);
  const planned = hashes.stdout.trim().split("\n");
  expect(planned).toHaveLength(2);
  project.write("tasks/numeric.ts", "syntax error (");
  for (const gone of ["tasks/scale.ts", "experiments", "../beside"]) {
    rmSync(join(project.directory, gone), { recursive: true });
  }
  const ran = await exp(project, ["run", "plans/p.json", "--jobs", "2", "--json"]);
  expect(ran.status, ran.stderr).toBe(0);
  expect(document(ran).runs.map(({ runKey }) => runKey)).toEqual(planned);
  expect(document(ran).runs.map(({ metrics }) => metrics)).toEqual([
    { value: 110 },
    { value: 120 },
  ]);
  const folder = join(project.directory, document(ran).runs[0]?.directory ?? "");
  const provenance = readFileSync(join(folder, "provenance.json"), "utf8");
  expect(provenance).toContain('"file": "experiments/numeric.ts"');
  const again = await exp(project, ["run", "plans/p.json"]);
  expect(again.stderr).toContain("already finished");
  expect(again.status).toBe(0);
});

test("a saved plan is shown with what became of its runs; other commands say that it is one", async () => {
  const project = planProject();
  await exp(project, [...plan, "--save", "p.json"]);
  rmSync(join(project.directory, "experiments"), { recursive: true });
  const fresh = await exp(project, ["plan", "p.json"]);
  expect(fresh.status, fresh.stderr).toBe(0);
  expect(fresh.stdout).toMatch(/^numeric: 2 runs, kept in runs\n/u);
  expect(fresh.stdout).toContain("No run of this task is finished yet");
  project.write("experiments/one.ts", experiment.replace("choice(...factors)", "factors[0]"));
  const one = await exp(project, ["experiments/one.ts", "factor=1"]);
  expect(one.status, one.stderr).toBe(0);
  const half = await exp(project, ["plan", "p.json", "--expect-no-changes"]);
  expect(half.status).toBe(1);
  expect(half.stdout).toMatch(/ 1 +1 .* finished\b.*\n +2 +2 .* planned +config\n/u);
  expect(half.stdout).toContain(
    "config       factor 1 → 2\n  code         same\n  data         same",
  );
  expect(half.stderr).toContain("1 run is not finished, and no changes were expected:");
  const changed = await exp(project, ["plan", "p.json", "factor=3"]);
  expect(changed.stderr).toContain("p.json is a saved plan and shown as it is; factor=3 needs");
  for (const command of ["resolve", "explain", "check"]) {
    const refused = await exp(project, [command, "p.json"]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("p.json is a saved plan, not an experiment.");
    expect(refused.stderr).toContain("exp plan p.json shows it, exp run p.json executes it");
  }
});

test("a plan that is not what it was is refused, with the reason", async () => {
  const project = planProject();
  await exp(project, [...plan, "--save", "p.json"]);
  const text = readFileSync(join(project.directory, "p.json"), "utf8");
  project.write("edited.json", text.replace('"factor":1', '"factor":5'));
  project.write("other.json", '{"format": "lockstep/plan/2"}');
  const refusals = [
    [
      "edited.json",
      "edited.json was changed since it was saved: its sha256 does not fit its content.",
    ],
    [
      "other.json",
      'other.json is not a plan: its format is "lockstep/plan/2", expected "lockstep/plan/1".',
    ],
    ["none.json", "none.json does not exist."],
  ];
  for (const [file = "", message] of refusals) {
    const refused = await exp(project, ["run", file]);
    expect(refused.stderr).toContain(message);
    expect(refused.status).toBe(2);
  }
  const changed = await exp(project, ["run", "p.json", "seed=1"]);
  expect(changed.stderr).toContain("A saved plan is run as it is; seed=1 cannot change it.");
  const stranger = createProject({ "p.json": text });
  expect((await exp(stranger, ["run", "p.json"])).stderr).toMatch(
    /code of p\.json is not stored here: looked in/u,
  );
  project.write("number.txt", "7");
  const late = await exp(project, ["run", "p.json", "--json"]);
  expect(late.stderr).toContain("The data changed after the run was planned.");
  expect(late.status).toBe(2);
  appendFileSync(storedFile(project, "tasks/scale.ts"), "// planted\n");
  const planted = await exp(project, ["run", "p.json"]);
  expect(planted.stderr).toMatch(/tree\/.*tasks\/scale\.ts is not as it was stored/u);
  expect(planted.status).toBe(2);
});

test("why a run would be executed is said for config, code, data and environment", async () => {
  const project = planProject();
  const save = await exp(project, [...plan, "--save", "p.json", "--expect-no-changes"]);
  expect(save.stderr).toContain("2 runs are not finished, and no changes were expected:");
  expect(save.status).toBe(1);
  await exp(project, ["experiments/numeric.ts"]);
  const calm = await exp(project, [...plan, "--expect-no-changes", "--against", "p.json"]);
  expect(calm.stderr).toBe("");
  expect(calm.status).toBe(0);
  project.write(
    "tasks/scale.ts",
    "// thousand\nexport const scale = (value: number) => 1000 * value;\n",
  );
  project.write("tasks/numeric.ts", `// only a comment\n${task}`);
  project.write("number.txt", "101");
  const changed = await exp(project, [...plan, "factor=1,4", "--against", "p.json"]);
  expect(changed.status).toBe(1);
  expect(changed.stdout).toMatch(
    /\nrun 1, compared with [0-9a-f]{16}:\n {2}config {7}same\n {2}code {9}changed tasks\/scale\.ts\n {2}data {9}changed number\.txt: 1 of 1 rows \(line 1\)\n {2}environment {2}same\n/u,
  );
  expect(changed.stdout).toMatch(/\nrun 2, [^\n]*\n {2}config {7}factor [12] → 4\n/u);
  expect(changed.stderr).toContain("The plan is not that of p.json: 2 more, 2 fewer.");
});

test("a file that a task reads beside its code is not in the plan, and the error says what to do", async () => {
  const project = createProject({
    "experiments/words.ts": `import { defineTask } from "lockstep";
import { readFileSync } from "node:fs";
import { z } from "zod";
const task = defineTask({ name: "words", schema: z.strictObject({ seed: z.int().default(0) }), run: async () => {
  return { length: readFileSync(new URL("../lib/w.txt", import.meta.url), "utf8").length };
} });
export default task.defineConfig({});
`,
    "lib/w.txt": "word",
  });
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  expect((await exp(project, ["plan", "experiments/words.ts", "--save", "p.json"])).status).toBe(0);
  const ran = await exp(project, ["run", "p.json"]);
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain("ENOENT");
  expect(ran.stderr).toContain("name it in the task's listDataFiles(config, projectDirectory).");
});

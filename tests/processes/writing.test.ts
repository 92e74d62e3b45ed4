/** A language model on the command line: trained from a clean clone, written with, and used from a script. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import {
  createProject,
  exp,
  publishedRuns,
  repository,
  type Project,
} from "../end-to-end/project.ts";

const tsx = join(repository, "node_modules/tsx/dist/loader.mjs");

const script = `import { loadModel } from "lockstep";
const model = await loadModel(process.argv[2] ?? "", { inputs: "text" });
const [next] = await model.predict(["the whal"]);
const text = await model.sample({ length: 12, temperature: 0.8, prompt: "\\n" });
console.log(JSON.stringify({ text, next: next?.label.length }));
`;

const short = ["run=dryrun", "model.hiddenSize=16", "sampling.length=12"];

function writtenBy(project: Project, run: string): string {
  const file = join(project.directory, "runs", run, "results/predictions.jsonl");
  return (JSON.parse(readFileSync(file, "utf8")) as { text: string }).text;
}

test("shakespeare.ts runs without a path, prints what it wrote, and writes the same again", async () => {
  const project = createProject({ "write.ts": script });
  cpSync(join(repository, "experiments"), join(project.directory, "experiments"), {
    recursive: true,
  });
  const args = ["experiments/shakespeare.ts", ...short];
  const trained = await exp(project, args);
  expect([trained.status, trained.stderr.includes("failed")]).toEqual([0, false]);
  const [run = ""] = publishedRuns(project);
  const text = writtenBy(project, run);
  expect(text).toMatch(/^[^]{12}$/u);
  const [line = ""] = text.split("\n");
  expect(trained.stdout + trained.stderr).toContain(line);

  const mode = ["mode=predict", `checkpoint=${run.slice(0, 8)}`];
  const predicted = await exp(project, [...args, ...mode]);
  expect(predicted.status, predicted.stderr).toBe(0);
  const other = publishedRuns(project).find((name) => name !== run) ?? "";
  expect(writtenBy(project, other)).toBe(text);

  const folder = join(project.directory, "runs", run);
  const { stdout } = await execa(process.execPath, ["--import", tsx, "write.ts", folder], {
    cwd: project.directory,
  });
  expect(JSON.parse(stdout.split("\n").at(-1) ?? "")).toEqual({ text, next: 1 });
});

test("a prompt that the text has no characters for is refused before anything is trained", async () => {
  const project = createProject({});
  cpSync(join(repository, "experiments"), join(project.directory, "experiments"), {
    recursive: true,
  });
  const refused = await exp(project, ["experiments/shakespeare.ts", ...short, "sampling.prompt=Ω"]);
  expect([refused.status, publishedRuns(project)]).toEqual([2, []]);
  expect(refused.stderr).toContain('The prompt (sampling.prompt) has the character "Ω" (U+03A9)');
});

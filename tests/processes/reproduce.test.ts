import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, exp, repository, tinyProject } from "../end-to-end/project.ts";

/** The blocks of commands of a document, in order. */
function commands(text: string): readonly string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gmu)].map((match) => match[1] ?? "");
}

test("the commands of REPRODUCE.md, pasted one after the other, give the same bytes", async () => {
  const swept = `import { choice, extend } from "lockstep";
import tiny from "./tiny.ts";

export default extend(
  tiny,
  { optimizer: choice({ kind: "adamw", learningRate: 0.01 }, { kind: "sgd", learningRate: 0.1 }) },
  { optimizer: { learningRate: 0.02 } },
);
`;
  const project = createProject({
    ...tinyProject,
    "experiments/sweep.ts": swept,
    ".gitignore": "node_modules\nruns\n",
  });
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
      cwd: project.directory,
      encoding: "utf8",
    });
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "one");
  project.write(
    "experiments/tiny.ts",
    tinyProject["experiments/tiny.ts"].replace("seed: 1", "seed: 4"),
  );
  const first = document(await exp(project, ["experiments/sweep.ts", `tags=["it's"]`, "--json"]));
  const [run] = first.runs;
  const reproduce = readFileSync(
    join(project.directory, run?.directory ?? "", "REPRODUCE.md"),
    "utf8",
  );
  // What an installation makes, for the command that checks the run where it is.
  mkdirSync(join(project.directory, "node_modules/.bin"));
  const program = join(repository, "src/cli/exp.cjs");
  symlinkSync(program, join(project.directory, "node_modules/.bin/exp"));
  // The project has no lock file, and its Lockstep is a link: installing is done by making the same link.
  const install =
    'mkdir -p node_modules && ln -s "$LOCKSTEP" node_modules/lockstep && mkdir -p node_modules/.bin && ln -s "$LOCKSTEP/src/cli/exp.cjs" node_modules/.bin/exp';
  const script = commands(reproduce)
    .join("\n")
    .replaceAll(/^npm install$/gmu, install);
  expect(script).toContain("ln -s");
  const output = execFileSync("bash", ["-e", "-c", script], {
    cwd: project.directory,
    encoding: "utf8",
    env: { ...process.env, LOCKSTEP: repository.replace(/\/$/u, ""), LOCKSTEP_RUNS: "" },
  });
  expect(output).toMatch(/: bitwise equal, \d+ steps$/mu);
  expect(output).toMatch(/^identity\.json: OK$/mu);
  expect(output).toMatch(/^logs\/trace\.jsonl: OK$/mu);
  expect(output).toMatch(/^checkpoints\/last\.safetensors: OK$/mu);
  expect(output).not.toContain("FAILED");
});

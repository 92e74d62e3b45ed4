/** Completion in a real bash: what Tab offers, how long it takes, and what happens when the project changes. */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withExp } from "./completion-project.ts";
import {
  createProject,
  exp,
  repository,
  tinyProject,
  type Project,
} from "../end-to-end/project.ts";

const files = {
  ...tinyProject,
  "experiments/presets/model.ts": `import { presets } from "lockstep";
export const model = presets("model", { wide: { kind: "bert", hiddenSize: 32 }, deep: { kind: "bert" } });
`,
};

/** Asks bash as it asks on Tab: the words as bash cuts them, at blanks and at `=`. */
function tab(project: Project, ...lines: readonly string[]): readonly (readonly string[])[] {
  const asked = lines.map((line) => {
    const cut = line
      .split(/ +|(=)/u)
      .filter((word, index, all) => word || index === all.length - 1);
    const words = cut.map((word) => `'${word}'`).join(" ");
    return `COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(${words}) COMP_CWORD=${cut.length - 1}
      _exp_completion; printf '%s\\n' "\${COMPREPLY[@]}" ---`;
  });
  const script = `eval "$(exp completion bash)"\n${asked.join("\n")}`;
  const stdout = bash(project, script);
  return stdout
    .split("---\n")
    .slice(0, -1)
    .map((block) => block.split("\n").filter((word) => word !== ""));
}

function bash(project: Project, script: string): string {
  const env = withExp(project);
  return execFileSync("bash", ["-c", script], { cwd: project.directory, env, encoding: "utf8" });
}

test("Tab completes commands, flags, files, paths, values, presets and short names", () => {
  const project = createProject({
    ...files,
    "plan.json": '{\n"format": "lockstep/plan/1",\n',
    "places.json": "{}\n",
  });
  const tiny = "exp experiments/tiny.ts";
  const answers = tab(
    project,
    "exp pl",
    "exp plan --js",
    "exp run --on-error ",
    "exp resolve exper",
    "exp experiments/",
    `${tiny} opt`,
    `${tiny} optimizer.b`,
    `${tiny} optimizer.kind=`,
    `${tiny} optimizer.kind=sgd optimizer.ne`,
    `${tiny} model=`,
    `${tiny} model=wide,d`,
    `${tiny} l`,
    `exp explain experiments/tiny.ts l`,
    `${tiny} training.dropLastBatch=`,
    `${tiny} ~training.maxG`,
    "exp help optimizer.learn",
    "exp completion ",
    "exp run pl",
    "exp plan --against p",
    "exp run plan.json mod",
    "exp inputs ",
    "exp inputs update experiments/t",
    "exp inputs experiments/tiny.ts see",
    "exp init e",
    `${tiny} --opti`,
    `${tiny} model=wide,`,
    `${tiny} data.path=exp`,
    `${tiny} tracking=t`,
    `${tiny} tracking=[t`,
    `${tiny} tracking=[csv,t`,
  );
  expect(answers).toEqual([
    ["plan ", "plot "],
    ["--json "],
    ["stop ", "continue "],
    ["experiments/"],
    ["experiments/presets/", "experiments/tiny.ts "],
    ["optimizer."],
    ["optimizer.beta1=", "optimizer.beta2="],
    ["adamw ", "sgd ", "adam ", "lion "],
    ["optimizer.nesterov="],
    ["wide ", "deep "],
    ["wide,deep "],
    ["logging.", "lr="],
    ["logging.", "lr"],
    ["true ", "false "],
    ["~training.maxGradNorm="],
    ["optimizer.learningRate"],
    ["bash ", "zsh ", "fish "],
    ["plan.json "],
    ["plan.json "],
    [],
    ["update ", "bin/", "experiments/"],
    ["experiments/tiny.ts "],
    ["seed=", "seeds."],
    ["experiments/"],
    ["--optimizer."],
    ["wide,deep "],
    ["experiments/"],
    [],
    ["\\[tensorboard", "\\[trackio"],
    ["\\[csv,tensorboard", "\\[csv,trackio"],
  ]);
});

test("Tab completes the keys of runs, and behind one what may be set of its experiment", () => {
  const [finished, stopped] = ["3fa1b2c3d4e5f607", "3fb1b2c3d4e5f607"];
  const argv = ["exp.cjs", "experiments/tiny.ts"];
  const record = JSON.stringify({ experiment: "tiny", argv });
  const project = createProject({
    ...files,
    [`runs/${finished}/attempt.json`]: record,
    [`runs/.attempts/${stopped}/1/attempt.json`]: record,
    "weights.safetensors": "",
  });
  const answers = tab(
    project,
    "exp verify 3f",
    "exp resume ",
    "exp show 3f",
    "exp show wei",
    "exp note 3fb",
    "exp note 3fb1b2c3 3f",
    "exp compare 3fa1b2c3 3f",
    "exp rerun 3fa1b2c3 optimizer.b",
    "exp rerun 3fa1b2c3 model=w",
    "exp audit --runs-dir nowhere 3f",
  );
  expect(answers).toEqual([
    [`${finished} `],
    [`${stopped} `],
    [`${finished} `, `${stopped} `],
    ["weights.safetensors "],
    [`${stopped} `],
    [],
    [`${finished} `, `${stopped} `],
    ["optimizer.beta1=", "optimizer.beta2="],
    ["wide "],
    [],
  ]);
});

const howTask = `import { defineTask, envelopeFields } from "lockstep";
import { z } from "zod";
const schema = z.strictObject({ ...envelopeFields, map: z.record(z.string(), z.int()).default({}), n: z.int().default(1) });
export const { defineConfig, profiles, presets } = defineTask({ name: "how", schema, run: async () => ({}) });
`;

test("records are offered with the entries that the experiment writes, and no presets of another task", async () => {
  const project = createProject({
    ...files,
    "tasks/how.ts": howTask,
    "experiments/how.ts":
      'import { defineConfig } from "../tasks/how.ts";\nexport default defineConfig({ map: { deep: 1, wide: 2 } });\n',
    "experiments/presets/how.ts":
      'import { profiles } from "../../tasks/how.ts";\nexport const size = profiles("size", { big: { n: 9 } });\n',
    "experiments/program.ts": `import { command } from "lockstep";
export default command.defineConfig({ command: ["true"], parameters: { how: { fast: 1 }, other: 2 } });
`,
  });
  symlinkSync(join(repository, "node_modules/zod"), join(project.directory, "node_modules/zod"));
  const program = "exp experiments/program.ts";
  const answers = tab(
    project,
    `${program} env`,
    `${program} param`,
    `${program} parameters.`,
    `${program} parameters.how.`,
    "exp experiments/how.ts ma",
    "exp experiments/how.ts map.",
    "exp experiments/how.ts siz",
    "exp experiments/how.ts mod",
    `${program} siz`,
  );
  expect(answers).toEqual([
    ["environment."],
    ["parameters."],
    ["parameters.how.", "parameters.other="],
    ["parameters.how.fast="],
    ["map."],
    ["map.deep=", "map.wide="],
    ["size="],
    ["mode="],
    [],
  ]);
  const other = await exp(project, ["resolve", "experiments/program.ts", "size=big"]);
  expect(other.stderr).toContain(
    "size: is not a known field: the profiles size in experiments/presets/how.ts are for the task how, and this experiment has another",
  );
}, 240_000);

test("a warm answer takes at most 150 ms of the processor; a change is seen, a broken module is no error", () => {
  const project = createProject(files);
  const [before] = tab(project, "exp experiments/tiny.ts model=");
  expect(before).toHaveLength(2);
  const line = "__complete bash 'exp experiments/tiny.ts opt'";
  const script = `TIMEFORMAT='%U %S'; for i in 1 2 3; do { time exp ${line} > /dev/null; } 2>&1; done`;
  const times = bash(project, script).trim().split("\n");
  const seconds = times.map((text) => text.split(" ").reduce((sum, part) => sum + Number(part), 0));
  expect(Math.min(...seconds)).toBeLessThan(0.15);
  project.write(
    "experiments/presets/model.ts",
    files["experiments/presets/model.ts"].replace("deep", "narrow"),
  );
  expect(tab(project, "exp experiments/tiny.ts model=n")).toEqual([["narrow "]]);
  project.write("experiments/tiny.ts", "export default defineConfig({");
  expect(tab(project, "exp experiments/tiny.ts model=n")).toEqual([["narrow "]]);
  const cache = join(project.directory, "node_modules/.cache/lockstep");
  expect(
    readdirSync(cache).filter((name) => !/^completion-[0-9a-f]{16}\.json$/u.test(name)),
  ).toEqual([]);
});

test("an unknown shell is refused, and the scripts are valid where their shell is installed", async () => {
  const project = createProject({});
  const wrong = await exp(project, ["completion", "tcsh"]);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("There are bash, zsh, fish.");
  const found = ["bash", "zsh", "fish"].filter(
    (shell) => spawnSync(shell, ["-c", "true"]).status === 0,
  );
  expect(found).toContain("bash");
  for (const shell of found) {
    const { stdout } = await exp(project, ["completion", shell]);
    project.write("script", stdout);
    const options = { cwd: project.directory, encoding: "utf8" } as const;
    const checked = spawnSync(shell, ["-n", "script"], options);
    expect(checked.stderr, shell).toBe("");
    expect(checked.status, shell).toBe(0);
  }
});

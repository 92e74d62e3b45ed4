/** The package as users get it: packed, installed by npm into an empty project, run and imported from there. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownModelProject } from "../end-to-end/own-model-project.ts";
import {
  repository,
  tinyExperiment,
  tinyProject,
  type ExecutionDocument,
} from "../end-to-end/project.ts";

const packed = [
  "src",
  "schemas",
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "build.mjs",
  "LICENSE",
  "CHANGELOG.md",
];
const settings = [".pnpmfile.cjs", "pnpm-workspace.yaml"];
const pinnedPnpm = join(repository, ".tools/node_modules/.bin/pnpm");

/** Runs stay in the project, wherever whoever runs the tests keeps theirs. */
const ownRuns = { LOCKSTEP_RUNS: "" };

let scratch: string;
let project: string;

/** The sources are packed from a copy, so that a test run leaves no `dist` behind. */
async function pack(): Promise<string> {
  const copy = join(scratch, "copy");
  for (const path of [...packed, ...settings]) {
    cpSync(join(repository, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"), "dir");
  const pnpm = existsSync(pinnedPnpm) ? pinnedPnpm : "pnpm";
  await execa(pnpm, ["pack", "--pack-destination", scratch], { cwd: copy });
  const [archive = ""] = readdirSync(scratch).filter((name) => name.endsWith(".tgz"));
  return join(scratch, archive);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), text);
}

function node(
  ...args: readonly string[]
): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
  return execa(process.execPath, args, { cwd: project, reject: false, env: ownRuns });
}

/** The document that the installed command prints; a failure shows what it said. */
async function npxExp(...args: readonly string[]): Promise<ExecutionDocument> {
  const result = await execa("npx", ["--no-install", "exp", ...args], {
    env: ownRuns,
    cwd: project,
    reject: false,
  });
  expect(result.exitCode, result.stderr).toBe(0);
  return JSON.parse(result.stdout) as ExecutionDocument;
}

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lockstep-packed-"));
  project = join(scratch, "empty project ü");
  write("package.json", '{ "name": "empty", "private": true }\n');
  const archive = await pack();
  await execa("npm", ["install", "--no-audit", "--no-fund", archive], { cwd: project });
  for (const [path, text] of Object.entries(tinyProject)) write(path, text);
});

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

test("the package holds compiled modules with their declarations, and no source or test", () => {
  const root = join(project, "node_modules/lockstep");
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && !entry.parentPath.includes("node_modules/lockstep/node_modules"),
    )
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  const commands =
    /^dist\/src\/cli\/(exp|complete|complete-files|complete-runs|complete-words|register)\.cjs$/u;
  const modules = files.filter((path) => path.endsWith(".cjs") && !commands.test(path));
  expect(modules.length).toBeGreaterThan(50);
  expect(modules.filter((path) => !files.includes(path.replace(/\.cjs$/, ".d.ts")))).toEqual([]);
  expect(files.filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))).toEqual([]);
  const outside = files.filter((path) => !/^dist\/(src|schemas)\//.test(path));
  expect(outside.toSorted().filter((path) => path !== "README.md")).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "package.json",
  ]);
});

test("its manifest names what users need and nothing of how it is made", () => {
  const text = readFileSync(join(project, "node_modules/lockstep/package.json"), "utf8");
  const manifest = JSON.parse(text) as Record<string, unknown>;
  expect(manifest).not.toHaveProperty("devDependencies");
  expect(manifest).not.toHaveProperty("scripts");
  expect(manifest["bin"]).toEqual({ exp: "./dist/src/cli/exp.cjs" });
});

test("npx exp trains an experiment that imports lockstep, and finds it finished the next time", async () => {
  const first = await npxExp("experiments/tiny.ts", "--json");
  expect(first.experiment).toBe("tiny");
  expect(first.runs.map(({ status }) => status)).toEqual(["finished"]);
  const directory = first.runs[0]?.directory ?? "";
  expect(directory).toMatch(/^runs\/[0-9a-f]{16}$/);
  const manifest = join(project, directory, "manifest.json");
  const before = readFileSync(manifest, "utf8");
  expect(await npxExp("experiments/tiny.ts", "--json")).toEqual(first);
  expect(readFileSync(manifest, "utf8")).toBe(before);
});

test("a saved plan is run by workers of the installed package, and by no other version", async () => {
  write("experiments/planned.ts", tinyExperiment.replace("numEpochs: 4", "numEpochs: 1"));
  await npxExp("plan", "experiments/planned.ts", "seed=11,12", "--save", "plan.json", "--json");
  rmSync(join(project, "experiments/planned.ts"));
  const { runs } = await npxExp("run", "plan.json", "--jobs", "2", "--json");
  expect(runs.map(({ status }) => status)).toEqual(["finished", "finished"]);
  for (const { directory } of runs) rmSync(join(project, directory), { recursive: true });
  const manifest = join(project, "node_modules/lockstep/package.json");
  const text = readFileSync(manifest, "utf8");
  writeFileSync(manifest, text.replace(/"version": "[^"]*"/u, '"version": "9.9.9"'));
  const refused = await node("node_modules/lockstep/dist/src/cli/exp.cjs", "run", "plan.json");
  writeFileSync(manifest, text);
  expect(refused.stderr).toMatch(
    /stored by Lockstep \d+\.\d+\.\d+ \(\S+\); installed is 9\.9\.9 \(/u,
  );
  expect(refused.exitCode).toBe(2);
});

test("a script imports the same names that src/index.ts lists", async () => {
  const list = 'import("lockstep").then((all) => console.log(JSON.stringify(Object.keys(all))))';
  const { stdout, stderr } = await node("-e", list);
  expect(stderr).toBe("");
  const source = await import("../../src/index.ts");
  const ofCommonJs = ["__esModule", "default", "module.exports"]; // what Node adds
  const names = (JSON.parse(stdout) as string[]).filter((name) => !ofCommonJs.includes(name));
  expect(names.toSorted()).toEqual(Object.keys(source).toSorted());
});

const using = `import { loadModel, openStore, plan, resolve, run } from "lockstep";

export async function useLockstep(seed) {
  const { runs: resolved } = await resolve("experiments/tiny.ts", ["seed=" + seed]);
  const overrides = ["seed=" + seed, "training.numEpochs=1"];
  const { runs: [done] } = await run(await plan("experiments/tiny.ts", { overrides }));
  const stored = (await openStore()).run(done.runKey.slice(0, 8));
  const model = await loadModel(stored, { inputs: "text" });
  const [prediction] = await model.predict(["good film"]);
  model.dispose();
  const { status, metrics } = done;
  return { seed: resolved[0].config.seed, status, metrics, stored: stored.metrics(), prediction };
}
`;

test("plain scripts and tests of users do what the command line does", async () => {
  write("using.mjs", using);
  write(
    "script.mjs",
    'import { useLockstep } from "./using.mjs";\nconsole.log(JSON.stringify(await useLockstep(5)));\n',
  );
  write(
    "api.test.mjs",
    `import { useLockstep } from "./using.mjs";
test("a run", async () => {
  const { seed, status, prediction } = await useLockstep(6);
  expect([seed, status, prediction.probabilities.length]).toEqual([6, "finished", 2]);
});
`,
  );
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  const [script, tests] = await Promise.all([
    node("script.mjs"),
    node(vitest, "run", "--root", project, "--globals"),
  ]);
  expect(script.stderr).toBe("");
  const told = JSON.parse(script.stdout) as Record<string, unknown>;
  expect(told).toMatchObject({ seed: 5, status: "finished" });
  expect(told["stored"]).toEqual(told["metrics"]);
  expect(tests.exitCode, tests.stdout + tests.stderr).toBe(0);
});

test("an editor in the project sees the types: the experiment compiles, a misspelt key does not", async () => {
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  // skipLibCheck as `tsc --init` has it: the declarations of TensorFlow.js quarrel with the browser's about WebGPU.
  const options =
    "--noEmit --strict --skipLibCheck --module nodenext --target es2023 --types node".split(" ");
  const roots = ["--typeRoots", join(repository, "node_modules/@types")];
  write("experiments/misspelt.ts", tinyExperiment.replace("learningRate", "learningRaet"));
  const right = await node(compiler, ...options, ...roots, "experiments/tiny.ts");
  expect(right).toMatchObject({ exitCode: 0, stdout: "" });
  const wrong = await node(compiler, ...options, ...roots, "experiments/misspelt.ts");
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stdout).toContain("learningRaet");
});

test("a model, a task and a program of one's own run with the installed package", async () => {
  for (const [path, text] of Object.entries(ownModelProject)) write(path, text);
  const words = await npxExp("experiments/words.ts", "--json");
  expect(words.runs[0]?.metrics["test.accuracy"]).toBeGreaterThan(0.9);
  const pi = readFileSync(join(repository, "experiments/pi.ts"), "utf8");
  write("experiments/pi.ts", pi);
  write(
    "experiments/program.ts",
    `import { command } from "lockstep";
export default command.defineConfig({
  command: ["node", "-e", "console.log('metrics: {\\"value\\":{parameters.value}}')"],
  parameters: { value: 3 },
});
`,
  );
  const [numeric, program] = await Promise.all([
    npxExp("experiments/pi.ts", "numSteps=60", "batchSize=100", "--json"),
    npxExp("experiments/program.ts", "--json"),
  ]);
  expect(numeric.runs[0]?.metrics["estimate"]).toBeCloseTo(Math.PI, 0);
  expect(program.runs[0]?.metrics).toEqual({ value: 3 });
});

test("a project that exp init makes installs, trains and type-checks by the commands that it prints", async () => {
  const made = await node(
    join(project, "node_modules/.bin/exp"),
    "init",
    "../new project",
    "--json",
  );
  expect(made.exitCode, made.stderr).toBe(0);
  const { next } = JSON.parse(made.stdout) as { next: readonly string[] };
  expect(next[0]).toMatch(/^cd /u);
  const training = next.filter((command) => command.includes("first.ts"));
  const asked = ["npx exp help optimizer.learningRate", "npx exp __complete bash 'exp expl'"];
  const install = "npm install --no-audit --no-fund";
  const commands = [next[0], install, ...training, ...asked, "npx tsc"];
  const done = await execa("sh", ["-ec", commands.join("\n")], {
    cwd: project,
    env: ownRuns,
    reject: false,
  });
  expect(done.exitCode, `${done.stdout}\n${done.stderr}`).toBe(0);
  expect(done.stdout).toContain("Ranked by validation.accuracy");
  expect(done.stdout).toContain("Step size before the schedule."); // comments of the compiled schema
  expect(done.stdout).toMatch(/^explain \t/mu);
});

/** The `command` task by the real command line, and the two examples that are no training. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  createProject,
  document,
  exp,
  repository,
  type Finished,
  type Project,
} from "./project.ts";
import { expInSameProcess } from "./same-process.ts";

const program = `
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require("node:fs");
const { LOCKSTEP_CONFIG, LOCKSTEP_METRICS, LOCKSTEP_PREVIOUS_DIRECTORY, LOCKSTEP_RUN_DIRECTORY } = process.env;
const { parameters } = JSON.parse(readFileSync(LOCKSTEP_CONFIG, "utf8"));
const own = "/files/state.json";
const before = LOCKSTEP_PREVIOUS_DIRECTORY + own;
let { step, sum } = existsSync(before) ? JSON.parse(readFileSync(before, "utf8")) : { step: 0, sum: 0 };
console.log("starts after step", step);
process.on("SIGINT", () => {
  writeFileSync(LOCKSTEP_RUN_DIRECTORY + own, JSON.stringify({ step, sum }));
  process.exit(0);
});
const timer = setInterval(() => {
  step++;
  sum += parameters.lr * parameters.scale.by;
  appendFileSync(LOCKSTEP_METRICS, JSON.stringify({ step, sum, numSteps: 6 }) + "\\n");
  if (step === 3 && existsSync("wait")) {
    clearInterval(timer);
    setInterval(() => 0, 1000);
    writeFileSync("waits", String(process.pid));
  }
  if (step === 6) { clearInterval(timer); console.log("metrics: " + JSON.stringify({ total: sum })); }
}, 5);
`;

const experiment = `import { choice, command } from "lockstep";

export default command.defineConfig({
  command: ["node", "{files[0]}"],
  files: ["./program.cjs"],
  parameters: { lr: choice(1, 2), scale: { by: 10 } },
  metrics: { prefix: "metrics: " },
});
`;

function trainLog(project: Project, directory: string | undefined): string {
  return readFileSync(join(project.directory, directory ?? "", "logs/train.log"), "utf8");
}

/** Runs until the program waits, and sends a signal to `exp`; nothing of the program is left then. */
async function stop(project: Project, signal: NodeJS.Signals): Promise<Finished> {
  const waits = join(project.directory, "waits");
  const finished = await exp(project, ["experiments/own.ts", "parameters.lr=3", "--json"], {
    onStart: (child) => {
      const timer = setInterval(() => {
        if (!existsSync(waits) || readFileSync(waits, "utf8") === "") return;
        clearInterval(timer);
        child.kill(signal);
      }, 20);
      child.on("exit", () => clearInterval(timer));
    },
  });
  const pid = Number(readFileSync(waits, "utf8"));
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), 5_000);
  rmSync(waits);
  return finished;
}

test("a program is stopped by SIGKILL and Ctrl-C, gone on with, swept, and known again", async () => {
  const files = { "experiments/program.cjs": program, "experiments/own.ts": experiment, wait: "" };
  const project = createProject(files);
  expect((await stop(project, "SIGKILL")).status).toBe(null);
  const stopped = await stop(project, "SIGINT");
  expect(stopped.status, stopped.stderr).toBe(75);
  rmSync(join(project.directory, "wait"));
  const args = ["experiments/own.ts", "parameters.lr=3,4", "parameters.scale.by=100", "--json"];
  const [resumed, swept] = await Promise.all([
    exp(project, ["experiments/own.ts", "parameters.lr=3", "--json"]),
    exp(project, args),
  ]);
  const runs = document(swept).runs;
  expect(runs.map(({ metrics }) => metrics)).toEqual([
    { sum: 1800, total: 1800 },
    { sum: 2400, total: 2400 },
  ]);
  expect(document(resumed).runs[0]?.metrics).toEqual({ sum: 180, total: 180 });
  expect(trainLog(project, document(resumed).runs[0]?.directory)).toContain("starts after step 3");
  expect(await exp(project, args)).toMatchObject({ stdout: swept.stdout });
  project.write("experiments/program.cjs", program.replace("step === 6", "step === 2"));
  const [changed] = document(await exp(project, args)).runs;
  expect(changed?.metrics).toEqual({ sum: 600, total: 600 });
  expect(changed?.runKey).not.toBe(runs[0]?.runKey);
});

test("a program that fails or is not there ends the run with what it said", async () => {
  const project = createProject({
    "experiments/own.ts": experiment,
    "experiments/program.cjs": 'console.error("no memory left"); process.exit(9);',
  });
  const failed = await expInSameProcess(project, ["experiments/own.ts", "parameters.lr=1"]);
  expect(failed.status).toBe(1);
  expect(failed.stderr).toMatch(/exited with status 9\.\n {2}Its last lines:\n {4}no memory left/u);
  const missing = await expInSameProcess(project, ["experiments/own.ts", "command=[pyton9,x]"]);
  expect(missing.status).toBe(2);
  expect(missing.stderr).toContain('The program "pyton9" was not found in the');
  expect(missing.stderr).not.toContain("started");
});

const careless = `
const { appendFileSync, symlinkSync, writeFileSync } = require("node:fs");
const { LOCKSTEP_CONFIG, LOCKSTEP_METRICS, LOCKSTEP_RUN_DIRECTORY } = process.env;
appendFileSync(LOCKSTEP_METRICS, '{"step":1,"":2,"loss":1}\\n{"step":1,"loss":3}\\n');
const what = process.argv[2];
if (what === "config") writeFileSync(LOCKSTEP_CONFIG, "{}");
if (what === "logs") writeFileSync(LOCKSTEP_RUN_DIRECTORY + "/logs/events.jsonl", "");
if (what === "link") symlinkSync("/etc", LOCKSTEP_RUN_DIRECTORY + "/files/etc");
if (what === "figures") setTimeout(() => writeFileSync(LOCKSTEP_METRICS, '{"step":2,"loss":4}\\n'), 600);
`;

test("a program that spoils the run's folder or its figures is never published, and is told the file", async () => {
  const project = createProject({
    "experiments/careless.cjs": careless,
    "experiments/own.ts": `import { choice, command } from "lockstep";

export default command.defineConfig({
  command: ["node", "{files[0]}", "{parameters.what}"],
  files: ["./careless.cjs"],
  parameters: { what: choice("nothing", "config", "logs", "link", "figures") },
});
`,
  });
  const finished = await expInSameProcess(project, ["experiments/own.ts", "--json"]);
  const [nothing, ...others] = document(finished).runs;
  expect(nothing).toMatchObject({ status: "finished", metrics: { loss: 3 } });
  expect(trainLog(project, nothing?.directory)).toContain('its name "" is empty');
  expect(others.map(({ status }) => status)).toEqual(["failed", "failed", "failed", "failed"]);
  const [config, logs, link, figures] = others.map(({ error }) => error?.message);
  expect(config).toContain("changed files that Lockstep had written: config.json has");
  expect(logs).toContain("logs/events.jsonl has");
  expect(link).toContain("files/etc is a link out of the run, to /etc");
  expect(figures).toMatch(/LOCKSTEP_METRICS\) was (?:emptied|written anew) after/u);
});

/** Runs an example of the repository with runs of its own. */
async function example(name: string, ...overrides: readonly string[]): Promise<Example> {
  const runs = mkdtempSync(join(tmpdir(), "lockstep-example-"));
  onTestFinished(() => rmSync(runs, { recursive: true, force: true }));
  const project: Project = {
    directory: repository,
    write: () => expect.fail("no scratch project"),
  };
  const args = [`experiments/${name}.ts`, ...overrides, "--runs-dir", runs, "--json"];
  const finished = await expInSameProcess(project, args);
  expect(finished.status, finished.stderr).toBe(0);
  return document(finished).runs.map(({ metrics }) => metrics);
}

type Example = readonly Readonly<Record<string, number | string>>[];

test("the numeric example comes to π, in about thirty lines", async () => {
  const found = await example("pi", "numSteps=60", "batchSize=1000,2000");
  expect(found.map(({ estimate }) => estimate)).toEqual([
    expect.closeTo(Math.PI, 1),
    expect.closeTo(Math.PI, 1),
  ]);
  const lines = readFileSync(join(repository, "experiments/pi.ts"), "utf8").split("\n");
  expect(lines.length).toBeLessThanOrEqual(33);
});

const python = spawnSync("python3", ["-c", "import json, math, random"]);
const hasPython = python.status === 0;
if (!hasPython)
  process.stderr.write(
    "python3 is not installed: the example with a Python program is left out.\n",
  );

test.skipIf(!hasPython)(
  "the Python example learns, the more the higher its learning rate",
  async () => {
    const found = await example(
      "logistic",
      "parameters.numSteps=10,30",
      "parameters.learningRate=0.3",
    );
    expect(found).toHaveLength(2);
    expect(found[1]?.["train.accuracy"]).toBeGreaterThan(0.7);
    expect(found[1]?.["validation.accuracy"]).toBeGreaterThan(0.65);
  },
);

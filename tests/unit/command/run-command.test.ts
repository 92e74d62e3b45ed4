/** Whole runs of small programs. The programs are Node's, which is there wherever the tests are. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { preflightCommand, runCommand } from "../../../src/command/run-command.ts";
import type { Metrics } from "../../../src/core/run-events.ts";
import type { RunContext } from "../../../src/core/task.ts";
import type { TaskLog } from "../../../src/core/task-services.ts";
import { commandSchema, type CommandConfig, type CommandInput } from "../../../schemas/command.ts";

interface Run {
  readonly said: string[];
  readonly rows: (readonly [number, Metrics])[];
  readonly directory: string;
  readonly controller: AbortController;
  readonly result: Promise<Metrics>;
}

/** Runs a program of Node: `script` is what `node -e` takes. */
function run(script: string, input: Partial<CommandInput> = {}, log?: Partial<TaskLog>): Run {
  const directory = mkdtempSync(join(tmpdir(), "lockstep-command-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, "files"));
  const [said, rows]: [string[], Run["rows"]] = [[], []];
  const taskLog: TaskLog = Object.assign((text: string) => void said.push(text), {
    warning: (text: string) => void said.push(`warning: ${text}`),
    metrics: (step: number, values: Metrics) => void rows.push([step, values]),
    progress: () => undefined,
    ...log,
  });
  const command = [process.execPath, "-e", script];
  const config: CommandConfig = commandSchema.parse({ command, ...input });
  const controller = new AbortController();
  const context: RunContext<CommandConfig> = {
    config,
    projectDirectory: directory,
    backend: "process",
    signal: controller.signal,
    log: taskLog,
    runDirectory: directory,
    previousDirectory: "/earlier/1",
    rng: { stream: () => expect.fail("a program draws its own numbers") },
    checkpoint: {
      latest: () => expect.fail("a program keeps its own checkpoints"),
      save: () => expect.fail("a program keeps its own checkpoints"),
    },
  };
  return { said, rows, directory, controller, result: runCommand(context) };
}

const waitFor = async (isSo: () => boolean): Promise<void> => {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 1000) throw new Error("it did not come");
    await sleep(10);
  }
};

test("figures come back from the file and from standard output, everything else is in the log", async () => {
  const { said, rows, directory, result } = run(`
    const fs = require("node:fs");
    const say = (row) => fs.appendFileSync(process.env.LOCKSTEP_METRICS, row + "\\n");
    say('{"step":1,"train.loss":0.5}'); say('{"step":2,"train.loss":NaN,"a":1}');
    say("not a row"); say('{"test.accuracy":0.9,"a":2}');
    console.log("hello"); console.log('metrics: {"step":3,"b":4}'); console.error("beware");
    fs.writeFileSync(process.env.LOCKSTEP_RUN_DIRECTORY + "/files/kept.txt", "kept");
  `);
  expect(await result).toEqual({ "train.loss": NaN, a: 2, b: 4, "test.accuracy": 0.9 });
  expect(rows.toSorted(([a], [b]) => a - b)).toEqual([
    [1, { "train.loss": 0.5 }],
    [2, { "train.loss": NaN, a: 1 }],
    [3, { b: 4 }],
  ]);
  expect(said[0]).toMatch(/^program \/.* \(sha256 [0-9a-f]{64}\)$/);
  expect(said.slice(1).toSorted()).toEqual([
    "hello",
    "stderr: beware",
    "warning: a line of figures cannot be read, because it is not a JSON object: not a row",
  ]);
  expect(readFileSync(join(directory, "files/kept.txt"), "utf8")).toBe("kept");
  expect(existsSync(join(directory, "metrics-from-program.jsonl"))).toBe(false);
});

test("the program finds config, folders, seed and determinism in its environment", async () => {
  process.env["LOCKSTEP_TEST_ONLY"] = "not handed on";
  onTestFinished(() => void delete process.env["LOCKSTEP_TEST_ONLY"]);
  const own =
    "Object.entries(process.env).filter(([name]) => /^(LOCKSTEP|OWN|PYTHON|OMP|MKL|CUBLAS|TF|NVIDIA)/.test(name))";
  const print = `JSON.stringify({...Object.fromEntries(${own}), cwd: process.cwd(), arg: process.argv[1]})`;
  const { said, directory, result } = run("", {
    command: [process.execPath, "-p", print, "{parameters.x}"],
    parameters: { x: 5 },
    seed: 2 ** 32 + 3,
    threads: 2,
    workingDirectory: "files",
    environment: { OWN: "mine", MKL_NUM_THREADS: "1" },
    metrics: { prefix: null },
  });
  await result;
  expect(JSON.parse(said.at(-1) ?? "")).toMatchObject({
    LOCKSTEP_CONFIG: join(directory, "config.json"),
    LOCKSTEP_RUN_DIRECTORY: directory,
    LOCKSTEP_PREVIOUS_DIRECTORY: "/earlier/1",
    LOCKSTEP_SEED: "4294967299",
    PYTHONHASHSEED: "3",
    OMP_NUM_THREADS: "2",
    MKL_NUM_THREADS: "1",
    CUBLAS_WORKSPACE_CONFIG: ":4096:8",
    TF_DETERMINISTIC_OPS: "1",
    NVIDIA_TF32_OVERRIDE: "0",
    OWN: "mine",
    cwd: join(directory, "files"),
    arg: "5",
  });
  expect(said.at(-1)).not.toContain("LOCKSTEP_TEST_ONLY");
});

test("a failed program is an error with its last lines", async () => {
  const failed = run("for (let i = 0; i < 30; i++) console.error('line', i); process.exitCode = 3");
  await expect(failed.result).rejects.toMatchObject({
    code: "training",
    message: `${process.execPath} exited with status 3.`,
    hint: expect.stringMatching(/^Its last lines:\n {2}line 20\n[^]*line 29$/),
  });
  await expect(run("process.kill(process.pid, 'SIGSEGV')").result).rejects.toThrow(
    "was ended by SIGSEGV",
  );
});

test("what cannot be started is told before anything starts", async () => {
  const command = ["no-such-program-anywhere", "{parameters.a}"];
  await expect(run("", { command, parameters: { a: 1 } }).result).rejects.toMatchObject({
    code: "environment",
  });
  await expect(run("", { command }).result).rejects.toMatchObject({ code: "config" });
  const config = commandSchema.parse({ command: [process.execPath, "{seed}"] });
  const shared = new Map<string, unknown>();
  const context = { config, projectDirectory: "/", backend: "process", shared };
  expect((await preflightCommand(context)).findings).toEqual([
    { topic: "program", text: `${process.execPath} 0` },
  ]);
});

test.each([
  ["standard output", "console.log('metrics: loss=3')"],
  ["the file", "require('node:fs').appendFileSync(process.env.LOCKSTEP_METRICS, 'loss=3\\n')"],
])("a row that cannot be read ends the run where the config says so (%s)", async (_, say) => {
  const { result } = run(`${say}; setInterval(() => 0, 1000)`, { metrics: { onInvalid: "fail" } });
  await expect(result).rejects.toThrow("it is not a JSON object: loss=3");
});

test("megabytes of output pass", async () => {
  const { said, result } = run(`
    process.stdout.write(('x'.repeat(99) + '\\n').repeat(40_000));
    process.stdout.write('y'.repeat(3_000_000));
  `);
  await result;
  expect(said).toHaveLength(40_002);
});

const row = `'{"step":1}'`;

test.each([
  ["standard output", `setInterval(() => console.log('metrics: ' + ${row}), 10)`],
  [
    "the file",
    `const { appendFileSync } = require("node:fs");
     setInterval(() => appendFileSync(process.env.LOCKSTEP_METRICS, ${row} + "\\n"), 10)`,
  ],
])("a figure that cannot be kept ends the run and its program (%s)", async (_, script) => {
  const metrics = (): never => {
    throw new Error("disk full");
  };
  await expect(run(script, {}, { metrics }).result).rejects.toThrow("disk full");
});

test("a signal reaches the program and all that it started, once, and nothing is left of them", async () => {
  const { said, controller, result } = run(`
    const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000); console.log('child', process.pid)"], { stdio: ["ignore", "inherit", "inherit"] });
    process.on("SIGINT", () => { console.log("saving"); setTimeout(() => process.exit(0), 50); });
    setInterval(() => 0, 1000);
  `);
  await waitFor(() => said.some((line) => line.startsWith("child")));
  controller.abort("SIGINT");
  await expect(result).rejects.toMatchObject({ code: "interrupted" });
  expect(said.filter((line) => line === "saving")).toHaveLength(1);
  const pid = Number(said.find((line) => line.startsWith("child"))?.split(" ")[1]);
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("a program that does not listen is killed after its grace, and one that takes too long is stopped", async () => {
  const deaf = "process.on('SIGTERM', () => 0); console.log('up'); setInterval(() => 0, 1000)";
  const stubborn = run(deaf, { graceSeconds: 0.1 });
  await waitFor(() => stubborn.said.includes("up"));
  stubborn.controller.abort("SIGTERM");
  await expect(stubborn.result).rejects.toMatchObject({ code: "interrupted" });
  const slow = run(deaf, { graceSeconds: 0.05, timeoutSeconds: 0.4 });
  await expect(slow.result).rejects.toThrow("took longer than timeoutSeconds, 0.4 s");
});

test("a run does not wait for ever for what the program left behind", async () => {
  const { result } = run(`
    const { spawn } = require("node:child_process");
    spawn("sleep", ["100"], { stdio: "inherit" }).unref();
    console.log('metrics: {"done":1}');
  `);
  expect(await result).toEqual({ done: 1 });
});

test.each(["ends", "is stopped"])(
  "a daemon that holds the output open does not hold the run when the program %s",
  async (how) => {
    const daemon = `
      const { spawn } = require("node:child_process");
      const child = spawn("sleep", ["100"], { stdio: "inherit", detached: true });
      child.unref();
      console.log("daemon " + child.pid);
      ${how === "ends" ? `console.log('metrics: {"done":1}');` : "setInterval(() => 0, 1000);"}
    `;
    const { result, said, controller } = run(daemon);
    const settled = result.then(JSON.stringify, (error: Error) => error.message);
    await waitFor(() => said.some((line) => line.startsWith("daemon ")));
    onTestFinished(() => {
      process.kill(
        Number(said.find((line) => line.startsWith("daemon "))?.slice("daemon ".length)),
      );
    });
    if (how === "is stopped") controller.abort("SIGTERM");
    expect(await settled).toMatch(how === "ends" ? '{"done":1}' : /was stopped after step 0/u);
    expect(said.at(-1)).toMatch(/^warning: the program has ended, and a process that it started/u);
  },
);

test("a signal that came before the program stops it at once", async () => {
  const { result, controller } = run("setInterval(() => 0, 1000)");
  controller.abort("SIGHUP");
  await expect(result).rejects.toMatchObject({ code: "interrupted" });
});

/** Curves of runs in a store: named, meant by filters, averaged, and drawn with their legend. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { plotRuns, type RunCurves } from "../../../../src/app/pictures/plot-runs.ts";
import { plotDocument } from "../../../../src/app/pictures/show-plot.ts";
import { command } from "../../../../src/cli/commands/plot.ts";
import { createTerminal } from "../../../../src/cli/terminal.ts";
import { currentProcess } from "../../../../src/store/process-facts.ts";
import { openStore } from "../../../../src/store/store.ts";
import { madeUpRun, writeMadeUpRuns } from "../../../bench/made-up-runs.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { attemptOptions, begin, runEvents } from "../../store/sample-run.ts";

function storeOf(numRuns: number): string {
  const folder = temporaryFolder();
  writeMadeUpRuns(folder, 0, numRuns);
  return folder;
}

/** Puts rows in the place of what a made-up run logged. */
function relog(folder: string, number: number, rows: readonly object[]): string {
  const { name } = madeUpRun(number);
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  writeFileSync(join(folder, name, "logs/metrics.jsonl"), text);
  return name;
}

function plot(folder: string, words: readonly string[], by?: string): RunCurves {
  const context = { runsDirectory: folder, workingDirectory: folder, environment: {} };
  return plotRuns({ ...context, words, axis: "step", by });
}

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/** What `exp plot` prints; on a screen it has colours. */
async function print(
  folder: string,
  operands: readonly string[],
  { isScreen = false, ...options }: Readonly<Record<string, unknown>> = {},
): Promise<Printed> {
  const printed = { stdout: "", stderr: "" };
  const terminal = (name: keyof Printed) =>
    createTerminal(
      { isTTY: isScreen === true, write: (text) => ((printed[name] += text), true) },
      {},
    );
  const session = {
    stdout: terminal("stdout"),
    stderr: terminal("stderr"),
    workingDirectory: folder,
    now: () => 0,
    planContext: { workingDirectory: folder, environment: {} },
  };
  const invocation = { operands, options, json: false, runsDirectory: folder };
  expect(await command.run(invocation, session)).toBe(0);
  return printed;
}

test("runs are drawn in the order in which they are named, with all that they logged", () => {
  const folder = storeOf(3);
  const [one, other] = [madeUpRun(2).name, madeUpRun(0).name];
  const { curves, without } = plot(folder, [one, other.slice(0, 8), "train.loss"]);
  expect(curves.map(({ title, metric }) => [title, metric])).toEqual([
    [one, "train.loss"],
    [other, "train.loss"],
  ]);
  const logged = (madeUpRun(2).files["logs/metrics.jsonl"] ?? "").trim().split("\n");
  const values = logged.map((row) => (JSON.parse(row) as Record<string, number>)["train.loss"]);
  expect(curves[0]?.curve.values).toEqual(values);
  expect(without).toEqual([]);
});

test("means over groups are those of the values, at steps that all of their runs logged", () => {
  const folder = storeOf(3);
  relog(
    folder,
    0,
    [1, 2, 3].map((step) => ({ step, loss: step })),
  );
  relog(
    folder,
    1,
    [1, 2].map((step) => ({ step, loss: 3 * step })),
  );
  relog(
    folder,
    2,
    [1, 2].map((step) => ({ step, loss: 8 })),
  );
  const { curves } = plot(folder, ["seed < 2", "seed = 2", "loss"], "status");
  expect(curves.map(({ title, runs }) => [title, runs.length])).toEqual([["status=finished", 3]]);
  const { steps, values, deviations, numLeftOut } = curves[0]?.curve ?? {};
  expect({ steps, values, numLeftOut }).toEqual({
    steps: [1, 2],
    values: [4, 16 / 3],
    numLeftOut: 1,
  });
  expect(deviations?.[0]).toBeCloseTo(Math.sqrt((9 + 1 + 16) / 2), 12);
  const alone = plot(folder, ["seed >= 0", "loss"], "group");
  expect(alone.curves.map(({ runs }) => runs.length)).toEqual([1, 1, 1]);
});

test("a metric that no run has is told with those that there are", () => {
  const folder = storeOf(2);
  const { name } = madeUpRun(0);
  const refusal = (...words: string[]): unknown => {
    try {
      return plot(folder, words);
    } catch (error) {
      return error;
    }
  };
  expect(refusal(name, "train.los")).toMatchObject({
    message: 'The run logged no metric called "train.los".',
    hint: expect.stringMatching(/^Did you mean train\.loss\? There are: train\.loss, /u),
  });
  expect(refusal("seed >= 0", "train.loss,f1")).toMatchObject({
    message: 'None of the 2 runs logged a metric called "f1".',
    hint: expect.stringContaining("Did you mean validation.f1?"),
  });
  expect(refusal(name, "test.loss")).toMatchObject({
    message: "test.loss is a figure of the result, and was not logged at steps.",
  });
  expect(refusal(name, name)).toMatchObject({
    message: `${name} is a run, and the metric stands last.`,
  });
  expect(refusal("train.loss")).toMatchObject({ message: "exp plot takes runs and a metric." });
  relog(folder, 0, []);
  expect(refusal(name, "train.loss")).toMatchObject({
    message: "The run logged no metric at any step.",
  });
});

test("runs without the metric are told on standard error, the others are drawn", async () => {
  const folder = storeOf(2);
  const name = relog(folder, 1, [{ step: 1, "other.loss": 1 }]);
  const { stdout, stderr } = await print(folder, ["seed >= 0", "train.loss"]);
  expect(stderr).toContain(`${name} has no train.loss; it has other.loss\n`);
  expect(stdout).toContain(madeUpRun(0).name);
  expect(stdout).not.toContain(name);
});

test("a run that is being executed is drawn as far as it is, without the row that is being written", () => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const store = openStore(folder, { process: currentProcess() });
  const attempt = begin(store, attemptOptions(1));
  for (const event of runEvents(3).slice(0, -1)) attempt.record(event);
  appendFileSync(join(attempt.directory, "logs/metrics.jsonl"), '{"step":4,"train.lo');
  const { curves } = plot(folder, ["status = running", "train.loss"]);
  expect(curves.map(({ curve }) => curve.steps)).toEqual([[1, 2, 3]]);
});

test("secrets of configs are in no legend and no document", async () => {
  const folder = temporaryFolder();
  for (const number of [1, 2]) {
    const config = { seed: 1, service: { apiKey: `hunter${number}` } };
    const attempt = begin(openStore(folder), attemptOptions(number, { config }));
    for (const event of runEvents().slice(0, -1)) attempt.record(event);
  }
  const { stdout } = await print(folder, ["seed = 1", "train.loss"]);
  const found = plot(folder, ["seed = 1", "train.loss"], "service.apiKey");
  expect(stdout).toContain("service.apiKey");
  expect(stdout + JSON.stringify([found, plotDocument(found)].slice(1))).not.toContain("hunter");
  expect(found.curves.map(({ title }) => title)).toEqual(
    Array.from({ length: 2 }, () => "service.apiKey=[redacted]"),
  );
});

test("what cannot be drawn is told for each curve", async () => {
  const folder = storeOf(2);
  relog(folder, 0, [
    { step: 1, loss: 1 },
    { step: 2, loss: "NaN" },
    { step: 3, loss: 0 },
    { step: 4, loss: "-Infinity" },
    { step: 5, loss: 2 },
  ]);
  relog(folder, 1, [{ step: 1, loss: 1 }]);
  const { stdout } = await print(folder, ["seed >= 0", "loss"], { log: true });
  const told = stdout.split("\n").filter((line) => line.includes("gap"));
  expect(told.map((line) => line.slice(3))).toEqual([
    "1 value is NaN, at 2: the curve has a gap.",
    "1 value is not positive and has no place here, at 3: the curve has a gap.",
    "1 value is -Infinity, at 4: the curve has a gap.",
  ]);
});

test("a hostile name moves no cursor, and only a screen gets colours", async () => {
  const folder = storeOf(2);
  const hostile = "loss\u001b[2J\u202e\nfake";
  relog(folder, 0, [{ step: 1, [hostile]: 1 }]);
  relog(folder, 1, [{ step: 1, [hostile]: 2 }]);
  const piped = await print(folder, ["seed >= 0", hostile]);
  expect(piped.stdout.split("\n")[0]).toBe("loss\\x1b[2J\\u{202e} fake");
  expect(piped.stdout).not.toContain("\u001b");
  const seen = await print(folder, ["seed >= 0", hostile], { isScreen: true });
  expect(seen.stdout).toContain("\u001b[36ma\u001b[39m");
  expect(seen.stdout).not.toContain("\u001b[2J");
});

test("27 curves are too many for the alphabet: the first are drawn, and it is said", async () => {
  const folder = storeOf(27);
  const { stdout } = await print(folder, ["seed >= 0", "train.loss"]);
  expect(stdout).toContain("The first 26 of 27 curves are drawn");
  expect(stdout).toMatch(/^z {2}[0-9a-f]{16}/mu);
});

test("over epochs a curve has the last value of each epoch, and the document every value", () => {
  const folder = storeOf(1);
  const rows = [
    { step: 1, epoch: 1, loss: 5 },
    { step: 2, epoch: 1, loss: "NaN" },
    { step: 3, epoch: 2, loss: 3 },
    { step: 4, loss: 2 },
  ];
  const name = relog(folder, 0, rows);
  const context = { runsDirectory: folder, workingDirectory: folder, environment: {} };
  const found = plotRuns({ ...context, words: [name, "loss"], axis: "epoch" });
  const { runKey } = JSON.parse(readFileSync(join(folder, name, "attempt.json"), "utf8")) as Record<
    string,
    string
  >;
  expect(plotDocument(found)).toEqual({
    format: "lockstep/plot/1",
    x: "epoch",
    curves: [
      {
        title: name,
        metric: "loss",
        runs: [runKey],
        differing: {},
        xs: [1, 2],
        values: ["NaN", 3],
      },
    ],
    without: [],
  });
});

test("a picture has no size that cannot be drawn", async () => {
  const folder = storeOf(1);
  const words = [madeUpRun(0).name, "train.loss"];
  await expect(print(folder, words, { width: 3 })).rejects.toThrow("--width takes 24 to 1000");
  await expect(print(folder, words, { height: 501 })).rejects.toThrow("--height takes 3 to 500");
  const { stdout } = await print(folder, words, { width: 30, height: 4 });
  const lines = stdout.split("\n");
  expect(Math.max(...lines.slice(0, 7).map((line) => line.length))).toBe(30);
});

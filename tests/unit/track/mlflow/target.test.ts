/** Runs on an MLflow server: everything once, whatever fails in between. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openStore } from "../../../../src/store/store.ts";
import { createMlflowTarget, type MlflowOptions } from "../../../../src/track/mlflow/target.ts";
import { concernsAllRuns } from "../../../../src/track/place-error.ts";
import type { RunView } from "../../../../src/track/run-view.ts";
import { exportRun, type ExportOutcome } from "../../../../src/track/target.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { attemptOptions, begin, documents, publishRun, runEvents } from "../../store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "../helpers.ts";
import { createFakeServer, type FakeServer, type Fault } from "./fake-server.ts";

function send(
  server: FakeServer,
  view: RunView,
  changes: Partial<MlflowOptions> & { readonly maxTries?: number; warnings?: string[] } = {},
): Promise<ExportOutcome> {
  const { maxTries = 3, warnings = [], ...options } = changes;
  const target = createMlflowTarget({
    access: { url: "http://mlflow" },
    experiment: undefined,
    artifacts: { checkpoints: false },
    files: viewTools.files,
    now: viewTools.now,
    tools: {
      fetch: server.fetch,
      sleep: async () => {},
      timeLimitMs: 1000,
      maxTries,
      delayMs: 1,
    },
    ...options,
  });
  return exportRun(exportTools(warnings), target, view);
}

function onlyRun(server: FakeServer): NonNullable<ReturnType<FakeServer["runs"]["get"]>> {
  expect(server.runs.size).toBe(1);
  const [run] = server.runs.values();
  if (run === undefined) throw new Error("no run");
  return run;
}

function pointsOf(server: FakeServer): readonly string[] {
  return onlyRun(server).metrics.map(({ key, step, value }) => `${key} ${step} ${String(value)}`);
}

const allPoints = [
  "train.loss 1 1",
  "train.loss 2 0.5",
  "train.loss 3 0.3333333333333333",
  "result/test.accuracy 3 0.30000000000000004",
  "result/validation.accuracy 3 0.5",
];

test("config, identities, figures, files and the end are there, and a second time sends nothing", async () => {
  const root = temporaryFolder();
  const server = createFakeServer();
  const view = viewOf(root, publishRun(openStore(root)));
  const choice = { artifacts: { checkpoints: true } };
  const outcome = await send(server, view, choice);
  expect(outcome).toEqual({
    numRows: 3,
    isComplete: true,
    wasComplete: false,
    shownAt: "http://mlflow/#/experiments/1/runs/run1",
  });
  const run = onlyRun(server);
  expect(Object.fromEntries(run.params)).toEqual({ seed: "1", "model.kind": "mlp" });
  expect(run.tags.get("lockstep.runKey")).toBe(view.runKey);
  expect(run.tags.get("lockstep.configHash")).toBe(view.identities.configHash);
  expect(run.tags.get("lockstep.status")).toBe("finished");
  expect(pointsOf(server).toSorted()).toEqual(allPoints.toSorted());
  expect(run.info).toMatchObject({ status: "FINISHED", end_time: view.endedMs });
  expect([...server.artifacts.keys()].toSorted()).toEqual(
    [
      "checkpoints/best.safetensors",
      "checkpoints/last.safetensors",
      "checkpoints/step-000002.safetensors",
      "checkpoints/step-000003.safetensors",
      "config.json",
      "MODEL_CARD.md",
      "REPRODUCE.md",
      "results/metrics.json",
    ].toSorted(),
  );
  server.requests.length = 0;
  expect(await send(server, view, choice)).toMatchObject({ numRows: 0, wasComplete: true });
  expect(server.requests).toEqual(["mlflow/runs/get"]);
});

test("live, step by step, and on after it was published", async () => {
  const root = temporaryFolder();
  const server = createFakeServer();
  const attempt = begin(openStore(root), attemptOptions());
  for (const event of runEvents(3)) {
    attempt.record(event);
    await send(server, viewOf(root, attempt.directory));
    expect(onlyRun(server).info).toMatchObject({ status: "RUNNING" });
  }
  attempt.finish();
  const { run } = attempt.publish(documents);
  expect(await send(server, viewOf(root, run.directory))).toMatchObject({ isComplete: true });
  expect(pointsOf(server)).toEqual(allPoints);
  expect(onlyRun(server).info).toMatchObject({ status: "FINISHED" });
});

test("two names of one server have a note each, and still no figure is there twice", async () => {
  const root = temporaryFolder();
  const server = createFakeServer();
  const attempt = begin(openStore(root), attemptOptions());
  const [first, ...rest] = runEvents(3);
  if (first !== undefined) attempt.record(first);
  await send(server, viewOf(root, attempt.directory));
  for (const event of rest) attempt.record(event);
  attempt.finish();
  const { run } = attempt.publish(documents);
  const byOtherName = { access: { url: "http://mlflow.local" } };
  expect(await send(server, viewOf(root, run.directory), byOtherName)).toMatchObject({
    isComplete: true,
  });
  expect(await send(server, viewOf(root, run.directory))).toMatchObject({ isComplete: true });
  expect(pointsOf(server).toSorted()).toEqual(allPoints.toSorted());
});

const fault = fc.option(fc.constantFrom<Fault>("lost", "unanswered", "half", "busy", "broken"), {
  nil: undefined,
});

test("whatever fails, and wherever it is given up, in the end everything is there once", async () => {
  const faults = fc.array(fault, { maxLength: 25 });
  const property = fc.asyncProperty(faults, fc.integer({ min: 1, max: 3 }), async (list, tries) => {
    const root = temporaryFolder();
    const view = viewOf(root, publishRun(openStore(root)));
    const server = createFakeServer();
    server.faults.push(...list);
    let isDone = false;
    for (let rounds = 0; rounds < 40 && !isDone; rounds++) {
      isDone = await send(server, view, { maxTries: tries }).then(
        ({ isComplete }) => isComplete,
        (error: unknown) => {
          expect(error).toMatchObject({ code: "environment" });
          return false;
        },
      );
    }
    expect(isDone).toBe(true);
    expect(pointsOf(server).toSorted()).toEqual(allPoints.toSorted());
    expect(onlyRun(server).params.size).toBe(2);
    expect(onlyRun(server).info).toMatchObject({ status: "FINISHED" });
  });
  await fc.assert(property, { numRuns: 40 });
});

test("without its cursor, a run that is there is found and nothing is sent twice", async () => {
  const server = createFakeServer();
  const counts: unknown[] = [];
  for (const root of [temporaryFolder(), temporaryFolder()]) {
    const view = viewOf(root, publishRun(openStore(root)));
    const { numRows, numThere } = await send(server, view);
    counts.push([numRows, numThere]);
  }
  expect(counts).toEqual([
    [3, undefined],
    [0, 3],
  ]);
  expect(pointsOf(server)).toEqual(allPoints);
});

test("a run that was deleted there is sent again as a whole, and told", async () => {
  const root = temporaryFolder();
  const server = createFakeServer();
  const view = viewOf(root, publishRun(openStore(root)));
  await send(server, view);
  server.runs.clear();
  const warnings: string[] = [];
  expect(await send(server, view, { warnings })).toMatchObject({ numRows: 3 });
  expect(warnings).toEqual([expect.stringContaining("not on the MLflow server any more")]);
  expect(pointsOf(server)).toEqual(allPoints);
});

test("a run that did not repeat begins a new run there, also where the first rows were on their way", async () => {
  const root = temporaryFolder();
  const server = createFakeServer();
  const view = viewOf(root, publishRun(openStore(root)));
  const log = join(view.directory, "logs/metrics.jsonl");
  const text = readFileSync(log, "utf8");
  server.failing = '"metrics":[';
  await expect(send(server, view, { maxTries: 1 })).rejects.toMatchObject({ code: "environment" });
  server.failing = undefined;
  writeFileSync(log, text.replace('"step":1', '"step":7'));
  await send(server, view);
  writeFileSync(log, text.replace('"step":1', '"step":8'));
  await send(server, view);
  const steps = [...server.runs.values()].map(({ metrics, tags }) => [
    tags.get("lockstep.generation"),
    ...metrics.filter(({ key }) => key === "train.loss").map(({ step }) => step),
  ]);
  expect(steps).toEqual([
    [undefined, 1, 2],
    ["1", 7, 2, 3],
    ["2", 8, 2, 3],
  ]);
});

test("what is not finite, and names and values that MLflow does not take", async () => {
  const root = temporaryFolder();
  const server = createFakeServer();
  server.maxParamLength = 250;
  const options = attemptOptions(1, {
    config: { tags: ["a [b]"], long: "x".repeat(10_000), "a/../b": null, empty: "" },
  });
  const attempt = begin(openStore(root), options);
  const values = { "<b>[31m": Number.NaN, high: Infinity, low: -Infinity, zero: -0 };
  attempt.record({ kind: "metrics", step: 1, epoch: 1, values });
  const view = viewOf(root, attempt.directory);
  server.failing = '"metrics":[';
  await expect(send(server, view, { maxTries: 1 })).rejects.toMatchObject({ code: "environment" });
  server.failing = undefined;
  await send(server, view);
  const { params, tags } = onlyRun(server);
  expect(params.get("long")).toMatch(/^x{200,}… sha256:[0-9a-f]{16}$/u);
  expect(params.get("long")).toHaveLength(250);
  expect(params.get("empty")).toBe("");
  expect([...params].find(([, value]) => value === "null")?.[0]).toMatch(
    /^[\w.\- ]+-[0-9a-f]{8}$/u,
  );
  expect([...tags.keys()].filter((key) => key.startsWith("lockstep.tag."))).toEqual([
    expect.stringMatching(/^lockstep\.tag\.a _b_-[0-9a-f]{8}$/u),
  ]);
  expect(pointsOf(server).toSorted()).toEqual([
    expect.stringMatching(/^_b__31m-[0-9a-f]{8} 1 NaN$/u),
    "high 1 1.7976931348623157e+308",
    "low 1 -Infinity",
    "zero 1 -0",
  ]);
});

test.each([500, 413, 403])(
  "a file that is answered %i keeps no figure and no end from the server, and the others stay",
  async (status) => {
    const root = temporaryFolder();
    const server = createFakeServer();
    server.refusedFiles = { names: /REPRODUCE/u, status };
    const view = viewOf(root, publishRun(openStore(root)));
    const error = await send(server, view).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "environment",
      message: expect.stringContaining("The file REPRODUCE.md did not arrive") as unknown,
    });
    expect(concernsAllRuns(error)).toBe(false);
    expect(pointsOf(server)).toEqual(allPoints);
    expect(onlyRun(server).info).toMatchObject({ status: "FINISHED" });
    server.refusedFiles = undefined;
    server.artifacts.clear();
    expect(await send(server, view)).toMatchObject({ numRows: 0, isComplete: true });
    expect([...server.artifacts.keys()]).toEqual(["REPRODUCE.md", "results/metrics.json"]);
  },
);

test("a run that failed first and is finished then has no reason any more", async () => {
  const root = temporaryFolder();
  const server = createFakeServer();
  const view = viewOf(root, publishRun(openStore(root)));
  await send(server, { ...view, status: "failed", reason: "no memory" });
  expect(onlyRun(server).tags.get("lockstep.reason")).toBe("no memory");
  await send(server, view);
  expect(onlyRun(server).tags.has("lockstep.reason")).toBe(false);
});

test("files are not sent where the server does not take them, and that is told", async () => {
  const root = temporaryFolder();
  const server = createFakeServer();
  server.artifactRoot = "s3://bucket";
  const warnings: string[] = [];
  const view = viewOf(root, publishRun(openStore(root)));
  expect(await send(server, view, { warnings })).toMatchObject({ isComplete: true });
  expect(warnings[0]).toContain("config.json, MODEL_CARD.md, REPRODUCE.md");
  expect(server.artifacts.size).toBe(0);
});

test.each([
  "{}",
  '{"status":"ok"}',
  '{"experiment":{"experiment_id":"7"},"experiment_id":"7","run":{}}',
])(
  "whatever answers %s to everything is no MLflow server, and nothing is noted as sent to it",
  async (text) => {
    const root = temporaryFolder();
    const view = viewOf(root, publishRun(openStore(root)));
    const real = createFakeServer();
    const headers = { "content-type": "application/json" };
    const other = { ...real, fetch: async () => new Response(text, { headers }) };
    await expect(send(other, view)).rejects.toThrow(
      /What answers at http:\/\/mlflow is no MLflow server: it names no (?:experiment_id|run_id)\./u,
    );
    await send(real, view);
    expect(pointsOf(real)).toEqual(allPoints);
  },
);

/** Runs on a real MLflow server that is killed in the middle: nothing missing, nothing twice. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importForeign } from "../../src/app/import-foreign/import-foreign.ts";
import { showRun } from "../../src/app/lookups/show-run.ts";
import type { RunEvent } from "../../src/core/run-events.ts";
import { openStore } from "../../src/store/store.ts";
import { createMlflowTarget } from "../../src/track/mlflow/target.ts";
import { exportRun, type ExportOutcome } from "../../src/track/target.ts";
import { temporaryFolder } from "../unit/store/helpers.ts";
import {
  attemptOptions,
  begin,
  documents,
  publishRun,
  runEvents,
} from "../unit/store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "../unit/track/helpers.ts";
import { createMlflowServer, type Fields, type MlflowServer } from "./mlflow-server.ts";
import { hostileName } from "./runs.ts";

let server: MlflowServer;

beforeAll(async () => {
  server = await createMlflowServer();
  await server.start();
}, 240_000);

afterAll(() => server.remove());

interface Sending {
  readonly store: string;
  readonly directory: string;
  readonly maxTries?: number;
  readonly onRequest?: (path: string, body: unknown) => void;
}

function send({ store, directory, maxTries = 5, onRequest }: Sending): Promise<ExportOutcome> {
  const target = createMlflowTarget({
    access: { url: server.url },
    experiment: undefined,
    artifacts: { checkpoints: true },
    files: viewTools.files,
    now: viewTools.now,
    tools: {
      fetch: async (address, init) => {
        onRequest?.(new URL(address).pathname, init.body);
        return fetch(address, init);
      },
      sleep: async (milliseconds) => sleep(milliseconds),
      timeLimitMs: 60_000,
      maxTries,
      delayMs: 100,
    },
  });
  return exportRun(exportTools(), target, viewOf(store, directory));
}

const numRows = 3000;

function manyRows(): readonly RunEvent[] {
  const rows = Array.from({ length: numRows }, (_, index): RunEvent => {
    const values = {
      "train.loss": 1 / (index + 1),
      odd: [NaN, Infinity, -0, 1e-300][index % 4] ?? 0,
    };
    return { kind: "metrics", step: index + 1, epoch: 1, values };
  });
  return [...rows, ...runEvents(0)];
}

test("a server that is killed twice in the middle has every figure once in the end", async () => {
  const store = temporaryFolder();
  const directory = publishRun(openStore(store), 1, manyRows());
  const kills = [1, 2]; // at which request with figures, and what was noted stays
  for (const killAt of kills) {
    let numBatches = 0;
    const onRequest = (path: string, body: unknown): void => {
      const hasFigures = typeof body === "string" && body.includes('"metrics":');
      if (!path.endsWith("log-batch") || !hasFigures || ++numBatches !== killAt) return;
      setTimeout(() => server.kill(), 40 * killAt); // while it writes
    };
    const outcome = send({ store, directory, maxTries: 1, onRequest });
    await expect(outcome).rejects.toMatchObject({ code: "environment" });
    await server.start();
  }
  expect(await send({ store, directory })).toMatchObject({ isComplete: true });
  expect(await send({ store, directory })).toMatchObject({ wasComplete: true, numRows: 0 });
  const { runKey } = viewOf(store, directory);
  const runs = await server.runsOf(runKey);
  expect(runs).toHaveLength(1);
  const info = runs[0]?.["info"] as Fields;
  expect(info).toMatchObject({ status: "FINISHED" });
  const steps = Array.from({ length: numRows }, (_, index) => index + 1);
  expect(await server.stepsOf(info["run_id"], "train.loss")).toEqual(steps);
  expect(await server.stepsOf(info["run_id"], "odd")).toEqual(steps);
  const { files } = await server.ask(`artifacts/list?run_id=${String(info["run_id"])}`);
  const paths = ["MODEL_CARD.md", "REPRODUCE.md", "config.json", "results"];
  expect(new Set((files as Fields[]).map(({ path }) => path))).toEqual(new Set(paths));
}, 480_000);

test("hostile names and long values arrive", async () => {
  const store = temporaryFolder();
  const config = {
    name: hostileName,
    long: "x".repeat(10_000),
    "a//../[b]": "a\0b",
    tags: [hostileName],
  };
  const attempt = begin(openStore(store), {
    ...attemptOptions(7, { config }),
    experiment: hostileName,
  });
  attempt.record({ kind: "metrics", step: 0, epoch: 0, values: { "<b>/../x": 1, "a b": 2 } });
  for (const event of runEvents(1)) attempt.record(event);
  attempt.finish();
  const { run } = attempt.publish(documents);
  expect(await send({ store, directory: run.directory })).toMatchObject({ isComplete: true });
  const [there = {}] = await server.runsOf(run.runKey);
  const { params, metrics } = there["data"] as Record<string, { key: string; value: string }[]>;
  expect(params).toHaveLength(4);
  expect(params?.find(({ key }) => key === "long")?.value).toMatch(/sha256:[0-9a-f]{16}$/u);
  expect(metrics?.map(({ key }) => key)).toContain("a b");
}, 240_000);

test("what was exported comes back by exp import with the same config, figures and curves", async () => {
  const store = temporaryFolder();
  const folder = temporaryFolder();
  const view = viewOf(store, publishRun(openStore(store), 3, runEvents(3)));
  await send({ store, directory: view.directory });
  const { runs } = await importForeign({
    kind: "mlflow",
    source: server.url,
    experiment: view.experiment,
    workingDirectory: folder,
    directory: join(folder, "runs"),
    columns: { metrics: [] },
    environment: {},
  });
  const name = runs.find(({ title }) => title?.endsWith(view.name.slice(0, 8)))?.name ?? "";
  const context = { workingDirectory: folder, environment: {} };
  const back = showRun({ ...context, runsDirectory: "runs" }, name);
  const original = showRun({ ...context, runsDirectory: store }, view.name);
  expect(Object.fromEntries(back.run.config)).toEqual(Object.fromEntries(original.run.config));
  expect(back.curves).toEqual(original.curves);
  const finals = ({ run }: typeof back): unknown =>
    new Map(Array.from(run.metrics, ([metric, { final }]) => [metric, final]));
  expect(finals(back)).toEqual(finals(original));
  expect(back.run.facts["experiment"]).toBe(original.run.facts["experiment"]);
}, 240_000);

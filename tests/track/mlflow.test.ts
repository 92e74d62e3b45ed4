/** Runs on a real MLflow server that is killed in the middle: nothing missing, nothing twice. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
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
import { trackPython } from "./python.ts";
import { hostileName } from "./runs.ts";

type Fields = Record<string, unknown>;

let folder: string;
let url: string;
let server: ChildProcess | undefined;

async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => void holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  return port;
}

async function startServer(): Promise<void> {
  const place = ["--host", "127.0.0.1", "--port", new URL(url).port, "--workers", "1"];
  const store = ["--backend-store-uri", `sqlite:///${join(folder, "mlflow.db")}`];
  const files = ["--artifacts-destination", join(folder, "artifacts")];
  const words = ["-m", "mlflow", "server", ...place, ...store, ...files];
  server = spawn(trackPython(), words, { detached: true, stdio: "ignore", cwd: folder });
  for (let tries = 0; tries < 200; tries++) {
    const isUp = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await sleep(1000);
  }
  throw new Error("mlflow server did not start");
}

/** All its processes, at once, as if the machine had lost power. */
function killServer(): void {
  if (server?.pid !== undefined) process.kill(-server.pid, "SIGKILL");
  server = undefined;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lockstep-mlflow-"));
  url = `http://127.0.0.1:${await freePort()}`;
  await startServer();
}, 240_000);

afterAll(() => {
  killServer();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(path: string, body?: Fields): Promise<Fields> {
  const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Fields;
}

async function runsOf(runKey: string): Promise<readonly Fields[]> {
  const experiments = (await ask("experiments/search?max_results=100"))["experiments"] as Fields[];
  const ids = experiments.map((experiment) => experiment["experiment_id"]);
  const filter = `tags."lockstep.runKey" = '${runKey}'`;
  return ((await ask("runs/search", { experiment_ids: ids, filter }))["runs"] ?? []) as Fields[];
}

async function stepsOf(runId: unknown, key: string): Promise<readonly number[]> {
  const query = `run_id=${String(runId)}&metric_key=${encodeURIComponent(key)}`;
  const { metrics = [] } = await ask(`metrics/get-history?${query}`);
  return (metrics as { step: number }[]).map(({ step }) => step).toSorted((a, b) => a - b);
}

interface Sending {
  readonly store: string;
  readonly directory: string;
  readonly maxTries?: number;
  readonly onRequest?: (path: string, body: unknown) => void;
}

function send({ store, directory, maxTries = 5, onRequest }: Sending): Promise<ExportOutcome> {
  const target = createMlflowTarget({
    access: { url },
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
      setTimeout(killServer, 40 * killAt); // while it writes
    };
    const outcome = send({ store, directory, maxTries: 1, onRequest });
    await expect(outcome).rejects.toMatchObject({ code: "environment" });
    await startServer();
  }
  expect(await send({ store, directory })).toMatchObject({ isComplete: true });
  expect(await send({ store, directory })).toMatchObject({ wasComplete: true, numRows: 0 });
  const { runKey } = viewOf(store, directory);
  const runs = await runsOf(runKey);
  expect(runs).toHaveLength(1);
  const info = runs[0]?.["info"] as Fields;
  expect(info).toMatchObject({ status: "FINISHED" });
  const steps = Array.from({ length: numRows }, (_, index) => index + 1);
  expect(await stepsOf(info["run_id"], "train.loss")).toEqual(steps);
  expect(await stepsOf(info["run_id"], "odd")).toEqual(steps);
  const { files } = await ask(`artifacts/list?run_id=${String(info["run_id"])}`);
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
  const [there = {}] = await runsOf(run.runKey);
  const { params, metrics } = there["data"] as Record<string, { key: string; value: string }[]>;
  expect(params).toHaveLength(4);
  expect(params?.find(({ key }) => key === "long")?.value).toMatch(/sha256:[0-9a-f]{16}$/u);
  expect(metrics?.map(({ key }) => key)).toContain("a b");
}, 240_000);

/** Runs of MLflow from its folder, its database and a server that answers page by page. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { listRuns } from "../../../../src/app/lookups/list-runs.ts";
import { showRun } from "../../../../src/app/lookups/show-run.ts";
import { isPlainObject, parseJson } from "../../../../src/core/json.ts";
import { openDatabase } from "../../../../src/store/index/database.ts";
import type { RequestTools } from "../../../../src/track/mlflow/client.ts";
import { outcomes, project, type Project } from "./project.ts";

const experiment = "experiment_id: '1'\nlifecycle_stage: active\nname: spam\n";

function meta(id: string, more = ""): string {
  return `run_id: ${id}\nrun_name: "caf\\xE9 \\e[31m <b>\n  folded"\nstatus: 3\nlifecycle_stage: active\nstart_time: 1700000000000\nend_time: 1700000009000\n${more}`;
}

const folder = {
  "mlruns/1/meta.yaml": experiment,
  "mlruns/1/aa/meta.yaml": meta("aa"),
  "mlruns/1/aa/params/lr": "1e-05",
  "mlruns/1/aa/params/optimizer.kind": "adam",
  "mlruns/1/aa/params/optimizer": "adam",
  "mlruns/1/aa/params/long": "x".repeat(10_000),
  "mlruns/1/aa/params/apiKey": "abc123",
  "mlruns/1/aa/tags/team": "a b",
  "mlruns/1/aa/tags/mlflow.user": "root",
  "mlruns/1/aa/metrics/train/loss": "3 0.25 1\n1 0.5 0\n2 nan 2\n4 -inf 2 data 0a\n",
  "mlruns/1/aa/metrics/epoch": "1 1.0 0\n3 2.0 1\n",
  "mlruns/1/aa/metrics/acc": "2 0.5 0\n1 0.25 0\n3 0.7",
  "mlruns/1/bb/meta.yaml": meta("bb", "deleted_time: 1\n").replace("active", "deleted"),
  "mlruns/1/cc/meta.yaml": "run_id: [",
  "mlruns/1/traces/x": "",
  "mlruns/2/meta.yaml": "experiment_id: '2'\nlifecycle_stage: active\nname: other\n",
  "mlruns/2/dd/meta.yaml": meta("dd"),
};

function first({ context }: Project, filter: string): ReturnType<typeof showRun> {
  return showRun(context, listRuns({ ...context, filter }).runs[0]?.name ?? "");
}

test("params, metrics, tags and times of a folder, and what of it cannot be read", async () => {
  const place = project(folder);
  mkdirSync(place.at("elsewhere"));
  writeFileSync(place.at("elsewhere/secret"), "1 1 1\n");
  symlinkSync(place.at("elsewhere/secret"), place.at("mlruns/1/aa/metrics/linked"));
  const imported = await place.take("mlflow", ".");
  expect(outcomes(imported)).toEqual(["aa imported", "dd imported"]);
  expect(imported.warnings).toEqual([
    `${place.at("mlruns/1/aa/metrics/acc")}: 1 line is no time, value and step, and left out`,
    expect.stringContaining(`${place.at("mlruns/1/cc/meta.yaml")} is no YAML and its run is left`),
    "acc: logged without a step; their values are numbered by their times",
    "apiKey: the values look like secrets and are [redacted] here; the source still holds them",
  ]);
  const { run, curves } = first(place, "experiment = spam");
  expect(Object.fromEntries(run.config)).toEqual({
    lr: 0.00001,
    optimizer: "adam",
    '["optimizer.kind"]': "adam",
    long: "x".repeat(10_000),
    apiKey: "[redacted]",
  });
  expect(run.tags).toEqual(["team=a b"]);
  expect(run.facts).toMatchObject({ started: 1_700_000_000_000, duration: 9 });
  expect(run.reason).toContain("(mlruns: café \u001b[31m <b> folded, aa), there FINISHED");
  expect(curves.get("train/loss")).toEqual({
    steps: [0, 1, 2, 2],
    values: [0.5, 0.25, Number.NaN, -Infinity],
  });
  expect(curves.get("acc")).toEqual({ steps: [0, 1], values: [0.25, 0.5] });
  expect(run.metrics.get("train/loss")?.final).toBe(-Infinity);
  expect(outcomes(await place.take("mlflow", "file://" + place.at("mlruns")))).toEqual([
    "aa present",
    "dd present",
  ]);
});

test("one experiment by its name; other places are refused with what to do", async () => {
  const { take, at } = project({
    ...folder,
    "empty/x": "",
    "no.db": "SQLite format 3\0".repeat(99),
  });
  const spam = await take("mlflow", "mlruns", { experiment: "other" });
  expect(outcomes(spam)).toEqual(["dd imported"]);
  await expect(take("mlflow", "mlruns", { experiment: "othr" })).rejects.toMatchObject({
    message: 'There is no experiment "othr".',
    hint: `Did you mean "other"? ${at("mlruns")} has "spam", "other".`,
  });
  await expect(take("mlflow", "empty")).rejects.toThrow("holds no runs of MLflow");
  await expect(take("mlflow", "no.db")).rejects.toThrow(/no\.db is no database of MLflow/u);
  await expect(take("csv", "x.csv", { experiment: "a" })).rejects.toThrow("those of MLflow");
});

const schema = `
  CREATE TABLE experiments (experiment_id INTEGER, name TEXT, lifecycle_stage TEXT);
  CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, start_time BIGINT, end_time BIGINT, lifecycle_stage TEXT, experiment_id INTEGER);
  CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
  CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
  CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN);
  INSERT INTO experiments VALUES (0, 'Default', 'active'), (1, 'gone', 'deleted');
  INSERT INTO runs VALUES ('aa', 'first', 'FINISHED', 1700000000000, NULL, 'active', 0), ('bb', 'x', 'FAILED', 1, 2, 'deleted', 0), ('cc', 'x', 'FAILED', 1, 2, 'active', 1);
  INSERT INTO params VALUES ('lr', '0.1', 'aa'), ('blob', x'6869', 'aa');
  INSERT INTO metrics VALUES ('f1', 1.7976931348623157e308, 1, 'aa', 1, 0), ('f1', 0, 2, 'aa', 9007199254740993, 1);`;

test("a database is only read, with its infinities and NaN; what was deleted stays out", async () => {
  const place = project({ "x/y": "" });
  const database = openDatabase(place.at("x/mlflow.db"));
  database.execute(schema);
  database.close();
  expect(outcomes(await place.take("mlflow", "x"))).toEqual(["aa imported"]);
  expect(outcomes(await place.take("mlflow", "sqlite:///x/mlflow.db"))).toEqual(["aa present"]);
  const { run, curves } = first(place, "experiment = Default");
  expect(Object.fromEntries(run.config)).toEqual({ lr: 0.1, blob: "hi" });
  expect(curves.get("f1")?.values).toEqual([Infinity, Number.NaN]);
  expect(run.reason).toContain("(x/mlflow.db: first, aa), there FINISHED");
  const views = openDatabase(place.at("x/views.db"));
  views.execute(
    schema.replaceAll("CREATE TABLE params", "CREATE TABLE other").split("INSERT")[0] ?? "",
  );
  views.execute("CREATE VIEW params AS SELECT 1 AS key, 2 AS value, 3 AS run_uuid");
  views.close();
  await expect(place.take("mlflow", "x/views.db")).rejects.toThrow("it has no table params");
});

interface Asked {
  readonly path: string;
  readonly authorization: string | null;
}

/** A server with 101 experiments and one run, whose history has two pages. */
function fakeServer(asked: Asked[]): RequestTools {
  const answer = (url: URL, body: Record<string, unknown>): unknown => {
    const token = body["page_token"] ?? url.searchParams.get("page_token");
    if (url.pathname.endsWith("experiments/search")) {
      return token === "2"
        ? { experiments: [{ experiment_id: "100", name: "spam" }] }
        : { experiments: [{ experiment_id: "0", name: "Default" }], next_page_token: "2" };
    }
    if (url.pathname.endsWith("runs/search")) {
      const info = { run_id: "aa", run_name: "<b>", status: "FAILED", start_time: "1700000000000" };
      const data = {
        params: [
          { key: "__proto__", value: "7" },
          { key: "lr", value: "0.5" },
        ],
        metrics: [{ key: "a b/c" }],
      };
      return String(body["experiment_ids"]) === "100" ? { runs: [{ info, data }] } : {};
    }
    return token === "n"
      ? { metrics: [{ key: "a b/c", value: 1.7976931348623157e308, step: "2", timestamp: 5 }] }
      : {
          metrics: [
            { key: "a b/c", value: "NaN", step: 0, timestamp: 3 },
            { key: "a b/c", value: 0.25, step: 1, timestamp: 4 },
          ],
          next_page_token: "n",
        };
  };
  return {
    fetch: async (address, { body, headers }) => {
      const url = new URL(address);
      asked.push({ path: url.pathname, authorization: new Headers(headers).get("authorization") });
      const fields = parseJson(typeof body === "string" ? body : "{}");
      return Response.json(answer(url, isPlainObject(fields) ? fields : {}));
    },
    sleep: async () => undefined,
    timeLimitMs: 1000,
    maxTries: 2,
    delayMs: 1,
  };
}

test("a server is asked page by page; its password stands nowhere", async () => {
  const asked: Asked[] = [];
  const place = project({});
  const requests = fakeServer(asked);
  const source = "http://me:hidden99@127.0.0.1:5000/ml/";
  expect(outcomes(await place.take("mlflow", source, { requests }))).toEqual(["aa imported"]);
  const again = { requests, experiment: "spam" };
  expect(outcomes(await place.take("mlflow", "http://127.0.0.1:5000/ml", again))).toEqual([
    "aa present",
  ]);
  expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from("me:hidden99").toString("base64")}`);
  expect(asked.map(({ path }) => path.replace("/ml/api/2.0/mlflow/", "")).slice(0, 6)).toEqual([
    "experiments/search",
    "experiments/search",
    "runs/search",
    "runs/search",
    "metrics/get-history",
    "metrics/get-history",
  ]);
  const { run, curves } = first(place, "experiment = spam");
  expect([...run.config]).toEqual([
    ["_proto_", 7],
    ["lr", 0.5],
  ]);
  expect(run.reason).toContain("imported from mlflow (http://127.0.0.1:5000/ml: <b>, aa), there");
  expect(curves.get("a b/c")).toEqual({
    steps: [0, 1, 2],
    values: [Number.NaN, 0.25, Infinity],
  });
});

test("a server that is none, and one that refuses", async () => {
  const place = project({});
  const tools = fakeServer([]);
  const page: RequestTools = { ...tools, fetch: async () => new Response("<html>") };
  await expect(
    place.take("mlflow", "http://127.0.0.1:1", { requests: page }),
  ).rejects.toMatchObject({ code: "environment", message: expect.stringContaining("no MLflow") });
  const closed: RequestTools = { ...tools, fetch: async () => new Response("", { status: 403 }) };
  await expect(place.take("mlflow", "http://127.0.0.1:1", { requests: closed })).rejects.toThrow(
    "lets nobody in",
  );
  expect(listRuns(place.context).runs).toEqual([]);
});

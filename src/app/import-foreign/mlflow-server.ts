/** Runs on an MLflow server, over REST 2.0, page by page. */
import { ExpError } from "../../core/errors.ts";
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import type { MlflowClient, MlflowRequest } from "../../track/mlflow/client.ts";
import {
  mlflowFigure,
  type MlflowExperiment,
  type MlflowFigure,
  type MlflowRun,
} from "./mlflow-runs.ts";
import { figureOf } from "./text-values.ts";

const api = "/api/2.0/mlflow";

/** Of experiments and of runs. */
const pageSize = 100;

/** Of figures; servers give at most 25,000 at once. */
const figuresPerPage = 20_000;

/** Histories that are asked for at once. */
const numAtOnce = 8;

/** A server that goes on giving pages is none. */
const maxPages = 10_000;

/**
 * The experiments of a server that were not deleted.
 * @throws {ExpError} `environment` where it does not answer, or with something else.
 */
export async function experimentsOnServer(
  client: MlflowClient,
): Promise<readonly MlflowExperiment[]> {
  const found: MlflowExperiment[] = [];
  const fields = { max_results: pageSize, view_type: "ACTIVE_ONLY" };
  for await (const page of pages(client, postTo("experiments/search", fields))) {
    for (const { experiment_id: id, name } of objectsIn(page["experiments"])) {
      if (typeof id === "string") found.push({ id, name: typeof name === "string" ? name : id });
    }
  }
  return found;
}

/**
 * The runs of an experiment that were not deleted.
 * @throws {ExpError} as `experimentsOnServer`.
 */
export async function* runsOnServer(
  client: MlflowClient,
  { id, name }: MlflowExperiment,
): AsyncGenerator<MlflowRun> {
  const fields = {
    experiment_ids: [id],
    run_view_type: "ACTIVE_ONLY",
    max_results: pageSize,
    order_by: ["attributes.start_time ASC"],
  };
  for await (const page of pages(client, postTo("runs/search", fields))) {
    for (const run of objectsIn(page["runs"])) yield await readRun(client, name, run);
  }
}

async function readRun(
  client: MlflowClient,
  experiment: string,
  { info, data }: JsonObject,
): Promise<MlflowRun> {
  const facts = isPlainObject(info) ? info : {};
  const { params, tags, metrics } = isPlainObject(data) ? data : {};
  const id = textOf(facts["run_id"]) ?? textOf(facts["run_uuid"]) ?? "";
  if (id === "") throw new ExpError("environment", `${client.url} answers with a run without id.`);
  const keys = objectsIn(metrics).flatMap(({ key }) => (typeof key === "string" ? [key] : []));
  const figures: MlflowFigure[] = [];
  for (let at = 0; at < keys.length; at += numAtOnce) {
    const some = keys.slice(at, at + numAtOnce).map(async (key) => historyOf(client, id, key));
    for (const history of await Promise.all(some)) figures.push(...history);
  }
  return {
    id,
    name: textOf(facts["run_name"]),
    experiment,
    status: textOf(facts["status"]),
    startedMs: numberOf(facts["start_time"]),
    endedMs: numberOf(facts["end_time"]),
    params: pairsOf(params),
    tags: pairsOf(tags),
    figures,
  };
}

async function historyOf(
  client: MlflowClient,
  runId: string,
  key: string,
): Promise<readonly MlflowFigure[]> {
  const figures: MlflowFigure[] = [];
  const request = (token: string): MlflowRequest => {
    const query = new URLSearchParams({
      run_id: runId,
      metric_key: key,
      max_results: String(figuresPerPage),
      ...(token !== "" && { page_token: token }),
    });
    return { method: "GET", path: `${api}/metrics/get-history?${String(query)}` };
  };
  for await (const page of pages(client, request)) {
    for (const { value, step, timestamp } of objectsIn(page["metrics"])) {
      const number = typeof value === "string" ? figureOf(value) : numberOf(value);
      figures.push({
        key,
        value: mlflowFigure(number ?? Number.NaN, number === undefined),
        step: numberOf(step) ?? 0,
        timeMs: numberOf(timestamp) ?? 0,
      });
    }
  }
  return figures;
}

function postTo(path: string, fields: JsonObject): (token: string) => MlflowRequest {
  return (token) => ({
    method: "POST",
    path: `${api}/${path}`,
    body: { ...fields, ...(token !== "" && { page_token: token }) },
  });
}

async function* pages(
  client: MlflowClient,
  request: (token: string) => MlflowRequest,
): AsyncGenerator<JsonObject> {
  let token = "";
  for (let numPages = 0; numPages < maxPages; numPages++) {
    const answer = await client.ask(request(token));
    if (answer.kind === "refused") {
      throw new ExpError("environment", `MLflow at ${client.url} refuses: ${answer.message}.`);
    }
    yield answer.body;
    const next = answer.body["next_page_token"];
    if (typeof next !== "string" || next === "" || next === token) return;
    token = next;
  }
}

function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isPlainObject).map((one) => one as JsonObject) : []; // of JSON
}

function pairsOf(value: unknown): ReadonlyMap<string, string> {
  return new Map(
    objectsIn(value).flatMap((pair) => {
      const { key, value: text } = pair;
      return typeof key === "string" ? [[key, typeof text === "string" ? text : ""]] : [];
    }),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** `int64` is a text in the JSON of some servers. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^-?\d+$/u.test(value) ? Number(value) : value;
  return typeof number === "number" ? number : undefined;
}

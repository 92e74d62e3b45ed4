/** A run as an MLflow server has it: finding it and making it. */
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import { PlaceError } from "../place-error.ts";
import type { RunView } from "../run-view.ts";
import { failure, type FinalAnswer, type MlflowClient } from "./client.ts";
import { generationTag, runKeyTag, runNameOf, tagsOf } from "./run-facts.ts";

/** A run on the server. */
export interface RunThere {
  readonly runId: string;
  readonly artifactUri: string;
  readonly status: string;
  /** Milliseconds since 1970; 0 where it has not ended. */
  readonly endMs: number;
  readonly name: string;
  readonly params: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  /** The latest step of any figure; -1 where there is none. */
  readonly lastStep: number;
}

/** What the server refused, and why. */
export type Refusal = Extract<FinalAnswer, { kind: "refused" }>;

/** A server, and the sentence that says how what is missing gets there. */
export interface Server {
  readonly client: MlflowClient;
  readonly hint: string;
}

/**
 * The id of an experiment, which is made where there is none.
 * @throws {ExpError} `environment` where the server refuses the name, or has deleted it.
 */
export async function ensureExperiment(server: Server, name: string): Promise<string> {
  const found = await experimentNamed(server, name);
  if (found !== undefined) return found;
  const answer = await server.client.ask(post("experiments/create", { name }));
  if (answer.kind === "done") return idIn(server, answer.body, "experiment_id");
  const shown = JSON.stringify(name);
  if (answer.code !== "RESOURCE_ALREADY_EXISTS") {
    const rename = "Name another by --experiment or MLFLOW_EXPERIMENT_NAME.";
    throw failure(`MLflow refuses the experiment name ${shown}: ${answer.message}`, {
      hint: `${rename} ${server.hint}`,
    });
  }
  const made = await experimentNamed(server, name); // by somebody else just now
  if (made !== undefined) return made;
  throw failure(`MLflow has no experiment ${shown} and makes none: ${answer.message}`, server);
}

async function experimentNamed(server: Server, name: string): Promise<string | undefined> {
  const query = new URLSearchParams({ experiment_name: name }).toString();
  const answer = await server.client.ask(get(`experiments/get-by-name?${query}`));
  if (answer.kind === "refused") {
    if (answer.code === "RESOURCE_DOES_NOT_EXIST") return undefined;
    throw refused(server, "the experiment", answer);
  }
  const experiment = objectOf(answer.body["experiment"]);
  if (experiment["lifecycle_stage"] === "deleted") {
    throw failure(`The MLflow experiment ${JSON.stringify(name)} was deleted there.`, {
      hint: `Restore it (mlflow experiments restore), or name another by --experiment or MLFLOW_EXPERIMENT_NAME. ${server.hint}`,
    });
  }
  return idIn(server, experiment, "experiment_id");
}

/** The run of an id; `undefined` where it was deleted. */
export async function readRunThere(server: Server, runId: string): Promise<RunThere | undefined> {
  const query = new URLSearchParams({ run_id: runId }).toString();
  const answer = await server.client.ask(get(`runs/get?${query}`));
  if (answer.kind === "refused") {
    if (answer.code === "RESOURCE_DOES_NOT_EXIST") return undefined;
    throw refused(server, `run ${runId}`, answer);
  }
  const run = objectOf(answer.body["run"]);
  return objectOf(run["info"])["lifecycle_stage"] === "deleted" ? undefined : runOf(server, run);
}

/** The runs of a key that stand there, the latest generation first. */
export async function findRunsThere(
  server: Server,
  experimentId: string,
  runKey: string,
): Promise<readonly RunThere[]> {
  const answer = await server.client.ask(
    post("runs/search", {
      experiment_ids: [experimentId],
      filter: `tags."${runKeyTag}" = '${runKey}'`,
      max_results: 100,
    }),
  );
  if (answer.kind === "refused") throw refused(server, "a search", answer);
  const { runs } = answer.body;
  return (Array.isArray(runs) ? runs.map((run) => runOf(server, objectOf(run))) : []).sort(
    (a, b) => generationOf(b) - generationOf(a) || (a.runId < b.runId ? -1 : 1),
  );
}

/** How many runs were given up before this one. */
export function generationOf({ tags }: RunThere): number {
  return Number(tags.get(generationTag) ?? 0) || 0;
}

/**
 * Makes a run, with all its tags in one request, so that it is found by them whatever happens next. Where it is unclear
 * whether it was made, it is looked for.
 */
export async function createRunThere(
  server: Server,
  experimentId: string,
  { view, generation }: { readonly view: RunView; readonly generation: number },
): Promise<{ readonly run: RunThere; readonly isNew: boolean }> {
  const patience = server.client.patience();
  const tags = listOf(tagsOf(view, generation));
  const request = post("runs/create", {
    experiment_id: experimentId,
    run_name: runNameOf(view),
    start_time: Math.round(view.startedMs ?? 0),
    tags,
  });
  for (;;) {
    const answer = await server.client.attempt(request);
    if (answer.kind === "refused") throw refused(server, "a new run", answer);
    if (answer.kind === "done")
      return { run: runOf(server, objectOf(answer.body["run"])), isNew: true };
    await patience.wait(answer);
    const there = await findRunsThere(server, experimentId, view.runKey);
    const made = there.find((run) => generationOf(run) === generation);
    if (made !== undefined) return { run: made, isNew: false };
  }
}

function get(path: string): { readonly method: "GET"; readonly path: string } {
  return { method: "GET", path: `/api/2.0/mlflow/${path}` };
}

/** A request that changes something, or that has a body. */
export function post(path: string, body: JsonObject): Parameters<MlflowClient["ask"]>[0] {
  return { method: "POST", path: `/api/2.0/mlflow/${path}`, body };
}

/** The error of a refusal. */
export function refused(server: Server, what: string, { message }: Refusal): Error {
  return failure(`MLflow at ${server.client.url} refuses ${what}: ${message}`, server);
}

/** What names a thing on the server. Whatever answers without it, in JSON or not, keeps nothing of what it is sent. */
function idIn({ client, hint }: Server, fields: JsonObject, name: string): string {
  const id = fields[name];
  if (typeof id === "string" && id !== "") return id;
  throw new PlaceError(
    `What answers at ${client.url} is no MLflow server: it names no ${name}.`,
    hint,
  );
}

function runOf(server: Server, run: JsonObject): RunThere {
  const info = objectOf(run["info"]);
  const data = objectOf(run["data"]);
  return {
    runId: idIn(server, info, "run_id"),
    artifactUri: textOf(info["artifact_uri"]),
    status: textOf(info["status"]),
    endMs: Number(info["end_time"] ?? 0) || 0,
    name: textOf(info["run_name"]),
    params: pairsOf(data["params"]),
    tags: pairsOf(data["tags"]),
    lastStep: lastStepOf(data["metrics"]),
  };
}

/** The server tells the latest value of each figure. */
function lastStepOf(metrics: unknown): number {
  const steps = (Array.isArray(metrics) ? metrics : []).map((one) => Number(objectOf(one)["step"]));
  return steps.reduce((last, step) => (step > last ? step : last), -1);
}

/** As requests have them. */
export function listOf(entries: ReadonlyMap<string, string>): readonly JsonObject[] {
  return Array.from(entries, ([key, value]) => ({ key, value }));
}

function pairsOf(items: unknown): ReadonlyMap<string, string> {
  const objects = (Array.isArray(items) ? items : []).map(objectOf);
  return new Map(objects.map(({ key, value }) => [textOf(key), textOf(value)]));
}

function objectOf(value: unknown): JsonObject {
  return isPlainObject(value) ? (value as JsonObject) : {}; // parsed JSON
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Runs of MLflow: those of a server, of its folder (`mlruns/`) or of its database (`mlflow.db`). */
import { basename, join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";
import { createMlflowClient, type RequestTools } from "../../track/mlflow/client.ts";
import { mlflowAccess } from "../../track/mlflow/settings.ts";
import type { FoundRuns } from "./found-runs.ts";
import { openMlflowDatabase } from "./mlflow-database.ts";
import { experimentsInFolder, isMlflowFolder, runsInFolder } from "./mlflow-folder.ts";
import {
  collectMlflow,
  type MlflowExperiment,
  type MlflowReader,
  type MlflowRun,
} from "./mlflow-runs.ts";
import { experimentsOnServer, runsOnServer } from "./mlflow-server.ts";
import { isRegularFile } from "./regular-files.ts";

/** Which server, and how requests get there. */
export interface MlflowServerRequest {
  readonly url: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly tools: RequestTools;
}

/**
 * The runs of a server.
 * @param experiment - Its name; without it, those of all experiments.
 * @returns The address too, without a user and a password.
 * @throws {ExpError} `usage` for an address that is none, and an experiment that is not there; `environment` where nothing
 *   answers, or something else than MLflow.
 */
export async function readMlflowServer(
  { url, environment, tools }: MlflowServerRequest,
  experiment: string | undefined,
): Promise<{ readonly address: string; readonly found: FoundRuns }> {
  const access = mlflowAccess(environment, url);
  const client = createMlflowClient(access, tools, {
    signal: new AbortController().signal,
    hint: "Nothing was imported; importing again begins anew.",
    beat: () => undefined,
  });
  const experiments = chosen(await experimentsOnServer(client), experiment, access.url);
  const found = await collectMlflow(each(experiments, (one) => runsOnServer(client, one)));
  return { address: access.url, found };
}

async function* each(
  experiments: readonly MlflowExperiment[],
  read: (experiment: MlflowExperiment) => MlflowReader,
): AsyncGenerator<MlflowRun | string> {
  for (const experiment of experiments) yield* read(experiment);
}

/** Where MLflow keeps its runs since 3.7 unless it is told otherwise. */
const databaseName = "mlflow.db";

/**
 * Where the runs of a folder are: in its `mlflow.db`, else in itself, else in its `mlruns/`.
 * @param path - A folder or a database, absolute.
 * @throws {ExpError} `data` for a folder without runs of MLflow.
 */
export function mlflowPlace(path: string): string {
  if (isRegularFile(path)) return path;
  const database = join(path, databaseName);
  if (isRegularFile(database)) return database;
  const folder = [path, join(path, "mlruns")].find(isMlflowFolder);
  if (folder !== undefined) return folder;
  const beside = join(path, "..", databaseName);
  const isBeside = basename(path) === "mlruns" && isRegularFile(beside);
  throw new ExpError("data", `${path} holds no runs of MLflow.`, {
    hint: isBeside
      ? `They are in the database beside it: exp import mlflow ${beside}`
      : `Expected folders of experiments, each with a meta.yaml, or ${databaseName}.`,
  });
}

/**
 * The runs of a folder or a database.
 * @param place - As `mlflowPlace` gave it.
 * @param experiment - Its name; without it, those of all experiments.
 * @throws {ExpError} `usage` for an experiment that is not there; `data` for a file that is no database of MLflow.
 */
export async function readMlflowFiles(
  place: string,
  experiment: string | undefined,
): Promise<FoundRuns> {
  if (isRegularFile(place)) return readDatabase(place, experiment);
  const experiments = chosen(experimentsInFolder(place), experiment, place);
  return collectMlflow(each(experiments, (one) => runsInFolder(place, one)));
}

async function readDatabase(path: string, experiment: string | undefined): Promise<FoundRuns> {
  const database = openMlflowDatabase(path);
  try {
    const experiments = chosen(database.experiments(), experiment, path);
    return await collectMlflow(each(experiments, (one) => database.runs(one)));
  } finally {
    database.close();
  }
}

function chosen(
  experiments: readonly MlflowExperiment[],
  name: string | undefined,
  place: string,
): readonly MlflowExperiment[] {
  if (name === undefined) return experiments;
  const named = experiments.filter((one) => one.name === name);
  if (named.length > 0) return named;
  const names = experiments.map((one) => one.name);
  const near = nearest(name, names);
  const listed = names.slice(0, 20).map((one) => JSON.stringify(one));
  const all = `${place} has ${listed.join(", ") || "none"}${names.length > 20 ? ", …" : ""}.`;
  throw new ExpError("usage", `There is no experiment ${JSON.stringify(name)}.`, {
    hint: near === undefined ? all : `Did you mean ${JSON.stringify(near)}? ${all}`,
  });
}

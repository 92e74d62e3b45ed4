/** Old runs of other tools, taken into the store to be looked at beside its own. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { foreignKey } from "../../store/foreign-runs.ts";
import { systemClock } from "../../store/process-facts.ts";
import { saveForeign, type ForeignOutcome } from "../../store/save-foreign.ts";
import { loadLater } from "../../core/load-later.ts";
import type { RequestTools } from "../../track/mlflow/client.ts";
import { patientRequests } from "../export/patient-requests.ts";
import type { ColumnChoice } from "./csv-columns.ts";
import { withoutSecrets } from "./foreign-secrets.ts";
import type { FoundRuns } from "./found-runs.ts";
import type * as mlflowModule from "./mlflow.ts";
import { storableRun } from "./storable.ts";

/** Tools whose runs can be taken in. */
export const foreignKinds = ["csv", "mlflow", "tensorboard", "wandb"] as const;

export type ForeignKind = (typeof foreignKinds)[number];

/** Tells whether a word names such a tool. */
export function isForeignKind(word: string): word is ForeignKind {
  return foreignKinds.some((kind) => kind === word);
}

/** What is taken from where. */
export interface ForeignRequest {
  readonly kind: ForeignKind;
  /** A file or folder, perhaps relative; of MLflow an address too. */
  readonly source: string;
  /** Absolute. */
  readonly workingDirectory: string;
  /** The folder of the runs, absolute. */
  readonly directory: string;
  readonly columns: ColumnChoice;
  /** Of MLflow, the one experiment whose runs are taken. */
  readonly experiment?: string | undefined;
  /** Variables that say who we are to a server. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Tests put their own in place of the network. */
  readonly requests?: RequestTools;
  /** Told what is waited for, where that takes seconds. */
  readonly onWait?: (text: string) => void;
}

/** A run that was found, and what became of it. */
export interface ImportedForeign {
  /** First 16 digits of its key. */
  readonly name: string;
  readonly runKey: string;
  readonly id: string;
  /** As the source shows it to people, where that is not its id. */
  readonly title?: string;
  readonly experiment: string;
  readonly outcome: ForeignOutcome;
}

/** All that was found. */
export interface ImportedForeigns {
  readonly runs: readonly ImportedForeign[];
  /** Sentences about what could not be read. */
  readonly warnings: readonly string[];
}

/**
 * Imports runs. All of the source is read before anything is written. The same place read again adds what is new, replaces
 * what changed (the older version goes to the trash) and leaves the rest as it is.
 * @throws {ExpError} `usage` where nothing is at the place; `data` where it cannot be read; as `saveForeign` else.
 */
export async function importForeign(request: ForeignRequest): Promise<ImportedForeigns> {
  const { kind, directory } = request;
  const { place, found } = await readSource(request);
  const { runs: foundRuns, warnings } = withoutSecrets({
    ...found,
    runs: found.runs.map(storableRun),
  });
  const files = createFileSystem();
  const source = { kind, place };
  const runs = foundRuns.map((one) => {
    const run = { ...one, source };
    const outcome = saveForeign(files, directory, { run, now: systemClock() });
    const runKey = foreignKey(run);
    const { id, name: title, experiment } = run;
    const name = runKey.slice(0, 16);
    return { name, runKey, id, ...(title !== undefined && { title }), experiment, outcome };
  });
  return { runs, warnings };
}

interface ReadSource {
  /** Always the same text for the same place. */
  readonly place: string;
  readonly found: FoundRuns;
}

async function readSource(request: ForeignRequest): Promise<ReadSource> {
  const { kind, source, experiment, environment } = request;
  if (experiment !== undefined && kind !== "mlflow") {
    throw new ExpError("usage", `exp import ${kind}: --experiment chooses among those of MLflow.`);
  }
  if (kind === "mlflow" && /^https?:/iu.test(source)) {
    const { readMlflowServer } = await mlflow();
    const tools = request.requests ?? patientRequests(request.onWait);
    const read = await readMlflowServer({ url: source, environment, tools }, experiment);
    return { place: read.address, found: read.found };
  }
  const path = resolve(request.workingDirectory, plainPath(source));
  const named = realPathOf(path, expectedOf[kind]);
  const real = kind === "mlflow" ? (await mlflow()).mlflowPlace(named) : named;
  return { place: placeOf(real, request.directory), found: await readFiles(request, real) };
}

async function readFiles(
  { kind, columns, experiment }: ForeignRequest,
  path: string,
): Promise<FoundRuns> {
  if (kind === "mlflow") return (await mlflow()).readMlflowFiles(path, experiment);
  if (kind === "wandb") {
    const { readWandbRuns } = await loadLater(
      import.meta.url,
      "./wandb",
      () => import("./wandb.ts"),
    );
    return readWandbRuns(path);
  }
  if (kind === "csv") {
    const { readCsvRuns } = await loadLater(import.meta.url, "./csv", () => import("./csv.ts"));
    return readCsvRuns(path, columns);
  }
  const { readTensorboardRuns } = await loadLater(
    import.meta.url,
    "./tensorboard",
    () => import("./tensorboard.ts"),
  );
  return readTensorboardRuns(path);
}

function mlflow(): Promise<typeof mlflowModule> {
  return loadLater(import.meta.url, "./mlflow", () => import("./mlflow.ts"));
}

/** As MLflow writes where its runs are: `sqlite:///mlflow.db`, `file:///srv/mlruns`. */
function plainPath(source: string): string {
  const [, file] = /^(?:sqlite:\/\/\/|file:\/\/(?=\/))(.+)$/su.exec(source) ?? [];
  return file ?? source;
}

const expectedOf = {
  csv: "file",
  tensorboard: "folder",
  mlflow: "file or folder",
  wandb: "file or folder",
} as const;

/** Beside the runs relative to their project, so that a project that moves still knows where its runs came from. */
function placeOf(real: string, directory: string): string {
  const folder = dirname(directory);
  const place = relative(existsSync(folder) ? realpathSync(folder) : folder, real);
  const isInside = place !== "" && !place.startsWith("..") && !isAbsolute(place);
  return isInside ? place.split(sep).join("/") : real;
}

function realPathOf(path: string, expected: (typeof expectedOf)[ForeignKind]): string {
  const found = statSync(path, { throwIfNoEntry: false });
  const what = found?.isFile() === true ? "file" : found?.isDirectory() === true ? "folder" : "";
  if (what !== "" && expected.includes(what)) return realpathSync(path);
  const problem = found === undefined ? "there is nothing" : `it is no ${expected}`;
  throw new ExpError("usage", `exp import: ${path}: ${problem}; expected a ${expected}.`);
}

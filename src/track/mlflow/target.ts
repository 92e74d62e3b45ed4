/**
 * Runs on an MLflow server: params, tags, every figure once, files, and how they ended. MLflow only ever adds figures, so
 * whatever may have arrived without an answer is asked for before it is sent again.
 */
import type { JsonObject } from "../../core/json.ts";
import type { FileSystem } from "../../store/file-system.ts";
import type { Cursor } from "../cursor.ts";
import { firstRow, readRowsFrom, type RowReader, type TrackedRow } from "../metric-rows.ts";
import { timesOfSending } from "../step-times.ts";
import type { SendReport, SendRequest, Target } from "../target.ts";
import { sendArtifacts, type ArtifactChoice } from "./artifacts.ts";
import { createMlflowClient, failure, type RequestTools, type ServerAccess } from "./client.ts";
import {
  createHistory,
  figureOf,
  figuresOf,
  sendFigures,
  type Figure,
  type FiguresPlace,
} from "./figures.ts";
import {
  createRunThere,
  ensureExperiment,
  findRunsThere,
  generationOf,
  readRunThere,
  type RunThere,
  type Server,
} from "./run-there.ts";
import { updateFacts, updateStatus } from "./update-run.ts";

/** Where runs go, and what is handed in. */
export interface MlflowOptions {
  readonly access: ServerAccess;
  /** All runs go there; without it each goes to that of its experiment's name. */
  readonly experiment: string | undefined;
  readonly artifacts: ArtifactChoice;
  /** The command that sends what is missing of a run. Default: one without options. */
  readonly command?: ((runName: string) => string) | undefined;
  readonly files: FileSystem;
  readonly tools: RequestTools;
  readonly now: () => Date;
}

/** Sends runs to an MLflow server. */
export function createMlflowTarget(options: MlflowOptions): Target {
  const { access, experiment } = options;
  return {
    place: { kind: "mlflow", where: { url: access.url, experiment: experiment ?? null } },
    send: (request) => sendRun(options, request),
  };
}

/** What the cursor says about the run there. */
interface Sent {
  readonly runId?: string;
  readonly experimentId?: string;
  readonly generation: number;
  /** The run was found there and not made by us just now: it may have any row. */
  readonly mayHaveRows: boolean;
  /** The step of the last row that was sent. */
  readonly lastStep?: number;
  /** Rows were sent. */
  readonly hasRows: boolean;
  readonly hasResults: boolean;
  readonly artifacts: JsonObject;
}

/** One sending. */
interface Sending {
  readonly options: MlflowOptions;
  readonly request: SendRequest;
  readonly server: Server;
}

/** Rows that are noted together. */
const rowsPerPart = 500;

async function sendRun(options: MlflowOptions, request: SendRequest): Promise<SendReport> {
  const { view, cursor, signal } = request;
  const { command = (name: string) => `exp export ${name} --to mlflow` } = options;
  const hint = `${command(view.name)} sends what is missing.`;
  const context = { signal, hint, beat: () => cursor.beat() };
  const client = createMlflowClient(options.access, options.tools, context);
  const sending: Sending = { options, request, server: { client, hint } };
  const { run, rows } = await findOrCreate(sending);
  const { generation, experimentId = "" } = sentOf(cursor);
  await updateFacts(sending.server, run, { view, generation });
  const counts = await sendRows(sending, run, rows);
  await sendResults(sending, run);
  await updateStatus(sending.server, run, view);
  await updateArtifacts(sending, run); // last: what keeps a file from arriving keeps no figure
  const isComplete = view.status !== "running";
  if (cursor.state().isComplete !== isComplete) cursor.save({ ...cursor.state(), isComplete });
  const page = `${client.url}/#/experiments/${experimentId}/runs/${run.runId}`;
  return { ...counts, shownAt: page };
}

function sentOf(cursor: Cursor): Sent {
  const { runId, experimentId, generation, lastStep, artifacts, ...flags } = cursor.state().sent;
  const isObject = typeof artifacts === "object" && artifacts !== null && !Array.isArray(artifacts);
  return {
    ...(typeof runId === "string" && runId !== "" && { runId }),
    ...(typeof experimentId === "string" && { experimentId }),
    ...(typeof lastStep === "number" && { lastStep }),
    generation: typeof generation === "number" ? generation : 0,
    mayHaveRows: flags["mayHaveRows"] === true,
    hasRows: flags["hasRows"] === true,
    hasResults: flags["hasResults"] === true,
    artifacts: isObject ? (artifacts as JsonObject) : {}, // parsed JSON
  };
}

function saveSent(cursor: Cursor, changes: Partial<Sent>): void {
  cursor.save({ ...cursor.state(), sent: { ...cursor.state().sent, ...changes } });
}

/** The run there, and the rows that it has not, as far as that is known. */
async function findOrCreate(
  sending: Sending,
): Promise<{ readonly run: RunThere; readonly rows: RowReader }> {
  const { request, server } = sending;
  const { view, cursor, warn } = request;
  const { generation, runId, lastStep = -1 } = sentOf(cursor);
  const isOther = isOtherRun(sending);
  if (isOther) begin(cursor, generation + 1); // figures cannot be taken back there
  if (!isOther && runId !== undefined) {
    const run = await readRunThere(server, runId);
    // Another note of the same run, by another address or in a copied store, may stand for what is there.
    if (run !== undefined && run.lastStep > lastStep) saveSent(cursor, { mayHaveRows: true });
    if (run !== undefined) return { run, rows: request.rows };
    warn(`${view.name} is not on the MLflow server any more (run ${runId}): all of it is sent.`);
    begin(cursor, generation);
  }
  const run = await findOrCreateAnew(sending);
  return { run, rows: rowsOf(sending) };
}

/** Rows were sent, or may have been, that are not those of the run any more. */
function isOtherRun({ options, request }: Sending): boolean {
  const { view, cursor } = request;
  const { rows, pending } = cursor.state();
  if (sentOf(cursor).hasRows && rows.numBytes === 0) return true;
  const { numBytes, sha256 } = pending ?? {};
  if (typeof numBytes !== "number" || typeof sha256 !== "string") return false;
  return readRowsFrom(options.files, view.directory, { numBytes, sha256 }) === undefined;
}

function begin(cursor: Cursor, generation: number): void {
  cursor.save({ rows: firstRow, sent: { generation }, isComplete: false });
}

function rowsOf({ options, request, server }: Sending): RowReader {
  const rows = readRowsFrom(options.files, request.view.directory, request.cursor.state().rows);
  if (rows === undefined) throw failure(`${request.view.directory} went away.`, server);
  return rows;
}

async function findOrCreateAnew({ options, request, server }: Sending): Promise<RunThere> {
  const { view, cursor } = request;
  const { generation } = sentOf(cursor);
  const name = options.experiment ?? (view.experiment === "" ? "lockstep" : view.experiment);
  const experimentId = await ensureExperiment(server, name);
  const there = await findRunsThere(server, experimentId, view.runKey);
  const found = there.find((run) => generationOf(run) >= generation);
  const { run, isNew } =
    found === undefined
      ? await createRunThere(server, experimentId, { view, generation })
      : { run: found, isNew: false };
  saveSent(cursor, {
    runId: run.runId,
    experimentId,
    generation: found === undefined ? generation : generationOf(found),
    mayHaveRows: !isNew,
  });
  return run;
}

async function updateArtifacts(
  { options, request, server }: Sending,
  run: RunThere,
): Promise<void> {
  const { view, cursor, warn } = request;
  const beat = (): void => cursor.beat();
  const save = (artifacts: JsonObject): void => saveSent(cursor, { artifacts });
  const { artifacts: sent } = sentOf(cursor);
  const choice = options.artifacts;
  await sendArtifacts({ files: options.files, server, warn, beat, save }, run, {
    view,
    sent,
    choice,
  });
}

async function sendRows(
  sending: Sending,
  run: RunThere,
  rows: RowReader,
): Promise<Pick<SendReport, "numRows" | "numThere">> {
  const { cursor, view } = sending.request;
  const timeOf = timesOfSending(sending.options, view, cursor.state().sent);
  const place = placeOf(sending, run);
  const mayHaveAny = sentOf(cursor).mayHaveRows;
  let history =
    mayHaveAny || cursor.state().pending !== undefined ? createHistory(place) : undefined;
  let numRows = 0;
  let numThere = 0;
  for (let part = rows.next(rowsPerPart); part.length > 0; part = rows.next(rowsPerPart)) {
    const { pending: _, ...state } = cursor.state();
    cursor.save({ ...state, pending: { ...rows.position() } });
    const missing = await sendFigures(place, figuresOf(part, timeOf), history);
    const last = part.at(-1)?.step ?? 0;
    const sent = { ...state.sent, hasRows: true, lastStep: Math.trunc(last), lastMs: timeOf(last) };
    cursor.save({ ...state, rows: rows.position(), sent });
    const numSent = numRowsOf(part, missing);
    numRows += numSent;
    numThere += part.length - numSent;
    if (!mayHaveAny) history = undefined;
  }
  if (mayHaveAny) saveSent(cursor, { mayHaveRows: false });
  return { numRows, ...(numThere > 0 && { numThere }) };
}

/** Rows of which a figure was not there; one without figures has nothing that could be missing. */
function numRowsOf(rows: readonly TrackedRow[], missing: readonly Figure[]): number {
  const steps = new Set(missing.map(({ step }) => step));
  return rows.filter(({ step, values }) => values.size === 0 || steps.has(Math.trunc(step))).length;
}

function placeOf({ server }: Sending, { runId }: RunThere): FiguresPlace {
  return { ...server, runId };
}

/** Figures of the whole run, as `result/…`: those of the rows keep the last step's. */
async function sendResults(sending: Sending, run: RunThere): Promise<void> {
  const { view, cursor } = sending.request;
  const { results, endedMs } = view;
  if (results === undefined || view.status === "running" || sentOf(cursor).hasResults) return;
  const timeMs = endedMs ?? sending.options.now().getTime();
  const figures = Object.entries(results.metrics).map(([name, value]) =>
    figureOf(`result/${name}`, results.step, { value, timeMs }),
  );
  const place = placeOf(sending, run);
  await sendFigures(place, figures, createHistory(place));
  saveSent(cursor, { hasResults: true });
}

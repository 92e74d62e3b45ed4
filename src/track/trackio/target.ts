/**
 * Runs in the inbox of Trackio: files of JSON lines that its dashboard takes into its database. Each line has an id that
 * follows from what it says, and Trackio keeps one line of each id: what is written twice is there once.
 * @see trackio, `trackio/fragments.py`
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import type { JsonObject } from "../../core/json.ts";
import { jsonNumber } from "../../core/number-text.ts";
import type { FileSystem } from "../../store/file-system.ts";
import { timeText } from "../../store/times.ts";
import type { RunView } from "../run-view.ts";
import { timesOfSending } from "../step-times.ts";
import type { SendReport, SendRequest, Target } from "../target.ts";

/** Where runs go, and what is handed in. */
export interface TrackioOptions {
  readonly files: FileSystem;
  readonly now: () => Date;
  /** Trackio's own folder, in which `inbox/` lies, absolute. */
  readonly folder: string;
  /** All runs belong to it; without it each to that of its experiment's name. */
  readonly project: string | undefined;
}

/** The folder that Trackio itself uses. */
export function trackioFolder(variables: Readonly<Record<string, string | undefined>>): string {
  const named = variables["TRACKIO_DIR"] ?? "";
  if (named !== "") return named;
  const cache = variables["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(variables["HF_HOME"] || join(cache, "huggingface"), "trackio");
}

/** Writes runs into the inbox of Trackio. */
export function createTrackioTarget(options: TrackioOptions): Target {
  const { folder, project } = options;
  return {
    place: { kind: "trackio", where: { folder, project: project ?? null } },
    send: async (request) => sendRun(options, request),
  };
}

/** Lines of one file. */
const rowsPerFile = 1000;

function sendRun(options: TrackioOptions, { view, cursor, rows }: SendRequest): SendReport {
  const { sent, rows: position } = cursor.state();
  const before = typeof sent["generation"] === "number" ? sent["generation"] : 0;
  // Figures cannot be taken back there: a run that did not repeat is another one.
  const isOther = sent["hasRows"] === true && position.numBytes === 0;
  const generation = before + (isOther ? 1 : 0);
  const names = namesOf(options, view, generation);
  const timeOf = timesOfSending(options, view, isOther ? {} : sent);
  const numRows = sendRows(options, { cursor, rows }, { names, generation, timeOf });
  const state = cursor.state();
  const isEnded = view.status !== "running";
  const isTold = state.sent["status"] === view.status && !isOther;
  if (isTold && numRows === 0 && state.isComplete === isEnded) return { numRows: 0 };
  const bytes = rows.position().numBytes;
  writeLines(options, names, {
    name: fileName(bytes, "end"),
    lines: [lastLine(view, names, timeOf)],
  });
  cursor.save({
    rows: rows.position(),
    sent: { ...lastTime(state.sent), generation, hasRows: bytes > 0, status: view.status },
    isComplete: isEnded,
  });
  return { numRows, shownAt: options.folder };
}

type TimeOf = ReturnType<typeof timesOfSending>;

function lastTime({ lastMs }: JsonObject): JsonObject {
  return lastMs === undefined ? {} : { lastMs };
}

interface Names {
  readonly project: string;
  readonly run: string;
  readonly runId: string;
}

function namesOf({ project }: TrackioOptions, view: RunView, generation: number): Names {
  const { title, name, experiment } = view;
  const suffix = generation === 0 ? "" : ` (${generation + 1})`;
  return {
    project: project ?? (experiment === "" ? "lockstep" : experiment),
    run: `${title} ${name.slice(0, 8)}${suffix}`.trim(),
    runId: generation === 0 ? name : `${name}-${generation}`,
  };
}

function sendRows(
  options: TrackioOptions,
  { cursor, rows }: Pick<SendRequest, "cursor" | "rows">,
  {
    names,
    generation,
    timeOf,
  }: { readonly names: Names; readonly generation: number; readonly timeOf: TimeOf },
): number {
  let numRows = 0;
  for (let from = rows.position().numBytes; ; from = rows.position().numBytes) {
    const part = rows.next(rowsPerFile);
    if (part.length === 0) return numRows;
    const lines = part.map(({ step, epoch, values }) =>
      lineOf(names, { step, timeMs: timeOf(step), values: new Map([["epoch", epoch], ...values]) }),
    );
    writeLines(options, names, { name: fileName(from, "rows"), lines });
    const { status } = cursor.state().sent;
    const lastMs = timeOf(part.at(-1)?.step ?? 0);
    const sent = { generation, hasRows: true, lastMs, ...(status !== undefined && { status }) };
    cursor.save({ rows: rows.position(), sent, isComplete: false });
    numRows += part.length;
  }
}

/** The config, how the run stands, and the figures of its result. */
function lastLine(view: RunView, names: Names, timeOf: TimeOf): JsonObject {
  const { results, status, config, identities, git, experiment } = view;
  const figures = status === "running" ? [] : Object.entries(results?.metrics ?? {});
  const step = results?.step ?? 0;
  const commit = git.commit === undefined ? {} : { commit: git.commit, isDirty: git.isDirty };
  const values = new Map(figures.map(([name, value]) => [`result/${name}`, value]));
  return {
    ...lineOf(names, { step, timeMs: timeOf(step), values }, status),
    config: { ...config, lockstep: { ...identities, ...commit, experiment, status } },
  };
}

/** Names that Trackio keeps for itself. */
const reserved = /^(?:project|run|timestamp|step|time|metrics|__.*)$/su;

function lineOf(
  { project, run, runId }: Names,
  row: {
    readonly step: number;
    readonly timeMs: number;
    readonly values: ReadonlyMap<string, number>;
  },
  mark = "row",
): JsonObject {
  const figures = Array.from(row.values, ([name, value]) => [
    reserved.test(name) ? `metric.${name}` : name,
    jsonNumber(value),
  ]);
  const metrics = Object.fromEntries(figures) as JsonObject; // numbers and their names
  const { step } = row;
  return {
    v: 1,
    kind: "metric",
    project,
    run,
    run_id: runId,
    metrics,
    step,
    timestamp: timeText(row.timeMs),
    config: null,
    log_id: sha256(JSON.stringify([project, runId, mark, step, metrics])).slice(0, 32),
  };
}

/** Files are taken in the order of their names. */
function fileName(numBytes: number, what: "rows" | "end"): string {
  return `${String(numBytes).padStart(14, "0")}-${what === "rows" ? 0 : 1}.jsonl`;
}

/** Trackio takes a file as soon as it is there, and deletes it, and the folder where it was the last one. */
function writeLines(
  { files, folder }: TrackioOptions,
  { runId }: Names,
  { name, lines }: { readonly name: string; readonly lines: readonly JsonObject[] },
): void {
  const inbox = join(folder, "inbox");
  const directory = join(inbox, `lockstep-${runId}`);
  const temporary = join(inbox, `.lockstep-${runId}.being-written`);
  files.ensureRoot(inbox);
  files.writeFile(temporary, lines.map((line) => `${JSON.stringify(line)}\n`).join(""), "bytes");
  files.ensureRoot(directory);
  files.rename(temporary, join(directory, name));
}

/** How each kind of event of a run is written into the files of its directory. */
import { join } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { jsonNumber } from "../core/number-text.ts";
import type { Metrics, RunEvent } from "../core/run-events.ts";
import type { CheckpointSaver } from "./checkpoint-saver.ts";
import type { FileSystem } from "./file-system.ts";
import { prettyJson } from "./json-file.ts";
import { createLogFile, type LogFile } from "./log-file.ts";
import type { RunIdentities } from "./manifest.ts";
import type { RecordedRows } from "./recorded-rows.ts";
import { artifactFolder, runFiles } from "./run-layout.ts";

export type ReadyEvent = Extract<RunEvent, { kind: "ready" }>;
export type ResultEvent = Extract<RunEvent, { kind: "result" }>;

export interface RecorderOptions {
  /** Of the run, for its checkpoints. */
  readonly identities: RunIdentities;
  /** Absolute, with its folders made. */
  readonly directory: string;
  readonly clock: () => Date;
  /** Optimizer steps between two lines of progress in `logs/train.log`. */
  readonly logInterval: number;
  /** Nobody goes on from its checkpoints, so they need not be durable before the whole run is. */
  readonly isRepeat: boolean;
  /** Called before a checkpoint is made durable: makes durable what it lies in. */
  readonly settle: () => void;
}

/** The logs of an attempt; that of its predictions is made by the first of them. */
export interface Logs {
  readonly train: LogFile;
  readonly metrics: LogFile;
  readonly trace: LogFile;
  readonly events: LogFile;
}

/** What was recorded so far. */
export interface RecordingState {
  step: number;
  ready: ReadyEvent | undefined;
  result: ResultEvent | undefined;
  predictions: LogFile | undefined;
  /** A line of `train.log` that is left out where the task says it in its own words in the next event. */
  pending: string | undefined;
  /** When lines were last written at once, in milliseconds since 1970. */
  shownAt: number;
  /** Lines of `train.log` and `events.jsonl`, or rows of the trace, wait for others. */
  areLinesWaiting: boolean;
  /** Something could not be written: what lies on the disk may be less than was said. */
  isBroken: boolean;
}

/** Where an attempt is recorded. */
export interface Recording {
  readonly files: FileSystem;
  readonly rows: RecordedRows;
  readonly options: RecorderOptions;
  readonly logs: Logs;
  readonly state: RecordingState;
}

/** The same while one event is written. */
export interface Writing extends Recording {
  readonly saver: CheckpointSaver;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/**
 * Writes one event that has been checked.
 * @throws {ExpError} `training` for an event after the result, and a metric with the name of another field.
 */
export function writeEvent(writing: Writing, event: RunEvent): void {
  const { state } = writing;
  if (state.result !== undefined) {
    throw new ExpError("training", `The task yielded a ${event.kind} event after its result.`);
  }
  if ("step" in event) state.step = event.step;
  if (state.pending !== undefined && event.kind !== "log") say(writing, state.pending);
  state.pending = undefined;
  switch (event.kind) {
    case "ready":
      return writeReady(writing, event);
    case "progress":
      return writeProgress(writing, event);
    case "log":
      return writeText(writing, event);
    case "trace":
      state.areLinesWaiting = true;
      return writing.rows.addTrace(event.row);
    case "rows":
      state.areLinesWaiting = true; // a run of long steps says nothing else for minutes
      return writing.rows.addLater(event);
    case "metrics":
      return writeMetrics(writing, event);
    case "checkpoint":
      return writing.saver.save(event);
    case "artifact":
      return writeArtifact(writing, event);
    case "predictions":
      return writePredictions(writing, event.rows);
    case "result":
      return writeResult(writing, event);
  }
}

/** One line of `train.log`. */
function say(writing: Writing, text: string): void {
  const { logs, rows, time } = writing;
  rows.flush(); // what the line tells of
  logs.train.append(shownLine(time, text));
}

/** Control characters of a hostile text would act on the terminal that shows the log. */
function shownLine(time: string, text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return `${time.slice(0, 19)}Z  ${clean}\n`;
}

/**
 * Milliseconds between two times that lines which may wait are written: three writes cost more than a short step's update.
 * `src/app/telling-pace.ts` lets short steps wait for 250, and the last line of theirs does not wait here.
 */
const longestWait = 50;

/** Writes lines that wait once the last ones are long ago, or the clock was set back. */
export function writeDueLines({ rows, logs, state, options }: Writing): void {
  if (!state.areLinesWaiting) return;
  const now = options.clock().getTime();
  if (now >= state.shownAt && now < state.shownAt + longestWait) return;
  rows.flush();
  logs.train.flush();
  logs.events.flush();
  state.areLinesWaiting = false;
  state.shownAt = now;
}

/** One row of `events.jsonl`. */
function timed({ logs, time }: Writing, row: JsonObject): void {
  logs.events.append(`${canonicalJson({ time, ...row })}\n`);
}

function writeText(writing: Writing, event: Extract<RunEvent, { kind: "log" }>): void {
  const { level, text, mayWait } = event;
  const shown = level === "warning" ? `warning: ${text}` : text;
  if (mayWait !== true) {
    say(writing, shown);
    return timed(writing, { kind: "log", level, text: wellFormed(text) });
  }
  const { logs, options, state } = writing;
  const date = options.clock();
  const time = (): string => date.toISOString();
  // Put together when they are written, which for many lines takes as long as for one between two short steps.
  logs.train.appendLater(() => shownLine(time(), shown));
  // Canonical JSON as well, by hand: the words of an event hold nothing that it would refuse.
  logs.events.appendLater(() => {
    const words = JSON.stringify(wellFormed(text));
    return `{"kind":"log","level":"${level}","text":${words},"time":"${time()}"}\n`;
  });
  state.areLinesWaiting = true; // until `writeDueLines` finds them due, at once where none came just before
}

/** Half a surrogate pair has no UTF-8 form and would end the run over a message. */
function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDFFF]/gu, "\uFFFD");
}

function writeReady(writing: Writing, event: ReadyEvent): void {
  writing.state.ready = event;
  const { numSteps, numParameters, facts } = event;
  say(writing, `${numSteps} steps, ${numParameters} parameters`);
  timed(writing, { kind: "ready", numSteps, numParameters, facts });
}

function writeProgress(writing: Writing, event: Extract<RunEvent, { kind: "progress" }>): void {
  const { step, numSteps, epoch, loss } = event;
  const isDue = step % writing.options.logInterval === 0 || step === numSteps;
  if (event.phase !== "training" || !isDue) return;
  const lossText = loss === undefined ? "" : `  loss ${loss.toFixed(5)}`;
  writing.state.pending = `step ${step}/${numSteps}  epoch ${epoch}${lossText}`;
}

function writeMetrics(writing: Writing, event: Extract<RunEvent, { kind: "metrics" }>): void {
  const { step, epoch, values } = event;
  for (const reserved of ["step", "epoch"]) {
    if (!Object.hasOwn(values, reserved)) continue;
    throw new ExpError(
      "training",
      `A metric cannot be called "${reserved}": the row has that key.`,
    );
  }
  writing.rows.addMetrics({ ...metricValues(values), step, epoch });
  const names = Object.keys(values).filter((name) => !name.startsWith("train."));
  if (names.length === 0) return;
  const shown = names.map((name) => `${name} ${(values[name] ?? NaN).toFixed(5)}`);
  writing.state.pending = `step ${step}  ${shown.join("  ")}`;
}

/** The folder is made by the first one: runs of most tasks have none. */
function writeArtifact(
  { files, options }: Writing,
  { name, json }: Extract<RunEvent, { kind: "artifact" }>,
): void {
  const folder = join(options.directory, artifactFolder);
  files.ensureDirectory(folder);
  files.writeFile(join(folder, `${name}.json`), prettyJson(json), "later");
}

function writePredictions(writing: Writing, rows: readonly JsonObject[]): void {
  predictionsLog(writing).append(rows.map((row) => `${canonicalJson(row)}\n`).join(""));
}

/** The log of the predictions, made where there is none yet. */
export function predictionsLog({ files, options, state }: Recording): LogFile {
  return (state.predictions ??= createLogFile(
    files,
    join(options.directory, runFiles.predictions),
  ));
}

function writeResult(writing: Writing, event: ResultEvent): void {
  const { files, options, state, saver } = writing;
  saver.saveAll();
  const { step, metrics, details, weightsDigest } = event;
  const weights = weightsDigest === undefined ? {} : { weightsDigest };
  const results = { step, metrics: metricValues(metrics), details, ...weights };
  files.writeFile(join(options.directory, runFiles.metrics), prettyJson(results), "later");
  state.result = event;
  say(writing, `finished at step ${step}`);
  timed(writing, { kind: "result", step });
}

/** Metrics as JSON: what is not finite becomes a typed string, so that no reader takes it for a number or a gap. */
function metricValues(metrics: Metrics): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, jsonNumber(value)]),
  );
}

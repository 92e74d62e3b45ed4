/** Events of a run in, files of a run directory out. */
import { join, relative, sep } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError, isExpError } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { jsonNumber } from "../core/number-text.ts";
import type { Metrics, RunEvent } from "../core/run-events.ts";
import { checkEvent } from "./check-event.ts";
import { syncLogs } from "./checkpoint-files.ts";
import { createCheckpointSaver, type CheckpointSaver } from "./checkpoint-saver.ts";
import type { FileSystem } from "./file-system.ts";
import { prettyJson } from "./json-file.ts";
import { createLogFile, type LogFile } from "./log-file.ts";
import type { RunIdentities } from "./manifest.ts";
import { createRecordedRows, type RecordedRows, type RepeatedRows } from "./recorded-rows.ts";
import type { InheritedLogs } from "./resume.ts";
import { artifactFolder, runFiles } from "./run-layout.ts";
import type { WrittenFile } from "./written-files.ts";

export type ReadyEvent = Extract<RunEvent, { kind: "ready" }>;
export type ResultEvent = Extract<RunEvent, { kind: "result" }>;

export interface Recorder {
  /**
   * Writes one event down; everything it returns after is on its way to the disk.
   * @throws {ExpError} `training` for an event that is none, that lacks a field, or that holds what JSON cannot say.
   */
  record(event: RunEvent): void;
  /** The last step that any event named. */
  step(): number;
  ready(): ReadyEvent | undefined;
  result(): ResultEvent | undefined;
  /**
   * Begins the logs with the rows of an earlier attempt.
   * @throws {ExpError} `training` where rows of this attempt came first.
   */
  inherit(logs: InheritedLogs): void;
  /**
   * Rows of metrics and trace that an earlier attempt had after the checkpoint and that came out the same again, and where
   * the first one did not.
   */
  repeated(): RepeatedRows;
  /** Adds a row with the time to `logs/events.jsonl`. */
  note(kind: string, facts: JsonObject): void;
  /** Closes all logs and tells what lies in them. */
  close(): readonly WrittenFile[];
  /** Closes all logs after a failure. */
  abandon(): void;
}

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

interface Logs {
  readonly train: LogFile;
  readonly metrics: LogFile;
  readonly trace: LogFile;
  readonly events: LogFile;
}

/** A recorder with empty logs. The clock reaches `train.log` and `events.jsonl` only, which no digest covers. */
export function createRecorder(files: FileSystem, options: RecorderOptions): Recorder {
  const at = (path: string): string => join(options.directory, path);
  const logs: Logs = {
    train: createLogFile(files, at(runFiles.trainLog)),
    metrics: createLogFile(files, at(runFiles.metricsLog)),
    trace: createLogFile(files, at(runFiles.traceLog)),
    events: createLogFile(files, at(runFiles.eventsLog)),
  };
  const state: State = {
    step: 0,
    ready: undefined,
    result: undefined,
    predictions: undefined,
    pending: undefined,
    shownAt: -Infinity,
    areLinesWaiting: false,
    isBroken: false,
  };
  const rows = createRecordedRows(logs);
  const recording: Recording = { files, options, logs, rows, state };
  const saver = checkpointSaver(recording);
  const writing = writingOf(recording, saver);
  const openLogs = (): LogFile[] =>
    [logs.train, logs.metrics, logs.trace, logs.events, state.predictions].filter(
      (log) => log !== undefined,
    );
  return {
    record: (event): void => {
      write(writing, event);
    },
    step: () => state.step,
    ready: () => state.ready,
    result: () => state.result,
    inherit: (inherited): void => inheritLogs(recording, inherited),
    repeated: rows.repeated,
    note: (kind, facts): void => {
      logs.events.append(
        `${canonicalJson({ ...facts, time: options.clock().toISOString(), kind })}\n`,
      );
    },
    close: () => {
      saver.saveAll();
      rows.flush();
      const open = openLogs();
      for (const log of open) log.close();
      return open.map((log) => ({
        path: relative(options.directory, log.path).split(sep).join("/"),
        ...log.position(),
      }));
    },
    abandon: (): void => {
      const saves = [saver.saveAll, rows.flush, logs.train.flush, logs.events.flush];
      if (!state.isBroken) for (const save of saves) quietly(save);
      for (const log of openLogs()) log.abandon();
    },
  };
}

function writingOf(recording: Recording, saver: CheckpointSaver): Writing {
  return {
    ...recording,
    saver,
    get time(): string {
      return recording.options.clock().toISOString(); // most events ask for none
    },
  };
}

function write(writing: Writing, event: RunEvent): void {
  checkEvent(event);
  const { saver, state } = writing;
  try {
    writeEvent(writing, event);
    saver.saveDue();
    writeDueLines(writing);
  } catch (error) {
    // What a task may not yield harms nothing that lies there.
    state.isBroken ||= !isExpError(error) || !["config", "training"].includes(error.code);
    throw asTaskError(event, error);
  }
}

/** What JSON cannot say was said by the task, not by a config. */
function asTaskError({ kind }: RunEvent, error: unknown): unknown {
  if (!isExpError(error) || error.code !== "config") return error;
  const message = `The task yielded a ${kind} event that cannot be written as JSON.`;
  const { issues, hint } = error;
  return new ExpError("training", message, {
    issues,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

interface State {
  step: number;
  ready: ReadyEvent | undefined;
  result: ResultEvent | undefined;
  predictions: LogFile | undefined;
  /** A line of `train.log` that is left out where the task says it in its own words in the next event. */
  pending: string | undefined;
  /** When lines were last written at once, in milliseconds since 1970. */
  shownAt: number;
  /** Lines of `train.log` and `events.jsonl` wait for others. */
  areLinesWaiting: boolean;
  /** Something could not be written: what lies on the disk may be less than was said. */
  isBroken: boolean;
}

interface Recording {
  readonly files: FileSystem;
  readonly rows: RecordedRows;
  readonly options: RecorderOptions;
  readonly logs: Logs;
  readonly state: State;
}

interface Writing extends Recording {
  readonly saver: CheckpointSaver;
  /** ISO 8601, UTC. */
  readonly time: string;
}

function writeEvent(writing: Writing, event: RunEvent): void {
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
      return writing.rows.addTrace(event.row);
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

/** Milliseconds that a line which may wait is late at most: three writes cost more than a short step's update. */
const longestWait = 100;

/** Writes lines that wait once the last ones are long ago, or the clock was set back. */
function writeDueLines({ rows, logs, state, options }: Writing): void {
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
  logs.events.appendLater(() => {
    return `${canonicalJson({ time: time(), kind: "log", level, text: wellFormed(text) })}\n`;
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

/** What it saves is noted in `events.jsonl`. */
function checkpointSaver(recording: Recording): CheckpointSaver {
  const { files, options, logs, rows, state } = recording;
  const { directory, identities, isRepeat, clock, settle } = options;
  return createCheckpointSaver(files, {
    folder: join(directory, "checkpoints"),
    identities,
    isDurable: !isRepeat,
    clock,
    settle,
    logs: () => {
      rows.flush();
      return { metrics: logs.metrics, trace: logs.trace, predictions: state.predictions };
    },
    saved: ({ step }, names) => {
      const row = { kind: "checkpoint", step, names: [...names] };
      logs.events.append(`${canonicalJson({ time: clock().toISOString(), ...row })}\n`);
    },
  });
}

/** After a failure, which is what matters. */
function quietly(body: () => void): void {
  try {
    body();
  } catch {
    return;
  }
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

function predictionsLog({ files, options, state }: Recording): LogFile {
  return (state.predictions ??= createLogFile(
    files,
    join(options.directory, runFiles.predictions),
  ));
}

function inheritLogs(recording: Recording, inherited: InheritedLogs): void {
  const { logs, rows, state } = recording;
  const own = [logs.metrics, logs.trace, state.predictions];
  if (own.some((log) => log !== undefined && log.position().numBytes > 0)) {
    throw new ExpError("training", "The task asked for its checkpoint after it had logged rows.", {
      hint: "Call checkpoint.latest() before the first metrics, trace rows or predictions.",
    });
  }
  logs.metrics.append(inherited.metrics);
  logs.trace.append(inherited.trace);
  if (inherited.predictions !== undefined) predictionsLog(recording).append(inherited.predictions);
  // The checkpoints that come along count on these rows.
  syncLogs(recording.files, { ...logs, predictions: state.predictions });
  rows.expect(inherited.later);
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

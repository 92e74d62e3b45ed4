/** Events of a run in, files of a run directory out. */
import { join, relative, sep } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError, isExpError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { RunEvent } from "../core/run-events.ts";
import { checkEvent } from "./check-event.ts";
import { syncLogs } from "./checkpoint-files.ts";
import { createCheckpointSaver, type CheckpointSaver } from "./checkpoint-saver.ts";
import type { FileSystem } from "./file-system.ts";
import { createLogFile, type LogFile } from "./log-file.ts";
import {
  predictionsLog,
  writeDueLines,
  writeEvent,
  type Logs,
  type ReadyEvent,
  type RecorderOptions,
  type Recording,
  type ResultEvent,
  type RecordingState,
  type Writing,
} from "./record-event.ts";
import { createRecordedRows, type RepeatedRows } from "./recorded-rows.ts";
import type { InheritedLogs } from "./checkpoint-candidates.ts";
import { runFiles } from "./run-layout.ts";
import type { WrittenFile } from "./written-files.ts";

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

/** A recorder with empty logs. The clock reaches `train.log` and `events.jsonl` only, which no digest covers. */
export function createRecorder(files: FileSystem, options: RecorderOptions): Recorder {
  const at = (path: string): string => join(options.directory, path);
  const logs: Logs = {
    train: createLogFile(files, at(runFiles.trainLog)),
    metrics: createLogFile(files, at(runFiles.metricsLog)),
    trace: createLogFile(files, at(runFiles.traceLog)),
    events: createLogFile(files, at(runFiles.eventsLog)),
  };
  const state: RecordingState = {
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
